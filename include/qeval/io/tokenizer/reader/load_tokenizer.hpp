// The tokenizer that a path names: a model directory, tokenizer.json, tekken.json, a GGUF file, a SentencePiece,
// tiktoken or llama2.c file.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf_shards.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/llama2c_tokenizer.hpp>
#include <qeval/io/tokenizer/reader/sentencepiece_model.hpp>
#include <qeval/io/tokenizer/reader/tekken.hpp>
#include <qeval/io/tokenizer/reader/tiktoken.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_directory.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_gguf.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json.hpp>
#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

class tokenizer_loader {
public:
    [[nodiscard]] static tokenizer load(std::filesystem::path const& path) {
        if (std::filesystem::is_directory(path)) return tokenizer(directory(path));
        auto const extension = path.extension();
        if (extension == ".gguf") return read_gguf_tokenizer(read_model_metadata(path));
        if (extension == ".model" || extension == ".tiktoken") return tokenizer(pieces_or_ranks(path));
        tokenizer_parts parts = extension == ".json" ? components_or_ranks(json_of(path))
                                : extension == ".bin"
                                    ? read_llama2c_tokenizer(whole(path), display_name(path))
                                    : refuse(display_name(path), "the extension " + qeval::quoted(extension.string()),
                                             ".json, .gguf, .model, .tiktoken or .bin");
        if (extension == ".json") name_specials(parts);
        return tokenizer(std::move(parts));
    }

private:
    static constexpr std::uint64_t max_file_bytes = std::uint64_t{256} << 20;

    static std::string whole(std::filesystem::path const& path) {
        mapped_file const file(path);
        refuse_lfs_pointer(file);
        if (file.size() > max_file_bytes) {
            refuse(file.name(), std::to_string(file.size()) + " bytes", "at most " + std::to_string(max_file_bytes));
        }
        return file.read_text(0, file.size());
    }
    static tokenizer_parts refuse(std::string place, std::string found, std::string expected, std::string likely = {}) {
        throw file_error{{"TK10", std::move(place), std::move(found), std::move(expected), std::move(likely)}};
    }
    static json_document json_of(std::filesystem::path const& path) {
        return parse_json(whole(path), display_name(path), tokenizer_json_limits());
    }

    static tokenizer_parts directory(std::filesystem::path const& path) {
        auto const has        = [&](char const* name) { return std::filesystem::exists(path / name); };
        auto       parts      = tokenizer_parts();
        auto       document   = std::optional<json_document>();
        bool const whole_file = has("tokenizer.json");
        auto const one        = first_of(path);
        if (whole_file) {
            document = json_of(path / "tokenizer.json");
            parts    = components_or_ranks(*document);
        } else if (!one.empty()) {
            parts = one.extension() == ".json" ? components_or_ranks(json_of(one)) : pieces_or_ranks(one);
        } else if (has("vocab.json") && has("merges.txt")) {
            parts = vocab_and_merges(path);
        } else {
            refuse(display_name(path), "no tokenizer.json, tokenizer.model, or vocab.json with merges.txt",
                   "one of them", "a directory of weights alone; name a tokenizer with --tokenizer");
        }
        auto const read = [&](char const* name) {
            return has(name) ? std::optional(json_of(path / name)) : std::nullopt;
        };
        tokenizer_side_files const files{read("tokenizer_config.json"), read("special_tokens_map.json"),
                                         read("added_tokens.json"), read("config.json")};
        tokenizer_directory_reader reader(parts, whole_file);
        if (document) reader.read_leading_space(*document, files);
        reader.read_tokens(files);
        if (files.model) {
            id_from(*files.model, "bos_token_id", parts.bos, parts);
            id_from(*files.model, "eos_token_id", parts.eos, parts);
        }
        name_specials(parts);
        reader.read_template(files);
        return parts;
    }
    // A file of pieces or of ranks, by the names that publishers give it.
    static std::filesystem::path first_of(std::filesystem::path const& path) {
        for (char const* const name : {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
                                       "sentencepiece.model", "qwen.tiktoken", "tiktoken.model", "tekken.json"})
            if (std::filesystem::exists(path / name)) return path / name;
        return {};
    }
    // tokenizer.json, or what Mistral calls tekken.json.
    static tokenizer_parts components_or_ranks(json_document const& document) {
        return is_tekken(document) ? tekken_reader(document).read() : tokenizer_json_reader(document).read();
    }
    // Extensions do not tell: Llama 3's ranks are in a .model.
    static tokenizer_parts pieces_or_ranks(std::filesystem::path const& path) {
        std::string const text = whole(path);
        return is_tiktoken(text) ? read_tiktoken(text, display_name(path))
                                 : read_sentencepiece_model(text, display_name(path));
    }

