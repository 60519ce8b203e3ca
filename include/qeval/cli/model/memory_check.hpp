// Checks whether there is memory for a scheme's weights before any of them is read. A process that the kernel ends for
// lack of memory could print no error.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/error.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/scheme/memory_plan.hpp>
#include <qeval/scheme/plan.hpp>

namespace qeval::cli {

// How many bytes this process may still use: the machine's available memory, or less where a control group allows less.
[[nodiscard]] inline std::uint64_t usable_memory() {
    std::uint64_t const limit = group_memory_limit(), available = available_memory();
    std::uint64_t const machine = available > 0 ? available : std::numeric_limits<std::uint64_t>::max();
    return limit > 0 ? std::min(machine, limit) : machine;
}

// Refuses a scheme whose weights need more than `usable` bytes. Weights that a scheme takes over from the file stay
// mapped and need no memory; all others do.
inline void refuse_too_large(loaded_model& model, scheme_spec const& spec, scheme_plan const& plan,
                             std::uint64_t usable) {
    std::uint64_t const bytes = plan_memory(plan, model.description(), finder_in(model.source())).needed();
    if (bytes <= usable) return;
    throw environment_error{
        {"EN11", "the scheme " + spec.name, bytes_text(usable) + " of usable memory",
         bytes_text(bytes) + " for its weights, and room to work",
         "other processes, or a control group's limit; `qeval inspect --plan` shows every tensor's bytes"}};
}

} // namespace qeval::cli
