// A Hugging Face directory of a model that is a GGUF file: config.json from its metadata, and rows of q and k in the
// order in which they rotate there. Its tokenizer stays in the GGUF.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

// The classes whose weights a GGUF has as the directory has them, but for the order of rows. The word is both the
// GGUF's architecture and the directory's model_type.
struct directory_class {
    std::string_view word, hf_class;
    bool             pairs = false; // rows of q and k are put in the order of adjacent pairs in the GGUF
};
inline constexpr directory_class directory_classes[] = {
    {"llama", "LlamaForCausalLM", true}, {"qwen2", "Qwen2ForCausalLM"}, {"qwen3", "Qwen3ForCausalLM"}};

class directory_from_gguf {
public:
    // usage_error CL02 where the model is none of these classes, or says what config.json has no place for here.
    directory_from_gguf(quantization const& q, std::string_view format) : q_(&q), format_(format) {
        auto const  architecture = text("general.architecture");
        auto const* known        = std::ranges::find(directory_classes, architecture, &directory_class::word);
        if (known == std::end(directory_classes)) {
            std::string words;
            for (auto const& c : directory_classes) words.append(words.empty() ? "" : ", ").append(c.word);
            refuse("a GGUF of architecture " + qeval::quoted(architecture),
                   "a Hugging Face directory, or a GGUF of " + words);
        }
        class_           = known;
        auto const rule  = text(architecture + ".rope.scaling.type");
        bool const plain = rule.empty() || rule == "none";
        if (!plain || q.source.find("rope_freqs.weight") != nullptr)
            refuse("positions that are stretched", "a model without, or its Hugging Face directory");
        for (auto const& s : q.description.matrices) {
            if (s.member >= 0) refuse("a mixture of experts", "a dense model, or its Hugging Face directory");
        }
    }
    [[nodiscard]] json config() const {
        auto const& d    = q_->description;
        auto const  rows = [&](tensor_role role) {
            auto const at = std::ranges::find(d.matrices, role, &tensor_slot::role);
            return at == d.matrices.end() ? index{0} : at->rows;
        };
        std::string const of(class_->word);
        json              c{{"architectures", json::array({class_->hf_class})},
               {"model_type", class_->word},
               {"vocab_size", d.vocab_size},
               {"hidden_size", d.width()},
               {"intermediate_size", rows(tensor_role::mlp_up)},
               {"num_hidden_layers", d.cache.layers},
               {"num_attention_heads", d.cache.kv_heads * d.sharing},
               {"num_key_value_heads", d.cache.kv_heads},
               {"head_dim", d.cache.head_size},
               {"hidden_act", "silu"},
               {"max_position_embeddings", integer(of + ".context_length")},
               {"rms_norm_eps", number(of + ".attention.layer_norm_rms_epsilon", 1e-6f)},
               {"rope_theta", number(of + ".rope.freq_base", 10000)},
               {"tie_word_embeddings", d.tied()},
               {"attention_bias", q_->source.find("model.layers.0.self_attn.q_proj.bias") != nullptr},
               {"torch_dtype", "float16"}};
        for (auto const* id : {"bos", "eos"}) {
            auto const key = "tokenizer.ggml." + std::string(id) + "_token_id";
            if (q_->file.metadata()->find(key) != nullptr) c[std::string(id) + "_token_id"] = integer(key);
        }
        return c;
    }
    // Which row of the GGUF each row of the directory is: rows r and r + half of a head rotate together there, and are
    // neighbours in the GGUF. Nothing: the same one.
    [[nodiscard]] std::vector<index> order_of(std::string_view name, index rows) const {
        auto const& d     = q_->description;
        auto const  has   = [&](std::string_view part) { return name.find(part) != name.npos; };
        index const heads = has(".q_proj.") ? d.cache.kv_heads * d.sharing : has(".k_proj.") ? d.cache.kv_heads : 0;
        if (!class_->pairs || heads == 0) return {};
        index const        size = rows / heads, half = size / 2;
        std::vector<index> from(static_cast<std::size_t>(rows));
        for (index r = 0; r < rows; ++r) {
            index const in_head               = r % size;
            from[static_cast<std::size_t>(r)] = r - in_head + in_head % half * 2 + in_head / half;
        }
        return from;
    }
    // A tensor with its rows, or its numbers, in that order.
    [[nodiscard]] tensor_view ordered(tensor_view t) const {
        auto const order = order_of(t.name, t.shape.front());
        if (order.empty()) return t;
        auto const size = t.bytes.size() / order.size();
        auto const made = std::make_shared<std::vector<std::byte>>(t.bytes.size());
        for (std::size_t r = 0; r < order.size(); ++r)
            std::memcpy(made->data() + r * size, t.bytes.data() + static_cast<std::size_t>(order[r]) * size, size);
        t.bytes  = *made;
        t.memory = made;
        return t;
    }

private:
    [[noreturn]] void refuse(std::string found, std::string expected) const {
        throw usage_error{
            {"CL02", "--output-format " + std::string(format_), std::move(found), std::move(expected), ""}};
    }
    [[nodiscard]] std::string text(std::string const& key) const {
        auto const* v = q_->file.metadata()->find(key);
        return v == nullptr ? std::string() : std::string(v->string());
    }
    [[nodiscard]] json integer(std::string const& key) const {
        return q_->file.metadata()->at(key).integer(-(std::int64_t{1} << 40), std::int64_t{1} << 40);
    }
    // With as few digits as a float of 32 bits needs.
    [[nodiscard]] json number(std::string const& key, float otherwise) const {
        auto const* v = q_->file.metadata()->find(key);
        float const x = v == nullptr ? otherwise : static_cast<float>(v->number(-1e30, 1e30));
        char        digits[32];
        auto const  end = std::to_chars(digits, digits + sizeof digits, x).ptr;
        return *json_of(std::string_view(digits, static_cast<std::size_t>(end - digits)));
    }

    quantization const*    q_;
    std::string_view       format_;
    directory_class const* class_ = nullptr;
};

} // namespace qeval
