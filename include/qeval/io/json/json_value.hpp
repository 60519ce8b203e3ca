// A place in a JSON document, read with types and ranges. There is no conversion that guesses: the library's own get()
// turns -1 into 2^64 - 1 and 16.5 into 16.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

// A parsed text with the name of the file it came from; json_value points into it.
struct json_source {
    std::string      file;
    std::string      id; // of content errors
    std::string_view text;
    json_node        root;

    [[nodiscard]] std::string path_of(json_node const& node) const {
        std::string path;
        return find_path(root, node, path) && !path.empty() ? path : "the root value";
    }

private:
    static bool find_path(json_node const& at, json_node const& wanted, std::string& path) { // errors only: O(size)
        if (&at == &wanted) return true;
        std::size_t const length = path.size();
        if (at.is_object()) {
            for (auto const& [key, value] : at.items()) {
                path += path.empty() ? "" : ".";
                path += key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                                    std::string::npos &&
                                !key.empty()
                            ? key.substr(0, 80)
                            : qeval::quoted(key);
                if (find_path(value, wanted, path)) return true;
                path.resize(length);
            }
        } else if (at.is_array()) {
            for (std::size_t i = 0; i < at.size(); ++i) {
                path += "[" + std::to_string(i) + "]";
                if (find_path(at[i], wanted, path)) return true;
                path.resize(length);
            }
        }
        return false;
    }
};

// A place in a document with typed, range-checked access; every refusal names file, path, found and expected.
// Cheap to copy; lives no longer than its json_document.
class json_value {
public:
    json_value(json_source const& source, json_node const& node) : source_(&source), node_(&node) {}

    [[nodiscard]] bool        is_null() const { return node_->is_null(); }
    [[nodiscard]] bool        is_object() const { return node_->is_object(); }
    [[nodiscard]] bool        is_array() const { return node_->is_array(); }
    [[nodiscard]] bool        is_string() const { return node_->is_string(); }
    [[nodiscard]] bool        is_boolean() const { return node_->is_boolean(); }
    [[nodiscard]] bool        is_number() const { return node_->is_number(); }
    [[nodiscard]] bool        is_integer() const { return node_->is_number_integer(); }
    [[nodiscard]] std::size_t size() const { return node_->is_structured() ? node_->size() : 0; }
    [[nodiscard]] std::string dump() const { return node_->dump(); }
    [[nodiscard]] std::string place() const { return source_->file + ", " + source_->path_of(*node_); }

    [[nodiscard]] bool has(std::string_view key) const { // null or not
        object();
        return node_->contains(key);
    }
    // The member, or nullopt where it is absent or null.
    [[nodiscard]] std::optional<json_value> find(std::string_view key) const {
        object();
        auto const it = node_->find(key);
        if (it == node_->end() || it->is_null()) return std::nullopt;
        return json_value(*source_, *it);
    }
    [[nodiscard]] json_value at(std::string_view key) const {
        object();
        auto const it = node_->find(key);
        if (it == node_->end()) refuse("no field " + qeval::quoted(key), "the field " + qeval::quoted(key));
        return json_value(*source_, *it);
    }
    [[nodiscard]] json_value operator[](std::size_t i) const {
        array();
        if (i >= node_->size()) refuse(std::to_string(node_->size()) + " elements", "more than " + std::to_string(i));
        return json_value(*source_, (*node_)[i]);
    }
    template <class F> // f(std::string const& key, json_value), in the order of the keys
    void for_each_member(F&& f) const {
        object();
        for (auto it = node_->begin(); it != node_->end(); ++it) f(it.key(), json_value(*source_, *it));
    }
    template <class F> // f(std::size_t i, json_value)
    void for_each_element(F&& f) const {
        array();
        for (std::size_t i = 0; i < node_->size(); ++i) f(i, json_value(*source_, (*node_)[i]));
    }

    [[nodiscard]] std::string const& string() const {
        if (!node_->is_string()) fail("a string");
        return node_->get_ref<std::string const&>();
    }
    [[nodiscard]] bool boolean() const {
        if (!node_->is_boolean()) fail("true or false");
        return node_->get_ref<bool const&>();
    }
    // A number written without fraction or exponent, in [low, high].
    [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high) const {
        if (auto const value = node_->is_number_integer() ? integer_within(low, high) : std::nullopt) return *value;
        fail("an integer from " + std::to_string(low) + " to " + std::to_string(high));
    }
    // The same for fields in which a number outside of [low, high] means that there is none: nothing.
    [[nodiscard]] std::optional<std::int64_t> integer_within(std::int64_t low, std::int64_t high) const {
        if (!node_->is_number_integer()) fail("an integer");
        if (node_->is_number_unsigned() &&
            node_->get_ref<std::uint64_t const&>() > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        auto const value = node_->get<std::int64_t>();
        return value < low || value > high ? std::nullopt : std::optional(value);
    }
    [[nodiscard]] double number(double low, double high) const {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (node_->is_number_float()) value = node_->get_ref<double const&>();
        if (node_->is_number_unsigned())
            value = double(node_->get_ref<std::uint64_t const&>());
        else if (node_->is_number_integer())
            value = double(node_->get_ref<std::int64_t const&>());
        if (!(value >= low && value <= high)) {
            fail("a number from " + json_node_text(low) + " to " + json_node_text(high));
        }
        return value;
    }
    void object() const {
        if (!node_->is_object()) fail("an object");
    }
    void array() const {
        if (!node_->is_array()) fail("an array");
    }

    // What stands here, short enough for a message.
    [[nodiscard]] std::string found() const {
        switch (node_->type()) {
        case json_node::value_t::null:
            return "null";
        case json_node::value_t::object:
            return "an object";
        case json_node::value_t::array:
            return "an array of " + std::to_string(node_->size());
        case json_node::value_t::string:
            return "the string " + qeval::quoted(node_->get_ref<std::string const&>());
        case json_node::value_t::binary: { // json_limits::odd_numbers
            auto const& spelled = node_->get_ref<json_node::binary_t const&>();
            return "the number " + qeval::quoted(std::string(spelled.begin(), spelled.end()));
        }
        default:
            return dump();
        }
    }
    [[noreturn]] void fail(std::string expected, std::string likely = {}, std::string_view id = {}) const {
        refuse(found(), std::move(expected), std::move(likely), id);
    }
    [[noreturn]] void refuse(std::string what_was_found, std::string expected, std::string likely = {},
                             std::string_view id = {}) const {
        throw file_error{diagnostic{id.empty() ? source_->id : std::string(id), place(), std::move(what_was_found),
                                    std::move(expected), std::move(likely)}};
    }

private:
    json_source const* source_;
    json_node const*   node_;
};

} // namespace qeval
