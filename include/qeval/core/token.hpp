// A token id, as tokenizers, models and engines exchange it.
#pragma once

#include <cstdint>

namespace qeval {

using token = std::int32_t;

} // namespace qeval
