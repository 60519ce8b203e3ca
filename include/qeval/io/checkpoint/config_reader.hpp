// A model's configuration, read in one way from both kinds of file: a key is a pair of names, the one in config.json
// and the one in GGUF metadata. What a number means is for the architecture that asks.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/taken_default.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/config_entry.hpp>
#include <qeval/io/checkpoint/text_part.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>

namespace qeval {

// Limits of plausible sizes; every product of two of them fits in 63 bits.
struct config_limits {
    static constexpr index width     = index{1} << 20;
    static constexpr index layers    = 10'000;
    static constexpr index vocab     = index{1} << 24;
    static constexpr index positions = index{1} << 30;
};

// The name of one entry in both kinds of file; an empty name: that kind does not have it.
struct config_key {
    std::string_view hf;        // "hidden_size"
    std::string_view gguf = {}; // "embedding_length", behind "<architecture>."
};

class config_reader {
public:
    // The document comes from parse_json with id "CF01", so that a missing field or a wild size is reported as that.
    // `generation`: generation_config.json, if there is one.
    explicit config_reader(json_document const& document, json_document const* generation = nullptr)
        : json_(document.root()), file_(document.file()) {
        if (generation != nullptr) generation_ = generation->root();
        if (auto const part = find_text_part(*json_)) {
            whole_ = std::exchange(json_, part->config);
            part_  = part->of;
            type_  = part->model_type;
        }
    }
    // `tensors` knows canonical names: some facts of a GGUF are that a tensor is there, or its values.
    config_reader(gguf_metadata const& metadata, tensor_finder tensors)
        : metadata_(&metadata),
          tensors_(std::move(tensors)),
          file_(metadata.file()),
          prefix_(std::string(metadata.at("general.architecture").string()) + ".") {}

    [[nodiscard]] bool               is_gguf() const { return metadata_ != nullptr; }
    [[nodiscard]] std::string const& file() const { return file_; }

