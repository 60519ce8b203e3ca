// What the configurations of many architectures have in common, each value read by one rule from both kinds of file.
// What would change the computation and is not understood is refused.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

struct decoder_sizes {
    index width     = 0; // of hidden states
    index inner     = 0; // of the feed-forward block
    index layers    = 0;
    index vocab     = 0;
    index positions = 0; // context length
};
// What config.json calls the sizes.
struct size_names {
    std::string_view width = "hidden_size", inner = "intermediate_size", layers = "num_hidden_layers",
                     heads = "num_attention_heads", kv_heads = "num_key_value_heads",
                     positions = "max_position_embeddings";
};
// Sizes of the model that a class was made for. A text_config leaves them out, as transformers stores parts.
struct default_sizes {
    index width = 0, inner = 0, layers = 0, heads = 0, vocab = 0;
};
// What transformers' class of a configuration takes where config.json says nothing; 0: config.json must say it. A GGUF
// has no such defaults.
struct class_defaults {
    index context   = 0;
    index kv_heads  = 0; // 0: as many as heads
    index head_size = 0; // 0: the width by the heads
    index widths    = 0; // so many are `inner`, whatever sizes.inner is

    size_names    names = {};
    default_sizes sizes = {};
};
// A size of config.json, or that default, which is noted.
[[nodiscard]] inline index size_or_default(config_reader const& r, std::string_view hf, index most, index otherwise) {
    if (auto const found = r.find({hf})) return found->integer(1, most);
    r.note(r.file() + " has no " + std::string(hf) + ": " + std::to_string(otherwise) + ", the default of its class");
    return r.took({hf}, otherwise);
}
// Whether config.json says nothing where its class has that default.
[[nodiscard]] inline bool is_default(config_reader const& r, std::string_view hf, index otherwise) {
    return otherwise > 0 && !r.is_gguf() && !r.is_null(hf) && !r.find({hf});
}
// A size that both kinds of file state.
[[nodiscard]] inline index read_size(config_reader const& r, config_key key, index most, index otherwise) {
    return is_default(r, key.hf, otherwise) ? size_or_default(r, key.hf, most, otherwise) : r.size(key, most);
}
[[nodiscard]] inline index read_layers(config_reader const& r, class_defaults const& otherwise) {
    return read_size(r, {otherwise.names.layers, "block_count"}, config_limits::layers, otherwise.sizes.layers);
}
[[nodiscard]] inline decoder_sizes read_sizes(config_reader const& r, class_defaults otherwise = {}) {
    using limit = config_limits;
    decoder_sizes s;
    s.width  = read_size(r, {otherwise.names.width, "embedding_length"}, limit::width, otherwise.sizes.width);
    s.layers = read_layers(r, otherwise);
    config_key const inner{otherwise.names.inner, "feed_forward_length"};
    if (otherwise.widths > 0 && !r.is_gguf() && !r.find(inner)) // absent or null
        s.inner = r.took(inner, otherwise.widths * s.width);
    else if (is_default(r, inner.hf, otherwise.sizes.inner))
        s.inner = size_or_default(r, inner.hf, limit::width, otherwise.sizes.inner);
    else
        s.inner = r.size_of_layers(inner, limit::width, s.layers);
    config_key const vocab{"vocab_size", "vocab_size"}; // a GGUF without it has as many as its tokens
    s.vocab = r.is_gguf() ? r.vocabulary() : read_size(r, vocab, limit::vocab, otherwise.sizes.vocab);
    config_key const context{otherwise.names.positions, "context_length"};
    bool const       null = r.is_null(context.hf) && otherwise.context > 0; // most classes never compute with it
    s.positions           = null ? size_or_default(r, context.hf, limit::positions, otherwise.context)
                                 : read_size(r, context, limit::positions, otherwise.context);
    return s;
}

// Heads and their size, without a window.
[[nodiscard]] inline attention_shape read_heads(config_reader const& r, index width, class_defaults otherwise = {}) {
    config_key const heads{otherwise.names.heads, "attention.head_count"};
    config_key const key_heads{otherwise.names.kv_heads, "attention.head_count_kv"};
    index const      layers = read_layers(r, otherwise);
    attention_shape  shape;
    shape.heads = r.is_gguf() ? r.size_of_layers(heads, config_limits::width, layers)
                              : read_size(r, heads, config_limits::width, otherwise.sizes.heads);
    if (r.find(key_heads)) {
        shape.kv_heads = r.size_of_layers(key_heads, shape.heads, layers);
    } else {
        shape.kv_heads = is_default(r, key_heads.hf, otherwise.kv_heads)
                             ? size_or_default(r, key_heads.hf, shape.heads, otherwise.kv_heads)
                             : r.took(key_heads, shape.heads);
    }
    if (auto const size = r.find({"head_dim", "attention.key_length"})) {
        shape.head_size  = size->integer(1, config_limits::width);
        auto const other = r.find({"", "attention.value_length"});
        if (other && other->integer(1, config_limits::width) != shape.head_size) {
            other->refuse("a size other than that of keys", std::to_string(shape.head_size), "CF01");
        }
    } else if (is_default(r, "head_dim", otherwise.head_size)) {
        shape.head_size = size_or_default(r, "head_dim", config_limits::width, otherwise.head_size);
    } else {
        if (width % shape.heads != 0)
            r.at(heads).fail("a divisor of " + std::to_string(width) + ", the width of hidden states", "CF01");
        shape.head_size = width / shape.heads;
    }
    auto const fail = [&](std::string const& field, index found, std::string expected) {
        throw file_error{{"CF01", r.file() + ", " + field, std::to_string(found), std::move(expected), ""}};
    };
    if (shape.heads % shape.kv_heads != 0)
        fail("key-value heads", shape.kv_heads, "a divisor of " + std::to_string(shape.heads) + " heads");
    return shape;
}

