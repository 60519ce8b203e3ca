// A scheme as text: weights[:block][:dq][+a=FORMAT][+kv=FORMAT][@compute][~revision]
#pragma once

#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/kernel/compute.hpp>

namespace qeval {

// nf4:128:dq@f16, q4_k_m~2025-02, int4:g128+a=int8, all:q8_0, source
struct scheme_spec {
    std::string           name;    // as given: the row's name in tables
    std::string           weights; // lower case, aliases resolved: "nf4:128:dq", "q4_k_m", "all:q8_0", "source"
    std::string           kv;      // "" (as computed, f32) or a format's name
    any_activation const* activations   = nullptr; // what inputs of matrix products are rounded to: int8, int8:32, fp8
    bool                  static_scales = false;   // of activations: int8:static, found by calibration
    compute_type          compute       = compute_type::f32;
    bool        batch_outliers = false; // @bnb: LLM.int8 chooses outlier columns for a batch, as bitsandbytes does
    bool        exact_sums     = false; // activations rounded, then multiplied on the exact path: a step of attribution
    std::string revision;               // of a named mix; "" is the default
};

// int8 with one scale for all inputs of a linear.
inline constexpr std::string_view static_int8_name = "int8:static";

namespace detail {

// Names that stand for others: the vocabulary of deployment tools. The first that fits decides; what follows it after a
// colon belongs to the weights (fp8:128x128).
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 8> scheme_aliases{{
    {"fp8", "fp8_e4m3"},
    {"w4a16", "int4"},
    {"w8a16", "int8:sym"},
    {"w8a8:static", "int8:sym+a=int8:static"},
    {"w8a8", "int8:sym+a=int8"},
    {"int8_channel", "int8:sym"},
    {"b1.58", "ternary"},
    {"llm.int8", "int8"},
}};

inline std::string lower(std::string_view s) {
    std::string out;
    for (char c : s) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}
[[noreturn]] inline void bad_scheme(std::string_view text, std::string found, std::string expected) {
    throw usage_error{{"SC01", "scheme " + qeval::quoted(text), std::move(found), std::move(expected),
                       "the form is weights[:block][:dq][+a=FORMAT][+kv=FORMAT][@compute][~revision]; `qeval schemes` "
                       "lists examples"}};
}

} // namespace detail

[[nodiscard]] inline scheme_spec parse_scheme(std::string_view text) {
    scheme_spec spec;
    spec.name        = std::string(text);
    std::string rest = detail::lower(text);
    // The weights end at the first sign of an option.
    auto const  cut  = [&rest](std::size_t from) { return std::min(rest.find_first_of("+@~", from), rest.size()); };
    std::string head = rest.substr(0, cut(0));
    for (auto const& [alias, full] : detail::scheme_aliases) {
        if (head != alias && !head.starts_with(std::string(alias) + ":")) continue;
        std::size_t const options = std::min(full.find('+'), full.size());
        rest = std::string(full.substr(0, options)) + head.substr(alias.size()) + std::string(full.substr(options)) +
               rest.substr(head.size());
        break;
    }
    std::size_t at = cut(0);
    spec.weights   = rest.substr(0, at);
    if (spec.weights.empty())
        detail::bad_scheme(text, "no weights", "the name of a format, a ggml file type, or source");
    bool computes = false;
    while (at < rest.size()) {
        char const        sign   = rest[at];
        std::size_t const end    = cut(at + 1);
        std::string const option = rest.substr(at + 1, end - at - 1);
        at                       = end;
        auto const once          = [&](bool given, std::string_view what) {
            if (given) detail::bad_scheme(text, "two options " + std::string(what), "one");
        };
        if (option.empty()) detail::bad_scheme(text, std::string("an empty option after '") + sign + "'", "a name");
        if (sign == '~') {
            once(!spec.revision.empty(), "~");
            spec.revision = option;
        } else if (sign == '@') {
            once(computes, "@");
            computes = true;
            if (option == "f32")
                spec.compute = compute_type::f32;
            else if (option == "f16")
                spec.compute = compute_type::f16;
            else if (option == "bf16")
                spec.compute = compute_type::bf16;
            else if (option == "bnb")
                spec.batch_outliers = true;
            else
                detail::bad_scheme(text, "compute type " + qeval::quoted(option),
                                   "f32, f16 or bf16 (or bnb, for int8)");
        } else if (option.starts_with("a=")) {
            once(spec.activations != nullptr, "+a=");
            std::string_view const name = std::string_view(option).substr(2);
            spec.static_scales          = name == static_int8_name;
            spec.activations =
                spec.static_scales ? &any_activation_of<int8_token> : find_activation(activation_formats{}, name);
            if (spec.activations == nullptr) {
                std::string all;
                for_each_activation(activation_formats{},
                                    [&](auto tag) { all += std::string(decltype(tag)::type::name) + ", "; });
                detail::bad_scheme(text, "activation format " + qeval::quoted(name),
                                   all + "or " + std::string(static_int8_name));
            }
        } else if (option.starts_with("kv=") && option.size() > 3) {
            once(!spec.kv.empty(), "+kv=");
            spec.kv = option.substr(3);
        } else {
            detail::bad_scheme(text, "option " + qeval::quoted("+" + option), "+a=FORMAT or +kv=FORMAT");
        }
    }
    if (spec.activations != nullptr && spec.compute != compute_type::f32) {
        detail::bad_scheme(text, "both +a= and @" + std::string(name_of(spec.compute)),
                           "one of them: rounded activations meet f32 or int32 sums");
    }
    return spec;
}

} // namespace qeval