    // GPT-2's two files.
    static tokenizer_parts vocab_and_merges(std::filesystem::path const& path) {
        auto const      words = json_of(path / "vocab.json");
        tokenizer_parts parts;
        parts.words = vocabulary(words.file());
        words.root().for_each_member([&](std::string const& piece, json_value id) {
            if (!id.is_integer()) id.fail("an integer", "", "TK04");
            parts.words.add(id.integer(-1, std::int64_t{1} << 40), piece, piece_kind::normal);
        });
        parts.words.check_density();
        std::string const            text = whole(path / "merges.txt");
        std::string const            file = display_name(path / "merges.txt");
        std::vector<bpe::merge_pair> merges;
        std::size_t                  line = 0;
        for (std::string_view rest = text; !rest.empty();) {
            auto const end = rest.find('\n');
            auto       one = rest.substr(0, end);
            rest           = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            if (!one.empty() && one.back() == '\r') one.remove_suffix(1);
            if (line++ == 0 && one.substr(0, 8) == "#version") continue;
            if (one.empty() && rest.empty()) break;
            auto const space = one.find(' ');
            if (space == std::string_view::npos || one.find(' ', space + 1) != std::string_view::npos) {
                throw file_error{{"TK03", file + ", line " + std::to_string(line), qeval::quoted(one),
                                  "two pieces with one space between", ""}};
            }
            merges.emplace_back(one.substr(0, space), one.substr(space + 1));
        }
        parts.model_pieces = parts.words.count();
        bpe::options options;
        options.byte_level = true;
        parts.model        = bpe(parts.words, merges, options);
        parts.pretokenize.steps.push_back(
            split_step{std::make_shared<regex const>(gpt2_pattern, file, regex_syntax::oniguruma)});
        parts.decoder.steps.push_back(byte_letters_decoder{});
        if (auto const end = parts.words.find("<|endoftext|>")) { // GPT-2 knows one special token, for both ends
            parts.words.set_kind(*end, piece_kind::control);
            parts.added.push_back({"<|endoftext|>", *end, true});
        }
        return parts;
    }

    static void id_from(json_document const& config, char const* key, token& id, tokenizer_parts const& parts) {
        auto const value = config.find(key);
        if (!value || id >= 0) return;
        auto const one = value->is_array() && value->size() > 0 ? (*value)[0] : *value;
        if (!one.is_integer()) return;
        auto const number =
            one.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
        if (number >= 0 && number < static_cast<std::int64_t>(parts.words.size())) id = static_cast<token>(number);
    }
    // Where no file says which tokens begin and end a text: the names that the families in use have given them.
    static void name_specials(tokenizer_parts& parts) {
        auto const first_of = [&](std::span<std::string_view const> names) -> token {
            for (auto const name : names) {
                auto const id = parts.words.find(name);
                if (id && parts.words.kind(*id) != piece_kind::normal) return *id;
            }
            return -1;
        };
        constexpr std::array<std::string_view, 5> begins{"<s>", "<|begin_of_text|>", "<bos>",
                                                         "<\xef\xbd\x9c"
                                                         "begin\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>",
                                                         "<|endoftext|>"};
        constexpr std::array<std::string_view, 5> ends{"</s>", "<|end_of_text|>", "<eos>",
                                                       "<\xef\xbd\x9c"
                                                       "end\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>",
                                                       "<|endoftext|>"};
        if (parts.bos < 0) parts.bos = first_of(begins);
        if (parts.eos < 0) parts.eos = first_of(ends);
    }
};

[[nodiscard]] inline tokenizer load_tokenizer(std::filesystem::path const& path) {
    return tokenizer_loader::load(path);
}

} // namespace qeval
