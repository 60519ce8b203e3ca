// What a GGUF says of a model's configuration: keys, and where each has its value from. Values come from what the
// model's reader has found, or from config.json and what the reader took for what it does not say; nothing is known
// twice. Origin: set_gguf_parameters of conversion/base.py and of the classes beside it, llama.cpp of 2026-10.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/taken_default.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/layer_facts.hpp>
#include <qeval/model/part/rope_scaling.hpp>

namespace qeval {

using gguf_answer = std::variant<std::monostate, std::uint32_t, float, bool, std::string_view>; // monostate: no key

class gguf_facts {
public:
    // Both must outlive it.
    gguf_facts(model_description const& d, config_reader const& r)
        : description(d), config_(r), scaling_(detail::scaling_entry(r, "full_attention")) {}

    // Of config.json, else what its class fills in; nothing where both have none.
    [[nodiscard]] std::optional<double> number(std::string_view hf) const {
        return value<double>(hf, [](config_entry const& e) { return e.number(-1e30, 1e30); });
    }
    [[nodiscard]] std::optional<bool> flag(std::string_view hf) const {
        return value<bool>(hf, [](config_entry const& e) { return e.boolean(); });
    }
    // Of the rotation's scaling, in config.json.
    [[nodiscard]] std::optional<double> of_scaling(std::string_view name) const {
        auto const found = scaling_ ? scaling_->find(name) : std::nullopt;
        return found && found->is_number() ? std::optional(found->number(-1e30, 1e30)) : std::nullopt;
    }
    [[nodiscard]] std::vector<double> list_of_scaling(std::string_view name) const {
        std::vector<double> all;
        auto const          found = scaling_ ? scaling_->find(name) : std::nullopt;
        for (std::size_t i = 0; found && i < found->size(); ++i) all.push_back((*found)[i].number(-1e30, 1e30));
        return all;
    }
    // How it is called, "default" where nothing is scaled.
    [[nodiscard]] std::string_view rule() const { return rotation().words.rule; }
    // That of the layers without a window, or of those with one where no other is rotated.
    [[nodiscard]] rotary const& rotation() const {
        layer_facts const* found = nullptr;
        for (auto const& l : description.layers) {
            if (l.rotation.frequencies.empty()) continue;
            if (found == nullptr || (found->attention.window > 0 && l.attention.window == 0)) found = &l;
        }
        static rotary const none;
        return found == nullptr ? none : found->rotation;
    }
    [[nodiscard]] index heads() const { return description.cache.kv_heads * description.sharing; }

    model_description const& description;

private:
    template <class T, class Read>
    [[nodiscard]] std::optional<T> value(std::string_view hf, Read const& read) const {
        if (auto const e = config_.find({hf})) return read(*e);
        auto const& all = description.facts.defaults;
        auto const  at  = std::ranges::find(all, hf, &taken_default::key);
        if (at == all.end()) return std::nullopt;
        return std::visit(
            []<class V>(V const& v) -> std::optional<T> {
                if constexpr (std::is_arithmetic_v<V>) return static_cast<T>(v);
                return std::nullopt;
            },
            at->value);
    }

    config_reader             config_;
    std::optional<json_value> scaling_;
};

// "block_count": behind the architecture and a dot, unless it has another's ("tokenizer.ggml.add_bos_token"). Of the
// names in config.json the first that has a value counts.
struct gguf_key {
    std::string_view key;
    gguf_answer (*of)(gguf_facts const&, gguf_key const&);
    std::array<std::string_view, 3> said  = {};
    bool                            first = false; // stands in front of general.type: the converter knows it early
};

namespace gguf_answers {

inline gguf_answer integer(index n) { return static_cast<std::uint32_t>(n); }
inline gguf_answer number(double x) { return static_cast<float>(x); }
inline gguf_answer said_number(gguf_facts const& f, gguf_key const& k) {
    for (auto const name : k.said) {
        if (auto const x = name.empty() ? std::nullopt : f.number(name)) return number(*x);
    }
    return {};
}
inline gguf_answer said_integer(gguf_facts const& f, gguf_key const& k) {
    for (auto const name : k.said) {
        if (auto const n = name.empty() ? std::nullopt : f.number(name)) return integer(static_cast<index>(*n));
    }
    return {};
}
// Zero is as good as none.
inline gguf_answer said_factor(gguf_facts const& f, gguf_key const& k) {
    auto const x = f.number(k.said[0]);
    return x && *x != 0 ? number(*x) : gguf_answer();
}
inline gguf_answer said_flag(gguf_facts const& f, gguf_key const& k) {
    auto const x = f.flag(k.said[0]);
    return x ? gguf_answer(*x) : gguf_answer();
}
inline gguf_answer said_of_yarn(gguf_facts const& f, gguf_key const& k) {
    for (auto const name : k.said) {
        if (auto const x = f.rule() == "yarn" && !name.empty() ? f.of_scaling(name) : std::nullopt) return number(*x);
    }
    return {};
}

} // namespace gguf_answers

} // namespace qeval
