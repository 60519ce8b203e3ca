// How a quantized checkpoint prescribes that what a matrix is multiplied with be rounded.
#pragma once

#include <string>

#include <qeval/format/prescribed_input.hpp>

namespace qeval {

struct input_rule {
    std::string   activation;   // the name of an activation format, or of a prescribed input
    input_numbers numbers = {}; // of the latter
};

} // namespace qeval
