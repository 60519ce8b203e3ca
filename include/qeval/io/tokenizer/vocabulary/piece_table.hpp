// Ids of texts, for look-ups of nearly every word of a text: most answers take one line of the cache.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>

namespace qeval {

// Open addressing, at most half full. Texts have less than 2^16 bytes.
class piece_table {
public:
    piece_table() = default;
    // Of equal texts the first counts.
    explicit piece_table(std::vector<std::pair<std::string, token>> const& pieces) {
        if (pieces.empty()) return;
        slots_.resize(std::bit_ceil(2 * pieces.size()));
        for (auto const& [text, id] : pieces) {
            auto const at = place_of(text);
            if (slots_[at].id >= 0) continue;
            slots_[at] = {upper(hash_of(text)), id, texts_.size() & 0xffffffffffff, text.size() & 0xffff};
            texts_ += text;
        }
    }
    [[nodiscard]] token find(std::string_view text) const { // -1: none
        return slots_.empty() ? -1 : slots_[place_of(text)].id;
    }

private:
    struct slot { // four in a line of the cache
        std::uint32_t hash        = 0;
        token         id          = -1;
        std::uint64_t begin : 48  = 0; // in texts_
        std::uint64_t length : 16 = 0;
    };

    static std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

    static std::uint32_t upper(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

    // Where a text stands, or would stand.
    [[nodiscard]] std::size_t place_of(std::string_view text) const {
        auto const hash = hash_of(text);
        auto const mask = slots_.size() - 1;
        for (auto at = hash & mask;; at = (at + 1) & mask) {
            slot const& s = slots_[at];
            if (s.id < 0) return at;
            if (s.hash == upper(hash) && std::string_view(texts_).substr(s.begin, s.length) == text) return at;
        }
    }

    std::vector<slot> slots_;
    std::string       texts_;
};

} // namespace qeval
