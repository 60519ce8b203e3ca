// model_config from GGUF metadata and the tensors beside it (a tied head is an absent output tensor).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/model_config.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/io/tokenizer/gguf_vocabulary.hpp>

namespace qeval {

// The source has canonical names.
template <tensor_source Source>
class gguf_config_reader {
public:
    gguf_config_reader(gguf_metadata const& metadata, Source const& source) : metadata_(metadata), source_(source) {}

    [[nodiscard]] model_config read() {
        using limit = config_limits;
        model_config c;
        c.architecture        = architecture();
        prefix_               = std::string(metadata_.at("general.architecture").string()) + ".";
        c.rope                = rope_order::adjacent_pairs;
        c.hidden_size         = size("embedding_length", limit::width);
        c.intermediate_size   = size("feed_forward_length", limit::width);
        c.num_hidden_layers   = size("block_count", limit::layers);
        c.num_attention_heads = size("attention.head_count", limit::width);
        c.num_key_value_heads = find("attention.head_count_kv") ? size("attention.head_count_kv", c.num_attention_heads)
                                                                : c.num_attention_heads;
        c.head_dim            = head_dim(c);
        c.max_position_embeddings = size("context_length", limit::positions);
        c.rms_norm_eps            = number("attention.layer_norm_rms_epsilon", 1e-20, 1);
        if (find("rope.freq_base")) c.rope_theta = number("rope.freq_base", 1, 1e15);
        if (find("attention.sliding_window")) c.sliding_window = size("attention.sliding_window", limit::positions);
        if (auto const* experts = find("expert_count"); experts && experts->integer(0, limit::width) != 0) {
            experts->refuse("a mixture of experts", "an expert count of 0", "CF05");
        }
        rope(c);
        vocabulary(c);
        c.tie_word_embeddings = source_.find("lm_head.weight") == nullptr;
        c.attention_bias      = source_.find("model.layers.0.self_attn.q_proj.bias") != nullptr;
        c.mlp_bias            = source_.find("model.layers.0.mlp.up_proj.bias") != nullptr;
        check_relations(c, metadata_.file());
        return c;
    }

private:
    std::string architecture() const {
        auto const& value = metadata_.at("general.architecture");
        std::string names;
        for (auto const& a : known_architectures) {
            if (a.gguf.empty()) continue;
            if (value.string() == a.gguf) return std::string(a.hf_class);
            names += (names.empty() ? "" : ", ") + std::string(a.gguf);
        }
        value.refuse(qeval::quoted(value.string()), "an architecture read here: " + names, "CF05");
    }
    gguf_value const* find(std::string_view key) const { return metadata_.find(prefix_ + std::string(key)); }

    index size(std::string_view key, index most) const {
        return metadata_.at(prefix_ + std::string(key)).integer(1, most, "CF01");
    }
    double number(std::string_view key, double low, double high) const {
        return metadata_.at(prefix_ + std::string(key)).number(low, high, "CF01");
    }
    index head_dim(model_config const& c) const {
        if (find("attention.key_length")) {
            index const key = size("attention.key_length", config_limits::width);
            if (auto const* value = find("attention.value_length");
                value && value->integer(1, config_limits::width) != key) {
                value->refuse("a size other than that of keys", std::to_string(key), "CF01");
            }
            return key;
        }
        if (c.hidden_size % c.num_attention_heads != 0) {
            find("attention.head_count")
                ->refuse(std::to_string(c.num_attention_heads), "a divisor of " + std::to_string(c.hidden_size),
                         "CF01");
        }
        return c.hidden_size / c.num_attention_heads;
    }
    void rope(model_config& c) const {
        if (auto const* dims = find("rope.dimension_count");
            dims && dims->integer(0, config_limits::width) != c.head_dim) {
            dims->refuse(std::to_string(dims->integer(0, config_limits::width)),
                         std::to_string(c.head_dim) + ", every dimension rotated", "CF07");
        }
        if (source_.find("rope_freqs.weight") != nullptr) {
            throw file_error{{"CF07", metadata_.file() + ", tensor \"rope_freqs.weight\"", "frequency factors",
                              "rotary frequencies without factors", ""}};
        }
        std::string_view kind = "none";
        if (auto const* type = find("rope.scaling.type")) kind = type->string();
        if (kind != "none" && kind != "linear") {
            find("rope.scaling.type")->refuse(qeval::quoted(kind), "none or linear", "CF07");
        }
        if (kind == "linear")
            c.rope_factor = number("rope.scaling.factor", 1e-6, 1e6);
        else if (find("rope.scale_linear"))
            c.rope_factor = number("rope.scale_linear", 1e-6, 1e6);
    }
    void vocabulary(model_config& c) const {
        auto const words = read_gguf_vocabulary(metadata_);
        if (find("vocab_size"))
            c.vocab_size = size("vocab_size", config_limits::vocab);
        else if (words)
            c.vocab_size = index(words->tokens.size());
        else
            c.vocab_size = size("vocab_size", config_limits::vocab); // says that it is missing
        if (!words) return;
        c.bos_token_id = words->bos;
        if (words->eos) c.eos_token_ids.push_back(*words->eos);
    }

    gguf_metadata const& metadata_;
    Source const&        source_;
    std::string          prefix_;
};

template <tensor_source Source>
[[nodiscard]] model_config parse_gguf_config(gguf_metadata const& metadata, Source const& source) {
    return gguf_config_reader<Source>(metadata, source).read();
}

} // namespace qeval
