// The JSON library, and what of it the rest of qeval may see: values for output, and a stream of events for input.
// To read a document use io/json/json_document.hpp. The only header that includes nlohmann_json.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace qeval {

using json      = nlohmann::ordered_json; // for output: keys keep the order in which they were written
using json_node = nlohmann::json;         // for input: logarithmic look-up and duplicate check

// One line, or indented; bytes that are no UTF-8 become U+FFFD instead of an exception.
[[nodiscard]] inline std::string json_text(json const& value, int indent = -1) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
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

// Sends the events of a text to a handler with nlohmann's SAX members; `reached` is where reading stands.
template <class Handler>
bool parse_json_events(std::string_view text, Handler& handler, char const*& reached) {
    reached = text.data();
    return nlohmann::json::sax_parse(json_text_iterator(text.data(), &reached),
                                     json_text_iterator(text.data() + text.size(), &reached), &handler);
}

} // namespace qeval
