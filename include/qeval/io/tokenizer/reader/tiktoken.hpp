// Rank files of tiktoken: a line for each token, its bytes in base64 and its rank, which is its id.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/text/base64.hpp>
#include <qeval/io/tokenizer/reader/ranked_bytes.hpp>
#include <qeval/io/tokenizer/reader/tiktoken_encodings.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// Whether a file begins like one; its extension does not tell (Llama 3's is .model).
[[nodiscard]] inline bool is_tiktoken(std::string_view text) {
    auto const line  = text.substr(0, std::min<std::size_t>(text.find('\n'), 4096));
    auto const space = line.find(' ');
    return space != line.npos && space > 0 && bytes_of_base64(line.substr(0, space)).has_value() &&
           line.find_first_not_of("0123456789\r", space + 1) == line.npos;
}

class tiktoken_reader {
public:
    tiktoken_reader(std::string_view text, std::string file, std::span<tiktoken_encoding const> encodings)
        : text_(text), file_(std::move(file)), encodings_(encodings) {}

    [[nodiscard]] tokenizer_parts read() && {
        tokenizer_parts parts;
        parts.words = vocabulary(file_);
        ranked_bytes ranks;
        read_lines(parts.words, ranks);
        ranks.learn(parts);
        auto const& encoding = encoding_of(ranks.size());
        if (encoding.composed) parts.normalize.steps.emplace_back(unicode_step{unicode_form::nfc});
        parts.pretokenize.steps.emplace_back(
            split_step{std::make_shared<regex const>(encoding.pattern, file_, regex_syntax::oniguruma)});
        add_specials(parts, encoding.specials, encoding.first);
        parts.notes.push_back(file_ + ": " + std::to_string(ranks.size()) +
                              " ranks, whose words are taken to be those of " + std::string(encoding.name));
        return parts;
    }

private:
    void read_lines(vocabulary& words, ranked_bytes& ranks) const {
        std::size_t line = 0;
        for (auto rest = text_; !rest.empty();) {
            auto const end = rest.find('\n');
            auto       one = rest.substr(0, end);
            rest           = end == rest.npos ? std::string_view() : rest.substr(end + 1);
            ++line;
            if (one.ends_with('\r')) one.remove_suffix(1);
            if (one.empty()) continue;
            auto const   space = one.find(' ');
            auto         bytes = bytes_of_base64(one.substr(0, space));
            std::int64_t rank  = -1;
            auto const   tail  = space == one.npos ? std::string_view() : one.substr(space + 1);
            auto const   got   = std::from_chars(tail.data(), tail.data() + tail.size(), rank);
            if (!bytes || bytes->empty() || tail.empty() || got.ec != std::errc() ||
                got.ptr != tail.data() + tail.size())
                fail("TK11", ", line " + std::to_string(line), qeval::quoted(one), "bytes in base64, a space, a rank");
            ranks.add(words, std::move(*bytes), rank);
        }
    }
    [[nodiscard]] tiktoken_encoding const& encoding_of(std::size_t ranks) const {
        auto const found = std::ranges::find(encodings_, ranks, &tiktoken_encoding::ranks);
        if (found != encodings_.end()) return *found;
        fail("TK06", "", std::to_string(ranks) + " ranks",
             "the number of an encoding that qeval knows: " + tiktoken_encoding_names(encodings_));
    }
    [[noreturn]] void fail(char const* id, std::string const& where, std::string found, std::string expected) const {
        throw file_error{{id, file_ + where, std::move(found), std::move(expected), "no rank file, or a damaged one"}};
    }

    std::string_view                   text_;
    std::string                        file_;
    std::span<tiktoken_encoding const> encodings_;
};

[[nodiscard]] inline tokenizer_parts read_tiktoken(std::string_view text, std::string file,
                                                   std::span<tiktoken_encoding const> encodings = tiktoken_encodings) {
    return tiktoken_reader(text, std::move(file), encodings).read();
}

} // namespace qeval
