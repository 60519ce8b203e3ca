// json_document.hpp: how a text becomes a tree under limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_limits.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/json/odd_numbers.hpp>

namespace qeval {

// Builds the tree and enforces the limits.
class json_builder final : public json_events {
public:
    // `odd`: where numbers of the text stand for others.
    json_builder(json_source& source, std::string_view text, json_limits const& limits,
                 std::vector<odd_number> const& odd)
        : source_(source), text_(text), limits_(limits), reached_(text.data()), odd_(odd) {}

    void run() {
        if (text_.size() > limits_.bytes) {
            fail_at("JS04", 0, std::to_string(text_.size()) + " bytes", "at most " + std::to_string(limits_.bytes));
        }
        if (text_.substr(0, 3) == "\xef\xbb\xbf") {
            fail_at("JS06", 0, "a UTF-8 byte order mark", "JSON text that starts with its value");
        }
        parse_json_events(text_, *this, reached_);
    }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(std::int64_t value) override { return add(value); }
    bool number_unsigned(std::uint64_t value) override { return add(value); }
    bool number_float(double value, std::string const& text) override {
        if (next_odd_ < odd_.size() && reached() >= odd_[next_odd_].end())
            return add_unreadable(odd_[next_odd_++].spelled);
        if (text.find_first_of(".eE") != std::string::npos) return add(value);
        if (limits_.odd_numbers) return add_unreadable(text);
        fail("JS08", "the integer " + qeval::quoted(text), "an integer of at most 64 bits");
    }
    bool string(std::string& value) override { return add(std::move(value)); }
    bool binary(json_node::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(json_node::object()); }
    bool start_array(std::size_t) override { return open(json_node::array()); }
    bool key(std::string& name) override {
        count();
        if (name.find('\0') != std::string::npos) fail("JS07", "the key " + qeval::quoted(name), "a key without NUL");
        auto [it, fresh] = open_.back()->get_ref<json_node::object_t&>().try_emplace(std::move(name));
        if (!fresh) fail("JS03", "the key " + qeval::quoted(it->first) + " twice in one object", "distinct keys");
        slot_ = &it->second;
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, std::string const& last, nlohmann::detail::exception const& why) override {
        std::string_view text = why.what(); // "[json.exception...] parse error at line 1, column 2: syntax error ..."
        if (auto const at = text.find("] "); at != std::string_view::npos) text.remove_prefix(at + 2);
        fail_at("JS01", position == 0 ? 0 : position - 1, qeval::quoted(last, 40),
                "JSON (" + qeval::quoted(text, 160) + ")",
                position > text_.size() ? "an incomplete download" : ""); // it wanted to read on behind the end
    }

private:
    template <class T>
    bool add(T&& value) {
        count();
        place(json_node(std::forward<T>(value)));
        return true;
    }
    // Binary values cannot stand in a JSON text, so that none of the readers takes one.
    bool add_unreadable(std::string const& spelled) {
        return add(json_node::binary(std::vector<std::uint8_t>(spelled.begin(), spelled.end())));
    }
    [[nodiscard]] std::size_t reached() const { return std::size_t(reached_ - text_.data()); }
    bool                      open(json_node empty) {
                             count();
                             if (open_.size() == limits_.depth) {
                                 fail("JS02", "nesting deeper than " + std::to_string(limits_.depth),
                                      "depth <= " + std::to_string(limits_.depth));
        }
                             open_.push_back(place(std::move(empty)));
                             return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }
    json_node* place(json_node value) {
        if (open_.empty()) return &(source_.root = std::move(value));
        if (open_.back()->is_array()) {
            auto& list = open_.back()->get_ref<json_node::array_t&>();
            list.push_back(std::move(value)); // may move elements, but none of them is open
            return &list.back();
        }
        return &(*slot_ = std::move(value));
    }
    void count() {
        if (++elements_ > limits_.elements) {
            fail("JS05", "more than " + std::to_string(limits_.elements) + " elements", "no more than that");
        }
    }
    [[noreturn]] void fail(char const* id, std::string found, std::string expected) const {
        fail_at(id, reached(), std::move(found), std::move(expected));
    }
    [[noreturn]] void fail_at(char const* id, std::size_t byte, std::string found, std::string expected,
                              std::string likely = {}) const {
        throw file_error{diagnostic{id, source_.file + " @ byte " + std::to_string(byte), std::move(found),
                                    std::move(expected), std::move(likely)}};
    }

    json_source&                   source_;
    std::string_view               text_;
    json_limits const&             limits_;
    char const*                    reached_;
    std::vector<odd_number> const& odd_;
    std::size_t                    next_odd_ = 0;
    std::vector<json_node*>        open_;
    json_node*                     slot_     = nullptr;
    std::size_t                    elements_ = 0;
};

QEVAL_BASE_ONCE json_document parse_json(std::string_view text, std::string file, json_limits const& limits) {
    auto source  = std::make_unique<json_source>();
    source->file = std::move(file);
    source->id   = limits.id;
    source->text = text;
    try {
        json_builder(*source, text, limits, {}).run();
    } catch (file_error const& e) {
        auto const odd = limits.odd_numbers && e.id() == "JS01" ? odd_numbers_in(text) : std::vector<odd_number>();
        if (odd.empty()) throw;
        source->root            = nullptr;
        std::string const text2 = without_odd_numbers(text, odd);
        json_builder(*source, text2, limits, odd).run();
    }
    return json_document(std::move(source));
}

} // namespace qeval
