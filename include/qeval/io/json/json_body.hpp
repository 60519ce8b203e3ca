// json.hpp: the library's parser and serializer, which are long to compile.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

QEVAL_BASE_ONCE std::string json_text(json const& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}
QEVAL_BASE_ONCE std::string json_ascii_text(json const& value) {
    return value.dump(-1, ' ', true, json::error_handler_t::replace);
}
QEVAL_BASE_ONCE std::string json_node_text(json_node const& value) {
    return value.dump(-1, ' ', false, json_node::error_handler_t::replace);
}
QEVAL_BASE_ONCE std::optional<json> json_of(std::string_view text) {
    json value = json::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional<json>(std::move(value));
}

// A text that tells how far it has been read, so that an error inside an event handler has a byte offset.
class json_text_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type        = char;
    using difference_type   = std::ptrdiff_t;
    using pointer           = char const*;
    using reference         = char const&;

    json_text_iterator(char const* at, char const** reached) : at_(at), reached_(reached) {}
    reference           operator*() const { return *at_; }
    json_text_iterator& operator++() {
        *reached_ = ++at_;
        return *this;
    }
    json_text_iterator operator++(int) {
        auto const old = *this;
        ++*this;
        return old;
    }
    friend bool operator==(json_text_iterator const& a, json_text_iterator const& b) { return a.at_ == b.at_; }
    friend bool operator!=(json_text_iterator const& a, json_text_iterator const& b) { return a.at_ != b.at_; }

private:
    char const*  at_;
    char const** reached_;
};

QEVAL_BASE_ONCE bool parse_json_events(std::string_view text, json_events& handler, char const*& reached) {
    reached = text.data();
    return nlohmann::json::sax_parse(json_text_iterator(text.data(), &reached),
                                     json_text_iterator(text.data() + text.size(), &reached), &handler);
}

} // namespace qeval
