// Cuts a text before visible spaces that no merge can reach across, so that words can be encoded one by one.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_set>

#include <qeval/io/text/code_point.hpp>

namespace qeval {

// Merging only ever makes pieces of the vocabulary. Where no piece has U+2581 behind a certain character, a text may be
// cut between the two, and its parts give the same tokens as the whole.
class word_cutter {
public:
    static constexpr char32_t space = 0x2581;

    // Every piece that merging can make. A space must itself be a piece, or a run of unknown characters could cross it.
    void learn(std::string_view piece) {
        char32_t before = 0;
        for (std::size_t at = 0; at < piece.size();) {
            auto const c = decode_utf8(piece, at);
            if (at > 0 && c.value == space) before_space_.insert(before);
            if (c.valid && c.value == space && c.length == piece.size()) enabled_ = true;
            before = c.value;
            at += c.length;
        }
    }
    void disable() { never_ = true; }

    // f(part) for the parts of a text, in order.
    template <class F>
    void operator()(std::string_view text, F&& f) const {
        if (!enabled_ || never_) return f(text);
        constexpr std::string_view mark  = "\xe2\x96\x81";
        std::size_t                begin = 0;
        for (auto at = text.find(mark, 1); at != std::string_view::npos; at = text.find(mark, at + mark.size())) {
            if (before_space_.contains(decode_utf8(text, start_of_utf8(text, at - 1)).value)) continue;
            f(text.substr(begin, at - begin));
            begin = at;
        }
        if (begin < text.size()) f(text.substr(begin));
    }

private:
    std::unordered_set<char32_t> before_space_;
    bool                         enabled_ = false;
    bool                         never_   = false;
};

} // namespace qeval
