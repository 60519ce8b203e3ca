// A part of a text, by bytes.
#pragma once

#include <cstddef>

namespace qeval {

struct text_range {
    std::size_t begin = 0, end = 0; // end: one past the last byte

    friend bool operator==(text_range const&, text_range const&) = default;
};

} // namespace qeval
