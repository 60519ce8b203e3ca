// The tokenizer of a Hugging Face directory as llama.cpp's converter writes it into a GGUF. Origin:
// get_vocab_base and _set_vocab_gpt2 in conversion/base.py, llama.cpp of 2026-10.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>
#include <qeval/io/tokenizer/rule/named_pretokenizers.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_pieces.hpp>
#include <qeval/scheme/output/gguf_special_tokens.hpp>

namespace qeval {

// A JSON file that was checked when the model was opened; null where there is none.
[[nodiscard]] inline json json_in(std::filesystem::path const& file) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) return {};
    mapped_file const f(file);
    return json_of(f.read_text(0, f.size())).value_or(json());
}

class gguf_words {
public:
    // `folder`: of the tokenizer's files; `size`: of the model's vocabulary.
    gguf_words(std::filesystem::path folder, gguf_class const& of, std::size_t size, json const& model)
        : folder_(std::move(folder)), class_(of), size_(size), model_(model) {}

    // `words` is called where there is a tokenizer. usage_error CL02 where it is of a kind that is not written.
    template <class Words>
    void add_to(gguf_entries& to, Words const& words) const {
        json const file = json_in(folder_ / "tokenizer.json"), config = json_in(folder_ / "tokenizer_config.json");
        if (file.is_null() && !has("tokenizer.model") && !has("vocab.json") && !has("tekken.json")) {
            to.add("tokenizer.ggml.model", std::string_view("none"));
            if (!class_.writes("vocab_size"))
                to.add(std::string(class_.architecture) + ".vocab_size", static_cast<std::uint32_t>(size_));
            return;
        }
        if (class_.words == gguf_tokenizers::spaced_pieces && config.is_object() &&
            config.contains("add_prefix_space") && config["add_prefix_space"].is_boolean())
            to.add("tokenizer.ggml.add_space_prefix", config["add_prefix_space"].get<bool>());
        if (class_.words != gguf_tokenizers::byte_level && has("tokenizer.model"))
            add_pieces(to, config);
        else
            add_byte_level(to, file, words);
        gguf_special_tokens specials(file, config, model_);
        // Of Granite's small models, says the converter; others have as many tokens.
        bool const no_bos = class_.words == gguf_tokenizers::spaced_pieces && size_ == 49152;
        bool const known  = no_bos && specials.without_bos();
        specials.add_to(to);
        if (auto const chat = chat_template(config); !chat.empty())
            to.add("tokenizer.chat_template", std::string_view(chat));
        if (no_bos && !known) to.add("tokenizer.ggml.add_bos_token", false);
    }
    // Whether the words are those of a tokenizer.model.
    [[nodiscard]] bool are_pieces() const {
        return class_.words != gguf_tokenizers::byte_level && has("tokenizer.model");
    }

private:
    void add_pieces(gguf_entries& to, json const& config) const {
        auto pieces = gguf_pieces::of(folder_ / "tokenizer.model", size_);
        if (!pieces) refuse("a tokenizer.model of unigrams", "");
        if (class_.architecture == "llama" && size_ == 32016)
            refuse("a vocabulary of CodeLlama", "it has tokens for the middle of a text that are not written here");
        pieces->add(json_in(folder_ / "added_tokens.json"), config);
        to.add("tokenizer.ggml.model", std::string_view("llama"));
        to.add("tokenizer.ggml.pre", std::string_view("default"));
        pieces->add_to(to);
    }
    template <class Words>
    void add_byte_level(gguf_entries& to, json const& file, Words const& words) const {
        auto const model = file.is_object() ? file.value("model", json::object()) : json::object();
        if (has("tokenizer.model") || model.value("type", std::string()) != "BPE" ||
            model.value("byte_fallback", false))
            refuse("a tokenizer that is no byte-level BPE of a tokenizer.json", "");
        tokenizer const& t = words();
        to.add("tokenizer.ggml.model", std::string_view("gpt2"));
        to.add("tokenizer.ggml.pre", pretokenizer(t, file));
        add_tokens(to, t);
        auto const merges = merges_of(model);
        if (!merges.empty()) to.add("tokenizer.ggml.merges", std::span<std::string const>(merges));
    }
    [[nodiscard]] bool has(char const* name) const {
        std::error_code ignored;
        return std::filesystem::is_regular_file(folder_ / name, ignored);
    }
    [[noreturn]] void refuse(std::string found, std::string likely) const {
        throw usage_error{{"CL02", "--output-format gguf, " + display_name(folder_), std::move(found),
                           "a byte-level BPE whose pre-tokenizer llama.cpp has a name for",
                           likely.empty() ? "llama.cpp's convert_hf_to_gguf.py may know it" : std::move(likely)}};
    }
    [[nodiscard]] std::string_view pretokenizer(tokenizer const& t, json const& file) const {
        std::vector<token> ids(t.before().begin(), t.before().end());
        auto const         found = t.encode_with_specials(pretokenizer_probe);
        ids.insert(ids.end(), found.begin(), found.end());
        ids.insert(ids.end(), t.after().begin(), t.after().end());
        if (auto const name = pretokenizer_named(ids); !name.empty()) return name;
        // A vocabulary of its own whose words are GPT-2's: the converter would have to be told.
        auto const pre = file.value("pre_tokenizer", json());
        if (pre.is_object() && pre.value("type", std::string()) == "ByteLevel" && pre.value("use_regex", true) &&
            !pre.value("add_prefix_space", true))
            return "gpt-2";
        refuse("a pre-tokenizer without a name", "a vocabulary that the converter was never told of");
    }
    void add_tokens(gguf_entries& to, tokenizer const& t) const {
        auto const&               words = t.parts().words;
        std::vector<std::string>  texts(size_);
        std::vector<std::int32_t> types(size_, static_cast<std::int32_t>(gguf_token_type::normal));
        if (words.size() > size_) refuse(std::to_string(words.size()) + " tokens", "at most as many as the model has");
        for (std::size_t i = 0; i < size_; ++i) {
            bool const there = i < words.size() && words.kind(static_cast<token>(i)) != piece_kind::none;
            texts[i]         = there ? words.piece(static_cast<token>(i)) : "[PAD" + std::to_string(i) + "]";
            if (!there) types[i] = static_cast<std::int32_t>(gguf_token_type::unused);
        }
        for (auto const& a : t.parts().added) {
            auto const at      = static_cast<std::size_t>(a.id);
            bool const control = a.special || looks_special(a.content);
            types[at] = static_cast<std::int32_t>(control ? gguf_token_type::control : gguf_token_type::user_defined);
            if (!control) texts[at] = with_spaces(std::move(texts[at]));
        }
        to.add("tokenizer.ggml.tokens", std::span<std::string const>(texts));
        to.add("tokenizer.ggml.token_type", std::span<std::int32_t const>(types));
    }
    // "left right"; a space within a part is written as the byte alphabet has it.
    static std::vector<std::string> merges_of(json const& model) {
        std::vector<std::string> all;
        for (auto const& m : model.value("merges", json::array())) {
            if (m.is_string()) {
                all.push_back(m.get<std::string>());
                continue;
            }
            std::string one;
            for (auto const& part : m) {
                if (!one.empty()) one += ' ';
                for (char const c : part.get<std::string>())
                    one += c == ' ' ? std::string("\u0120") : std::string(1, c);
            }
            all.push_back(std::move(one));
        }
        return all;
    }
    [[nodiscard]] std::string chat_template(json const& config) const {
        if (config.is_object() && config.contains("chat_template") && config["chat_template"].is_string())
            return config["chat_template"].get<std::string>();
        if (config.is_object() && config.contains("chat_template") && config["chat_template"].is_array())
            refuse("several chat templates", "a model with one for each use: name one in tokenizer_config.json");
        if (!config.is_object()) return {};
        if (has("chat_template.jinja")) {
            mapped_file const f(folder_ / "chat_template.jinja");
            return std::string(f.read_text(0, f.size()));
        }
        json const other = json_in(folder_ / "chat_template.json");
        return other.is_object() ? other.value("chat_template", std::string()) : std::string();
    }

    std::filesystem::path folder_;
    gguf_class const&     class_;
    std::size_t           size_;
    json const&           model_;
};

} // namespace qeval
