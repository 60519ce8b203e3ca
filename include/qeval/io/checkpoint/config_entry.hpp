// One entry of a model's configuration, from config.json or from GGUF metadata, read by type and range.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/gguf/gguf_value.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// Cheap to copy; lives no longer than the document or metadata that it points into.
class config_entry {
public:
    config_entry(json_value v) : at_(v) {}
    config_entry(gguf_value const& v) : at_(&v) {}

    [[nodiscard]] index integer(index low, index high) const {
        if (auto const* json = in_json()) return json->integer(low, high);
        return in_gguf().integer(low, high, "CF01");
    }
    // A number or, in a GGUF, a list of one number for each layer, which must be the same for all: a model whose layers
    // differ is another one than any that is read here.
    [[nodiscard]] index integer_of_layers(index low, index high, index layers) const {
        if (in_json() != nullptr || !in_gguf().array) return integer(low, high);
        auto const all = in_gguf().integers(low, high, "CF01");
        if (index(all.size()) != layers)
            in_gguf().refuse(in_gguf().type_text(), "a number, or " + std::to_string(layers) + ", one for each layer",
                             "CF01");
        for (std::size_t i = 1; i < all.size(); ++i) {
            if (all[i] == all[0]) continue;
            in_gguf().refuse(
                std::to_string(all[0]) + " in layer 0 and " + std::to_string(all[i]) + " in layer " + std::to_string(i),
                "one number for all layers", "CF06", "a model whose layers differ, which no architecture here has");
        }
        return all.front();
    }
    // One bool for each layer.
    [[nodiscard]] std::vector<bool> booleans_of_layers(index layers) const {
        std::vector<bool> all;
        if (auto const* json = in_json()) {
            json->for_each_element([&](std::size_t, json_value one) { all.push_back(one.boolean()); });
        } else {
            all = in_gguf().booleans("CF01");
        }
        if (index(all.size()) != layers)
            refuse("a list of " + std::to_string(all.size()), std::to_string(layers) + ", one for each layer", "CF01");
        return all;
    }
    [[nodiscard]] bool is_list() const { return in_json() != nullptr ? in_json()->is_array() : in_gguf().array; }
    // For fields in which a number outside of [low, high] means that there is none: nothing.
    [[nodiscard]] std::optional<index> integer_within(index low, index high) const {
        if (auto const* json = in_json()) return json->integer_within(low, high);
        return in_gguf().integer_within(low, high, "CF01");
    }
    [[nodiscard]] double number(double low, double high) const {
        if (auto const* json = in_json()) return json->number(low, high);
        return in_gguf().number(low, high, "CF01");
    }
    [[nodiscard]] bool boolean() const {
        if (auto const* json = in_json()) return json->boolean();
        return in_gguf().boolean("CF01");
    }
    [[nodiscard]] std::string_view text() const {
        if (auto const* json = in_json()) return json->string();
        return in_gguf().string();
    }
    // For what only one kind of file has: nested objects and lists.
    [[nodiscard]] json_value json() const { return std::get<json_value>(at_); }

    [[nodiscard]] std::string found() const { return in_json() != nullptr ? in_json()->found() : in_gguf().found(); }
    [[nodiscard]] std::string place() const { return in_json() != nullptr ? in_json()->place() : in_gguf().place(); }

    // What stands here is not what was expected: `id` says in which way (CF01 to CF07).
    [[noreturn]] void fail(std::string expected, std::string_view id, std::string likely = {}) const {
        refuse(found(), std::move(expected), id, std::move(likely));
    }
    [[noreturn]] void refuse(std::string found, std::string expected, std::string_view id,
                             std::string likely = {}) const {
        if (auto const* json = in_json()) json->refuse(std::move(found), std::move(expected), std::move(likely), id);
        in_gguf().refuse(std::move(found), std::move(expected), id, std::move(likely));
    }

private:
    [[nodiscard]] json_value const* in_json() const { return std::get_if<json_value>(&at_); }
    [[nodiscard]] gguf_value const& in_gguf() const { return *std::get<gguf_value const*>(at_); }

    std::variant<json_value, gguf_value const*> at_;
};

} // namespace qeval
