// How a text is cut into the pieces that are encoded on their own: the steps of tokenizer.json's `pre_tokenizer`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/io/text/regex.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_alphabet.hpp>

namespace qeval {

// A text and the ranges that it is cut into so far; empty ranges are dropped.
struct cut_text {
    struct range {
        std::size_t begin = 0;
        std::size_t end   = 0;
    };
    std::string        text;
    std::vector<range> ranges;
    bool               at_start = true; // whether ranges[0] is where the whole input begins

    [[nodiscard]] std::string_view operator[](std::size_t i) const {
        return std::string_view(text).substr(ranges[i].begin, ranges[i].end - ranges[i].begin);
    }
};

// What becomes of the matches of a splitting pattern.
enum class match_fate { isolated, removed, merged_with_previous, merged_with_next, contiguous };

struct split_step {
    std::shared_ptr<regex const> pattern;
    match_fate                   fate   = match_fate::isolated;
    bool                         invert = false; // what the pattern does not match is the match

    void apply(cut_text& cut) const {
        std::vector<cut_text::range> out;
        std::vector<part>            parts;
        regex::scan                  scan(*pattern);
        out.reserve(cut.ranges.size());
        for (std::size_t i = 0; i < cut.ranges.size(); ++i) {
            auto const        text = cut[i];
            std::size_t const base = cut.ranges[i].begin;
            std::size_t       done = 0;
            parts.clear();
            auto const add = [&](std::size_t begin, std::size_t end, bool match) {
                if (begin < end) parts.push_back({{base + begin, base + end}, match != invert});
            };
            scan(text, [&](std::size_t begin, std::size_t end) {
                add(done, begin, false);
                add(begin, end, true);
                done = end;
            });
            add(done, text.size(), false);
            settle(parts, out);
        }
        cut.ranges = std::move(out);
    }
    [[nodiscard]] std::string text() const {
        return "split " + std::to_string(static_cast<int>(fate)) + (invert ? " inverted " : " ") + pattern->pattern();
    }

private:
    struct part {
        cut_text::range range;
        bool            match = false;
    };
    void settle(std::vector<part> const& parts, std::vector<cut_text::range>& out) const {
        std::size_t const first = out.size();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            bool const match  = parts[i].match;
            bool const before = i > 0 && parts[i - 1].match;
            bool       joins  = false; // with the part before
            switch (fate) {
            case match_fate::isolated:
                break;
            case match_fate::removed:
                if (match) continue;
                break;
            case match_fate::merged_with_previous:
                joins = match && !before && i > 0;
                break;
            case match_fate::merged_with_next: {
                // Read from the end, as the reference does: the last match of a run is the one that joins.
                joins = i > 0 && before && !match;
                break;
            }
            case match_fate::contiguous:
                joins = i > 0 && match == before;
                break;
            }
            if (joins && out.size() > first) {
                out.back().end = parts[i].range.end;
            } else {
                out.push_back(parts[i].range);
            }
        }
    }
};

// The first stage of byte-level BPE besides its splitting pattern.
struct leading_space_step { // ByteLevel's add_prefix_space, for every piece
    void apply(cut_text& cut) const {
        cut_text out;
        out.at_start = cut.at_start;
        for (std::size_t i = 0; i < cut.ranges.size(); ++i) {
            std::size_t const begin = out.text.size();
            if (!cut[i].empty() && cut[i].front() != ' ') out.text += ' ';
            out.text += cut[i];
            out.ranges.push_back({begin, out.text.size()});
        }
        cut = std::move(out);
    }
    [[nodiscard]] std::string text() const { return "leading space"; }
};

struct byte_letters_step { // ByteLevel's spelling, where other steps follow it
    void apply(cut_text& cut) const {
        cut_text out;
        out.at_start = cut.at_start;
        for (std::size_t i = 0; i < cut.ranges.size(); ++i) {
            std::size_t const begin = out.text.size();
            out.text += byte_letters(cut[i]);
            out.ranges.push_back({begin, out.text.size()});
        }
        cut = std::move(out);
    }
    [[nodiscard]] std::string text() const { return "byte letters"; }
};

enum class prepend_scheme { always, first, never };

struct metaspace_step {
    std::string    replacement = "\xe2\x96\x81"; // U+2581
    prepend_scheme prepend     = prepend_scheme::always;
    bool           split       = true; // a piece begins at each replacement

    void apply(cut_text& cut) const {
        cut_text out;
        out.at_start = cut.at_start;
        for (std::size_t i = 0; i < cut.ranges.size(); ++i) {
            std::size_t begin = out.text.size();
            for (char const c : cut[i]) {
                if (c == ' ')
                    out.text += replacement;
                else
                    out.text += c;
            }
            bool const wanted =
                prepend == prepend_scheme::always || (prepend == prepend_scheme::first && cut.at_start && i == 0);
            if (wanted && out.text.compare(begin, replacement.size(), replacement) != 0)
                out.text.insert(begin, replacement);
            if (split) {
                for (std::size_t at = out.text.find(replacement, begin + 1); at != std::string::npos;
                     at             = out.text.find(replacement, at + replacement.size())) {
                    if (at > begin) out.ranges.push_back({begin, at});
                    begin = at;
                }
            }
            if (begin < out.text.size()) out.ranges.push_back({begin, out.text.size()});
        }
        cut = std::move(out);
    }
    [[nodiscard]] std::string text() const {
        return "metaspace " + replacement + std::to_string(static_cast<int>(prepend)) + std::to_string(split);
    }
};

using pretokenizer_step = std::variant<split_step, leading_space_step, metaspace_step, byte_letters_step>;

class pretokenizer {
public:
    std::vector<pretokenizer_step> steps;

    [[nodiscard]] cut_text operator()(std::string_view text, bool at_start) const {
        cut_text cut{std::string(text), {}, at_start};
        if (!text.empty()) cut.ranges.push_back({0, text.size()});
        for (auto const& step : steps) {
            std::visit([&](auto const& one) { one.apply(cut); }, step);
        }
        return cut;
    }
};

} // namespace qeval
