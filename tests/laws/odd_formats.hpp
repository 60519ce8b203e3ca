// Two formats that no catalog has, so that a law cannot hold by special treatment: the ones the examples define, from
// policies with uneven levels, and by hand with 40 weights in 10 bytes.
#pragma once

#include <examples/bell4/bell4.hpp>
#include <examples/tern5/tern5.hpp>

namespace qeval_test {

using ::bell4;
using ::tern5;

} // namespace qeval_test
