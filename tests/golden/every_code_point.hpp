// All of Unicode but NUL and the surrogates in one text, in order, as UTF-8.
#pragma once

#include <string>

namespace qeval_test {

inline std::string every_code_point() {
    std::string text;
    auto const  put = [&](unsigned first, unsigned value, int more) { // a byte that leads, and `more` that follow
        text += char(first | value >> 6 * more);
        for (int i = more - 1; i >= 0; --i) text += char(0x80 | (value >> 6 * i & 0x3f));
    };
    for (unsigned c = 1; c < 0x110000; ++c) {
        if (c >= 0xd800 && c < 0xe000) continue;
        c < 0x80 ? put(0, c, 0) : c < 0x800 ? put(0xc0, c, 1) : c < 0x10000 ? put(0xe0, c, 2) : put(0xf0, c, 3);
    }
    return text;
}

} // namespace qeval_test
