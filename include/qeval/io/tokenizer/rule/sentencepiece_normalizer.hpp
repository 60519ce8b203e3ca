// What SentencePiece does to a text before it is encoded: a compiled table of replacements, and rules for spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/unicode.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_trie.hpp>

namespace qeval {

// u32 size of the array in bytes, the array (u32 units), replacements that end with a zero each. Little-endian.
// A unit: bits 0-7 and 31 its label, bit 8 whether a text ends here, bit 9 a scale of the offset, bits 10-30 the
// offset.
class precompiled_charsmap {
public:
    struct replacement {
        std::size_t      length = 0; // bytes of the text that goes
        std::string_view by;
    };

    // `place` is what errors call it.
    precompiled_charsmap(std::string bytes, std::string place) : bytes_(std::move(bytes)), place_(std::move(place)) {
        if (bytes_.size() < 4) fail(std::to_string(bytes_.size()) + " bytes", "at least 4 bytes");
        std::size_t const size = word(0);
        if (size % 4 != 0 || size == 0 || size > bytes_.size() - 4)
            fail("an array of " + std::to_string(size) + " bytes", "a multiple of 4 inside the table");
        units_ = size / 4;
        texts_ = std::string_view(bytes_).substr(4 + size);
        if (texts_.empty() || texts_.back() != '\0') fail("replacements without an end", "a zero behind each of them");
    }
    precompiled_charsmap(precompiled_charsmap const&)            = delete; // texts_ points into bytes_
    precompiled_charsmap& operator=(precompiled_charsmap const&) = delete;

    // Of the texts of the table that `text` begins with: the shortest, or the longest.
    [[nodiscard]] std::optional<replacement> shortest(std::string_view text) const { return find(text, true); }
    [[nodiscard]] std::optional<replacement> longest(std::string_view text) const { return find(text, false); }

    [[nodiscard]] std::string const& bytes() const { return bytes_; }

private:
    [[nodiscard]] std::uint32_t word(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value |= std::uint32_t{static_cast<unsigned char>(bytes_[at + i])} << (8 * i);
        return value;
    }
    [[nodiscard]] std::uint32_t unit(std::size_t i) const {
        if (i >= units_) fail("a node outside the array", "less than " + std::to_string(units_));
        return word(4 + 4 * i);
    }
    static std::size_t offset(std::uint32_t u) { return std::size_t{u >> 10} << ((u & 0x200U) >> 6); }

    [[nodiscard]] std::optional<replacement> find(std::string_view text, bool first) const {
        std::optional<replacement> found;
        std::size_t                at = offset(unit(0));
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const c = static_cast<unsigned char>(text[i]);
            at ^= c;
            if (c == 0 || at >= units_) break;
            auto const u = unit(at);
            if ((u & 0x800000ffU) != c) break;
            at ^= offset(u);
            if ((u & 0x100U) == 0) continue;
            std::size_t const value = unit(at) & 0x7fffffffU;
            if (value >= texts_.size()) fail("a replacement at byte " + std::to_string(value), "one inside the table");
            found = replacement{i + 1, std::string_view(texts_.data() + value)};
            if (first) break;
        }
        return found;
    }
    [[noreturn]] void fail(std::string found, std::string expected) const {
        throw file_error{{"TK11", place_, std::move(found), std::move(expected), "a damaged table of replacements"}};
    }

    std::string      bytes_;
    std::string      place_;
    std::size_t      units_ = 0;
    std::string_view texts_;
};

// tokenizer.json's "Precompiled", as the tokenizers library reads the table: a short cluster is looked up as a whole
// and goes as a whole where anything is found at its beginning; else each character is.
[[nodiscard]] inline std::string replaced_by_clusters(precompiled_charsmap const& map, std::string_view text) {
    std::string out;
    for_each_grapheme(text, [&](std::string_view cluster) {
        if (cluster.size() < 6) {
            if (auto const r = map.shortest(cluster)) {
                out += r->by;
                return;
            }
        }
        for (std::size_t at = 0; at < cluster.size();) {
            auto const one = cluster.substr(at, decode_utf8(cluster, at).length);
            auto const r   = map.shortest(one);
            out += r ? r->by : one;
            at += one.size();
        }
    });
    return out;
}

// Origin: normalizer.cc of sentencepiece 0.2. Fields are those of NormalizerSpec.
struct sentencepiece_step {
    std::shared_ptr<precompiled_charsmap const> charsmap; // may be null
    std::shared_ptr<byte_trie const>            whole;    // user-defined pieces, which nothing changes; may be null
    bool                                        add_dummy_prefix         = true;
    bool                                        remove_extra_whitespaces = true;
    bool                                        escape_whitespaces       = true;
    bool                                        suffix                   = false; // treat_whitespace_as_suffix

    [[nodiscard]] std::string apply(std::string_view s) const {
        std::string_view const space = escape_whitespaces ? "\xe2\x96\x81" : " ";
        if (remove_extra_whitespaces) {
            while (!s.empty()) {
                auto const p = prefix_of(s);
                if (p.by != " ") break;
                s.remove_prefix(p.length);
            }
        }
        if (s.empty()) return {};
        std::string out;
        if (add_dummy_prefix && !suffix) out += space;
        bool after_space = remove_extra_whitespaces;
        while (!s.empty()) {
            auto const p  = prefix_of(s);
            auto       by = p.by;
            while (after_space && by.starts_with(' ')) by.remove_prefix(1);
            for (char const c : by) {
                if (c == ' ')
                    out += space;
                else
                    out += c;
            }
            if (!by.empty()) after_space = remove_extra_whitespaces && by.ends_with(' ');
            s.remove_prefix(p.length);
        }
        if (remove_extra_whitespaces)
            while (out.ends_with(space)) out.resize(out.size() - space.size());
        if (add_dummy_prefix && suffix) out += space;
        return out;
    }
    [[nodiscard]] std::string text() const {
        std::string out = "sentencepiece " + std::to_string(add_dummy_prefix + remove_extra_whitespaces * 2 +
                                                            escape_whitespaces * 4 + suffix * 8);
        if (charsmap) {
            sha256 sum;
            sum.update(charsmap->bytes());
            out += " " + sum.hex();
        }
        return out;
    }

private:
    [[nodiscard]] precompiled_charsmap::replacement prefix_of(std::string_view s) const {
        if (auto const length = whole ? whole->longest(s) : 0; length > 0) return {length, s.substr(0, length)};
        if (charsmap)
            if (auto const r = charsmap->longest(s)) return *r;
        auto const length = decode_utf8(s, 0).length;
        return {length, s.substr(0, length)};
    }
};

struct precompiled_step { // tokenizer.json's "Precompiled"
    std::shared_ptr<precompiled_charsmap const> charsmap;

    [[nodiscard]] std::string apply(std::string_view s) const { return replaced_by_clusters(*charsmap, s); }
    [[nodiscard]] std::string text() const {
        sha256 sum;
        sum.update(charsmap->bytes());
        return "precompiled " + sum.hex();
    }
};

} // namespace qeval