    // Where the file says which architecture it holds: model_type, or general.architecture.
    [[nodiscard]] config_entry architecture() const {
        if (!json_) return metadata_->at("general.architecture");
        return whole_ && !json_->find("model_type") ? whole_->at("model_type") : json_->at("model_type");
    }
    [[nodiscard]] std::string architecture_name() const {
        return part_ != nullptr ? type_ : std::string(architecture().text());
    }
    // The class of whose parts one is read here, its text; nullptr where there is no other.
    [[nodiscard]] multipart_class const* part_of() const { return part_; }
    // architectures of config.json, of all parts.
    [[nodiscard]] std::optional<json_value> classes() const {
        auto const& where = whole_ ? whole_ : json_;
        return where ? where->find("architectures") : std::nullopt;
    }
    [[nodiscard]] std::optional<config_entry> find(config_key key) const { // nothing where it is absent or null
        if (json_) {
            auto v = key.hf.empty() ? std::nullopt : json_->find(key.hf);
            // What the class of all parts may say for its text.
            constexpr std::string_view shared[] = {"bos_token_id", "eos_token_id", "quantization_config"};
            if (!v && whole_ && std::ranges::find(shared, key.hf) != std::end(shared)) v = whole_->find(key.hf);
            if (v) return config_entry(*v);
            return std::nullopt;
        }
        if (auto const* v = key.gguf.empty() ? nullptr : metadata_->find(prefix_ + std::string(key.gguf))) return *v;
        return std::nullopt;
    }
    // Whether config.json says that there is none. Where it says nothing, the default of its class holds.
    [[nodiscard]] bool is_null(std::string_view hf) const { return json_ && json_->has(hf) && !json_->find(hf); }
    // An entry of generation_config.json.
    [[nodiscard]] std::optional<config_entry> find_generation(std::string_view hf) const {
        if (auto const v = generation_ ? generation_->find(hf) : std::nullopt) return config_entry(*v);
        return std::nullopt;
    }
    [[nodiscard]] config_entry at(config_key key) const {
        if (json_) return json_->at(key.hf);
        return metadata_->at(prefix_ + std::string(key.gguf));
    }
    [[nodiscard]] index size(config_key key, index most) const { return at(key).integer(1, most); }
    [[nodiscard]] index size(config_key key, index most, index otherwise) const {
        auto const found = find(key);
        return found ? found->integer(1, most) : took(key, otherwise);
    }
    // A number that may be 0.
    [[nodiscard]] index count(config_key key, index most, index otherwise) const {
        auto const found = find(key);
        return found ? found->integer(0, most) : took(key, otherwise);
    }
    // A flag that both kinds of file may state. A flag that is null is not set, whatever its class's default: so None
    // is in Python.
    [[nodiscard]] bool truth(config_key key, bool otherwise = false) const {
        if (is_null(key.hf)) return false;
        auto const found = find(key);
        return found ? found->boolean() : took(key, otherwise);
    }
    // The same for what a GGUF may list for each layer.
    [[nodiscard]] index size_of_layers(config_key key, index most, index layers) const {
        return at(key).integer_of_layers(1, most, layers);
    }
    [[nodiscard]] double number(config_key key, double low, double high, double otherwise) const {
        auto const found = find(key);
        return found ? found->number(low, high) : took(key, otherwise);
    }
    // config.json says it by a flag, a GGUF by having that tensor.
    [[nodiscard]] bool flag(std::string_view hf, std::string_view tensor, bool otherwise = false) const {
        return is_gguf() ? has_tensor(tensor) : truth({hf}, otherwise);
    }
    // The head is the embedding's matrix: config.json says so, a GGUF then has no tensor of that name.
    [[nodiscard]] bool tied(bool otherwise, std::string_view head = "lm_head.weight") const {
        if (is_gguf()) return !has_tensor(head);
        // A text_config that says nothing means its class. Of all parts true counts: false may be their class's
        // default.
        auto const all = whole_ ? whole_->find("tie_word_embeddings") : std::nullopt;
        return flag("tie_word_embeddings", "", otherwise || (all && all->boolean()));
    }
    // Tokens of the longest text that the model is to be used with; 0: what the configuration says. Some models choose
    // their rotation by it.
    void                use_context(index tokens) { context_ = tokens; }
    [[nodiscard]] index context() const { return context_; }
    // A tensor that a GGUF's configuration refers to; nullptr where there is none, and for config.json.
    [[nodiscard]] tensor_view const* tensor(std::string_view name) const { return tensors_ ? tensors_(name) : nullptr; }
    [[nodiscard]] bool               has_tensor(std::string_view name) const { return tensor(name) != nullptr; }
    // Rows of the embedding: in a GGUF the tokens that it lists, whatever number stands beside them, as in llama.cpp.
    [[nodiscard]] index vocabulary() const {
        if (is_gguf()) {
            if (auto const tokens = gguf_tokens(*metadata_)) return index(tokens->size());
        }
        return size({"vocab_size", "vocab_size"}, config_limits::vocab);
    }
    // What a file says and no number depends on is no error, and is not passed over in silence: a sentence for each
    // such thing. Copies of a reader share them.
    void note(std::string what) const {
        if (std::ranges::find(*notes_, what) == notes_->end()) notes_->push_back(std::move(what));
    }
    [[nodiscard]] std::vector<std::string> const& notes() const { return *notes_; }
    // `value`, which stands for an entry that the file does not have: it is in defaults(), each key once, unless this
    // kind of file does not know the key, or says itself that there is none. The functions above that take a default
    // call it; for entries that decide no number there is find(). Copies of a reader share the list.
    template <class T>
    T took(config_key key, T value) const {
        std::string const name = json_ ? std::string(key.hf) : key.gguf.empty() ? "" : prefix_ + std::string(key.gguf);
        if (!name.empty() && !is_null(name) &&
            std::ranges::find(*defaults_, name, &taken_default::key) == defaults_->end())
            defaults_->push_back({name, value});
        return value;
    }
    [[nodiscard]] std::vector<taken_default> const& defaults() const { return *defaults_; }
    // The GGUF's metadata outside of its architecture's part; nullptr for config.json.
    [[nodiscard]] gguf_metadata const* metadata() const { return metadata_; }

private:
    std::optional<json_value> json_, generation_;
    std::optional<json_value> whole_;          // config.json, where json_ is what it says of its text part
    multipart_class const*    part_ = nullptr; // its class
    std::string               type_;           // the class of the part
    gguf_metadata const*      metadata_ = nullptr;
    index                     context_  = 0;
    tensor_finder             tensors_;
    std::string               file_;
    std::string               prefix_;

    std::shared_ptr<std::vector<std::string>>   notes_    = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<std::vector<taken_default>> defaults_ = std::make_shared<std::vector<taken_default>>();
};

} // namespace qeval
