// A set of texts by prefix: which of them begin at a place of a text.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>

namespace qeval {

// Nodes lie level by level, children of one node side by side in the order of their bytes.
class byte_trie {
public:
    using entry = std::pair<std::string_view, token>;

    byte_trie() { root_.fill(-1); }
    // Texts are not empty; of equal ones the later counts. They are not kept.
    explicit byte_trie(std::vector<entry> entries) : byte_trie() {
        std::stable_sort(entries.begin(), entries.end(),
                         [](auto const& a, auto const& b) { return a.first < b.first; });
        struct range {
            std::size_t  begin, end, depth;
            std::int32_t node;
        };
        std::vector<range> open{{0, entries.size(), 0, -1}};
        for (std::size_t next = 0; next < open.size(); ++next) {
            auto [begin, end, depth, parent] = open[next];
            for (; begin < end && entries[begin].first.size() == depth; ++begin)
                nodes_[static_cast<std::size_t>(parent)].id = entries[begin].second;
            if (parent >= 0) nodes_[static_cast<std::size_t>(parent)].first = static_cast<std::uint32_t>(nodes_.size());
            while (begin < end) {
                auto const byte = static_cast<unsigned char>(entries[begin].first[depth]);
                auto       last = begin;
                while (last < end && static_cast<unsigned char>(entries[last].first[depth]) == byte) ++last;
                auto const at = static_cast<std::int32_t>(nodes_.size());
                nodes_.push_back({-1, 0, 0, byte});
                if (parent >= 0)
                    ++nodes_[static_cast<std::size_t>(parent)].count;
                else
                    root_[byte] = at;
                open.push_back({begin, last, depth + 1, at});
                begin = last;
            }
        }
    }

    // f(length, id) for each text that `text` begins with, the shortest first.
    template <class F>
    void prefixes(std::string_view text, F&& f) const {
        if (text.empty()) return;
        std::int32_t at = root_[static_cast<unsigned char>(text.front())];
        for (std::size_t length = 1; at >= 0; ++length) {
            node const& n = nodes_[static_cast<std::size_t>(at)];
            if (n.id >= 0) f(length, n.id);
            at = length < text.size() ? child(n, static_cast<unsigned char>(text[length])) : -1;
        }
    }
    // Length of the longest text that `text` begins with, 0 where there is none.
    [[nodiscard]] std::size_t longest(std::string_view text) const {
        std::size_t best = 0;
        prefixes(text, [&](std::size_t length, token) { best = length; });
        return best;
    }

private:
    struct node {
        token         id    = -1; // of the text that ends here
        std::uint32_t first = 0;  // child
        std::uint16_t count = 0;
        unsigned char byte  = 0;
    };

    [[nodiscard]] std::int32_t child(node const& parent, unsigned char byte) const {
        auto const first = nodes_.begin() + static_cast<std::ptrdiff_t>(parent.first);
        auto const last  = first + parent.count;
        auto const less  = [](node const& n, unsigned char b) { return n.byte < b; };
        auto const it    = std::lower_bound(first, last, byte, less);
        return it == last || it->byte != byte ? -1 : static_cast<std::int32_t>(it - nodes_.begin());
    }

    std::vector<node>             nodes_;
    std::array<std::int32_t, 256> root_{};
};

} // namespace qeval
