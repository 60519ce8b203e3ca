// What a JSON text from a file or a network peer may cost before it is refused.
#pragma once

#include <cstddef>
#include <string>

namespace qeval {

struct json_limits {
    std::size_t bytes    = std::size_t{128} << 20; // of text
    std::size_t elements = 8'000'000;              // values and keys together
    std::size_t depth    = 64;                     // arrays and objects inside one another
    std::string id       = "JS09";                 // of errors about content: a missing field, a wrong type or range
    // Files that publishers ship have numbers that nobody reads and no 64-bit integer or double holds: 10^30, 1e999,
    // NaN, Infinity. true: such a number is a value that is of no type, so that only reading it is an error; false:
    // JS08, JS01.
    bool odd_numbers = false;
};

} // namespace qeval
