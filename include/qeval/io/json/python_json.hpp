// JSON as Python's json.loads reads it, for files that were made to be read so. Beyond RFC 8259 it takes NaN, Infinity
// and -Infinity, a surrogate without its other half, and a name twice in one object: the first one's place, the last
// one's value. A value stays as it is written, and only what is asked for is decoded, so that nothing that nobody reads
// is too large, too deep or too strange. (CPython, Modules/_json.c.)
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/python_json_walk.hpp>
#include <qeval/io/text/code_point.hpp>

namespace qeval {

class python_json {
public:
    struct member;

    // The whole text is one value, white space around it aside; errors are JS01 at `place`. The text must outlive this.
    [[nodiscard]] static python_json of(std::string_view text, std::string place) {
        python_json_walk walk(text, place);
        walk.space();
        std::size_t const begin = walk.at();
        walk.value();
        std::size_t const end = walk.at();
        walk.space();
        walk.end();
        return {text.substr(begin, end - begin), std::move(place)};
    }

    [[nodiscard]] std::string_view   text() const { return text_; } // as written
    [[nodiscard]] std::string const& place() const { return place_; }
    [[nodiscard]] bool               is_object() const { return text_.front() == '{'; }
    [[nodiscard]] bool               is_array() const { return text_.front() == '['; }
    [[nodiscard]] bool               is_string() const { return text_.front() == '"'; }
    [[nodiscard]] bool               is_integer() const {
                      return text_.find_first_not_of("0123456789", text_.front() == '-' ? 1 : 0) == text_.npos;
    }

    // Of an object, as the dict that Python makes of it.
    [[nodiscard]] std::vector<member> members() const;
    // Of an array.
    [[nodiscard]] std::vector<python_json> elements() const {
        std::vector<python_json> all;
        if (!is_array()) fail("an array");
        python_json_walk walk(text_, place_);
        walk.each([&](std::string_view, std::string_view value) {
            all.push_back({value, place_ + "[" + std::to_string(all.size()) + "]"});
        });
        return all;
    }
    // The characters of a string as UTF-8, in which a lone surrogate is the three bytes that UTF-8 itself forbids.
    [[nodiscard]] std::string string() const {
        if (!is_string()) fail("a string");
        return decoded(text_);
    }
    [[noreturn]] void fail(std::string expected) const {
        std::string const found = is_string()   ? "the string " + qeval::quoted(text_.substr(1, text_.size() - 2))
                                  : is_object() ? "an object"
                                  : is_array()  ? "an array"
                                                : std::string(text_.substr(0, 80));
        throw file_error{{"DS06", place_, found, std::move(expected), "rows of another layout"}};
    }

private:
    python_json(std::string_view text, std::string place) : text_(text), place_(std::move(place)) {}

    [[nodiscard]] static std::string decoded(std::string_view literal) { // with its quotes; its escapes are good
        std::string out;
        for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
            if (literal[i] != '\\') {
                out += literal[i];
                continue;
            }
            char const c = literal[++i];
            if (c != 'u') {
                constexpr std::string_view written = "bfnrt", meant = "\b\f\n\r\t";
                auto const                 k = written.find(c);
                out += k == written.npos ? c : meant[k];
                continue;
            }
            char32_t unit = python_json_walk::four_digits(literal, i + 1);
            i += 4;
            if (unit >= 0xd800 && unit < 0xdc00 && literal.substr(i + 1, 2) == "\\u") {
                char32_t const low = python_json_walk::four_digits(literal, i + 3);
                if (low >= 0xdc00 && low < 0xe000) {
                    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    i += 6;
                }
            }
            append_utf8(out, unit);
        }
        return out;
    }

    std::string_view text_;
    std::string      place_;
};

struct python_json::member {
    std::string      name;
    std::string_view written; // the name
    python_json      value;
};

inline std::vector<python_json::member> python_json::members() const {
    if (!is_object()) fail("an object");
    std::vector<member>                all;
    std::map<std::string, std::size_t> seen;
    python_json_walk                   walk(text_, place_);
    walk.each([&](std::string_view name, std::string_view value) {
        std::string const key     = decoded(name);
        auto const [at, is_fresh] = seen.try_emplace(key, all.size());
        python_json one(value, place_ + ", " + qeval::quoted(key));
        if (is_fresh)
            all.push_back({key, name, std::move(one)});
        else
            all[at->second].value = std::move(one);
    });
    return all;
}

} // namespace qeval
