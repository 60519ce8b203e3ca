// A token: the id of one piece of a vocabulary.
#pragma once

#include <cstdint>

namespace qeval {

using token = std::int32_t;

} // namespace qeval
