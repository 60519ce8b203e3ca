// The built-in architectures as qeval::driver holds them: compiled once, for the device of the commands.
#pragma once

#include <qeval/cli/base/device.hpp>
#include <qeval/model/architectures.hpp>
#include <qeval/scheme/architecture_table.hpp>

namespace qeval {

extern template architecture_table<cli::device_type> table_of_architectures<builtin_architectures, cli::device_type>();

} // namespace qeval