inline constexpr config_key window_key{"sliding_window", "attention.sliding_window"};
// An entry of another class, which this one does not read.
inline void note_unread(config_reader const& r, config_key key, std::string_view architecture) {
    if (auto const found = r.find(key))
        r.note(found->place() + ": " + found->found() + " is left aside, " + std::string(architecture) + " has none");
}
// Positions that a query sees; 0 where it sees them all. Of classes that know no use_sliding_window, unlike Qwen's.
[[nodiscard]] inline index read_window(config_reader const& r, std::string_view architecture) {
    note_unread(r, {"use_sliding_window"}, architecture);
    if (auto const window = r.find(window_key)) return window->integer(1, config_limits::positions);
    r.took(window_key, std::monostate());
    return 0;
}
// transformers has a default, a GGUF always says it.
[[nodiscard]] inline norm_rule read_rms_norm(config_reader const& r, double otherwise = 1e-6) {
    config_key const key{"rms_norm_eps", "attention.layer_norm_rms_epsilon"};
    return {norm_kind::rms, r.is_gguf() ? r.at(key).number(1e-20, 1) : r.number(key, 1e-20, 1, otherwise)};
}
[[nodiscard]] inline norm_rule read_layer_norm(config_reader const& r, std::string_view hf, bool bias) {
    config_key const key{hf, "attention.layer_norm_epsilon"};
    return {norm_kind::layer, r.is_gguf() ? r.at(key).number(1e-20, 1) : r.number(key, 1e-20, 1, 1e-5), bias};
}

// One name for each activation: transformers has several for some.
[[nodiscard]] inline std::string_view activation_named(std::string_view name) {
    struct other_name {
        std::string_view name, means;
    };
    static constexpr other_name others[] = {{"swish", "silu"},
                                            {"gelu_python", "gelu"},
                                            {"gelu_new", "gelu_pytorch_tanh"},
                                            {"gelu_fast", "gelu_pytorch_tanh"},
                                            {"gelu_accurate", "gelu_pytorch_tanh"},
                                            {"gelu_python_tanh", "gelu_pytorch_tanh"}};
    for (auto const& other : others) {
        if (name == other.name) return other.means;
    }
    return name;
}
// The activation of a feed-forward block. A GGUF does not name it: the architecture implies it.
inline void expect_activation(config_reader const& r, std::string_view wanted, std::string_view key = "hidden_act") {
    if (r.is_gguf()) return;
    auto const given = r.find({key}); // by default what the class was made for
    if (!given) return void(r.took({key}, std::string(wanted)));
    if (activation_named(given->text()) != activation_named(wanted))
        given->fail(std::string(wanted) + ", the only activation of this architecture", "CF06");
}
[[nodiscard]] inline bool has_experts(config_reader const& r) { // of a GGUF
    auto const experts = r.find({"", "expert_count"});
    return experts && experts->integer(0, config_limits::width) != 0;
}
inline void refuse_experts(config_reader const& r) {
    if (has_experts(r)) r.at({"", "expert_count"}).refuse("a mixture of experts", "an expert count of 0", "CF05");
}

// Numbers that some decoders multiply by; 1 changes nothing.
struct multipliers {
    float embedding = 1; // what embed() gives
    float residual  = 1; // what a part of a layer adds
    float logits    = 1;
    float logit_cap = 0; // a logit l becomes cap * tanh(l / cap); 0: it stays
};

// What decoders of rotary attention have. The norms and `tied`, whether the embedding is the head, too, are
// read by other rules in each.
struct decoder_config {
    decoder_sizes   sizes;
    attention_shape attention;
    rotary          rope;
    norm_rule       norm      = {};
    bool            tied      = false;
    bool            head_bias = false;
    bool            parallel  = false; // attention and feed-forward block read the same hidden states
    multipliers     times     = {};

    decoder_naming names          = {};
    index          further_layers = 0; // stored behind the last; they predict further tokens, and are left aside
    // Positions that queries of each layer see, as in attention.window; none: attention.window holds for all layers.
    std::vector<index> windows = {};

    [[nodiscard]] attention_shape attention_at(index layer) const {
        auto shape = attention;
        if (!windows.empty()) shape.window = windows[std::size_t(layer)];
        return shape;
    }
};
// Sizes, heads and rotation. rule.head_size is filled in.
[[nodiscard]] inline decoder_config read_decoder(config_reader const& r, rotary_rule rule,
                                                 class_defaults otherwise = {}) {
    decoder_config c;
    c.sizes           = read_sizes(r, otherwise);
    c.attention       = read_heads(r, c.sizes.width, otherwise);
    rule.head_size    = c.attention.head_size;
    auto const turned = read_rotation(r, rule, c.sizes.positions);
    c.rope            = turned.rope;
    c.sizes.positions = turned.scaling.context;
    return c;
}
// The same for a decoder without experts whose activation has that name.
[[nodiscard]] inline decoder_config read_decoder(config_reader const& r, rope_order in_gguf,
                                                 std::string_view activation, class_defaults otherwise = {}) {
    expect_activation(r, activation);
    refuse_experts(r);
    return read_decoder(r, rotary_rule{.in_gguf = in_gguf}, otherwise);
}

} // namespace qeval
