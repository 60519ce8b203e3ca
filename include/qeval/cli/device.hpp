// The device that a program's models are on: the one place of the commands that names a backend.
#pragma once

#include <qeval/core/thread_pool.hpp>
#include <qeval/model/cpu/host.hpp>

namespace qeval::cli {

[[nodiscard]] inline auto device(thread_pool& pool) { return cpu::host(pool); }

} // namespace qeval::cli
