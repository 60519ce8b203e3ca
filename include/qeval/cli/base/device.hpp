// The device on which a program's models compute: the only place of the commands that names a backend.
#pragma once

#include <qeval/core/thread_pool.hpp>
#include <qeval/model/cpu/host.hpp>

namespace qeval::cli {

using device_type = cpu::host;

[[nodiscard]] inline device_type device(thread_pool& pool) { return device_type(pool); }

} // namespace qeval::cli
