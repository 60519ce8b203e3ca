// model_config from a Hugging Face config.json. What would change the computation and is not understood is refused.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/model_config.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

class hf_config_reader {
public:
    explicit hf_config_reader(json_document const& document) : root_(document.root()), file_(document.file()) {}

    [[nodiscard]] model_config read() {
        using limit = config_limits;
        model_config c;
        c.architecture        = architecture();
        c.hidden_size         = size("hidden_size", limit::width);
        c.intermediate_size   = size("intermediate_size", limit::width);
        c.num_hidden_layers   = size("num_hidden_layers", limit::layers);
        c.num_attention_heads = size("num_attention_heads", limit::width);
        c.num_key_value_heads = root_.find("num_key_value_heads") ? size("num_key_value_heads", c.num_attention_heads)
                                                                  : c.num_attention_heads;
        c.head_dim            = head_dim(c);
        c.vocab_size          = size("vocab_size", limit::vocab);
        c.max_position_embeddings = size("max_position_embeddings", limit::positions);
        c.rms_norm_eps            = number("rms_norm_eps", 1e-6, 1e-20, 1);
        c.tie_word_embeddings     = flag("tie_word_embeddings");
        c.attention_bias          = flag("attention_bias");
        c.mlp_bias                = flag("mlp_bias");
        c.hidden_act              = activation();
        for (char const* key : {"torch_dtype", "dtype"}) {
            if (auto const dtype = root_.find(key)) c.torch_dtype = dtype->string();
        }
        rope(c);
        sliding_window(c);
        tokens(c);
        if (auto const q = root_.find("quantization_config")) c.quantization = quantization(*q, c);
        check_relations(c, file_);
        return c;
    }

private:
    std::string architecture() const {
        std::string names;
        for (auto const& a : known_architectures) names += (names.empty() ? "" : ", ") + std::string(a.model_type);
        auto const type = root_.at("model_type");
        for (auto const& a : known_architectures) {
            if (type.string() != a.model_type) continue;
            if (auto const classes = root_.find("architectures"); classes && classes->size() > 0) {
                if ((*classes)[0].string() != a.hf_class) (*classes)[0].fail(std::string(a.hf_class), "", "CF05");
            }
            return std::string(a.hf_class);
        }
        type.fail("an architecture read here: " + names, "", "CF05");
    }
    index  size(char const* key, index most) const { return root_.at(key).integer(1, most); }
    double number(char const* key, double fallback, double low, double high) const {
        auto const value = root_.find(key);
        return value ? value->number(low, high) : fallback;
    }
    bool flag(char const* key) const {
        auto const value = root_.find(key);
        return value && value->boolean();
    }
    index head_dim(model_config const& c) const {
        if (root_.find("head_dim")) return size("head_dim", config_limits::width);
        if (c.hidden_size % c.num_attention_heads != 0) {
            root_.at("num_attention_heads").fail("a divisor of hidden_size " + std::to_string(c.hidden_size));
        }
        return c.hidden_size / c.num_attention_heads;
    }
    std::string activation() const {
        auto const value = root_.at("hidden_act");
        if (value.string() != "silu") value.fail("silu, the only activation of this architecture", "", "CF06");
        return value.string();
    }
    void rope(model_config& c) const {
        c.rope_theta = number("rope_theta", 10000, 1, 1e15);
        if (auto const part = root_.find("partial_rotary_factor"); part && part->number(0, 1) != 1) {
            part->fail("1, every dimension rotated", "", "CF07");
        }
        for (char const* key : {"rope_scaling", "rope_parameters"}) { // the second is the name since transformers 5
            auto const scaling = root_.find(key);
            if (!scaling) continue;
            if (auto const theta = scaling->find("rope_theta")) c.rope_theta = theta->number(1, 1e15);
            auto kind = scaling->find("rope_type");
            if (!kind) kind = scaling->find("type");
            if (!kind || kind->string() == "default") continue;
            if (kind->string() != "linear") kind->fail("default or linear", "", "CF07");
            c.rope_factor = scaling->at("factor").number(1e-6, 1e6);
        }
    }
    void sliding_window(model_config& c) const {
        if (auto const used = root_.find("use_sliding_window"); used && !used->boolean()) return;
        if (root_.find("sliding_window")) c.sliding_window = size("sliding_window", config_limits::positions);
    }
    void tokens(model_config& c) const {
        constexpr auto most = config_limits::vocab;
        if (auto const id = root_.find("bos_token_id")) c.bos_token_id = id->integer(0, most);
        auto const eos = root_.find("eos_token_id");
        if (!eos) return;
        if (eos->is_array())
            eos->for_each_element([&](std::size_t, json_value id) { c.eos_token_ids.push_back(id.integer(0, most)); });
        else
            c.eos_token_ids.push_back(eos->integer(0, most));
    }
    static stored_quantization quantization(json_value q, model_config const& c) {
        stored_quantization out;
        auto const          method = q.at("quant_method");
        out.method                 = method.string();
        if (out.method == "gptq" || out.method == "awq") {
            auto const bits = q.at("bits");
            out.bits        = bits.integer(1, 64);
            bool const good =
                *out.bits == 4 || (out.method == "gptq" && (*out.bits == 2 || *out.bits == 3 || *out.bits == 8));
            if (!good) bits.fail(out.method == "awq" ? "4" : "2, 3, 4 or 8", "", "CF03");
            auto const group = q.at("group_size");
            out.group_size   = group.integer(-1, config_limits::width);
            if (*out.group_size == 0 || (*out.group_size > 0 && c.hidden_size % *out.group_size != 0)) {
                group.fail("-1, or a divisor of hidden_size " + std::to_string(c.hidden_size), "", "CF04");
            }
        } else if (out.method == "bitsandbytes") {
            bool const four  = q.find("load_in_4bit") && q.at("load_in_4bit").boolean();
            bool const eight = q.find("load_in_8bit") && q.at("load_in_8bit").boolean();
            if (four == eight)
                q.refuse(four ? "4 and 8 bits" : "neither 4 nor 8 bits", "load_in_4bit or load_in_8bit", "", "CF03");
            out.bits = four ? 4 : 8;
        } else if (out.method != "compressed-tensors" && out.method != "qeval") {
            method.fail("gptq, awq, bitsandbytes, compressed-tensors or qeval", "", "CF03");
        }
        return out;
    }

    json_value  root_;
    std::string file_;
};

// `document` comes from parse_json with id "CF01", so that a missing field or a wild size is reported as that.
[[nodiscard]] inline model_config parse_hf_config(json_document const& document) {
    return hf_config_reader(document).read();
}

} // namespace qeval
