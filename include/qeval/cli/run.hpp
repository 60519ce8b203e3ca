// The qeval program: the command that a command line asks for, and how it ends.
#pragma once

#include <cstdio>
#include <exception>
#include <new>
#include <type_traits>
#include <variant>

#include <qeval/cli/bench.hpp>
#include <qeval/cli/doctor.hpp>
#include <qeval/cli/eval.hpp>
#include <qeval/cli/formats.hpp>
#include <qeval/cli/generate.hpp>
#include <qeval/cli/inspect.hpp>
#include <qeval/cli/interrupt.hpp>
#include <qeval/cli/latency_bench.hpp>
#include <qeval/cli/lists.hpp>
#include <qeval/cli/merge.hpp>
#include <qeval/cli/options.hpp>
#include <qeval/cli/quantize.hpp>
#include <qeval/cli/score.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/file/sigbus.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval::cli {

namespace detail {

inline exit_status perform(format_table const&, exit_status printed) { return printed; }
inline exit_status perform(format_table const& formats, eval_options const& o) {
    return eval_command(formats, o).run();
}
inline exit_status perform(format_table const& formats, generate_options const& o) {
    return generate_command(formats, o).run();
}
inline exit_status perform(format_table const& formats, quantize_options const& o) {
    return quantize_command(formats, o).run();
}
inline exit_status perform(format_table const& formats, inspect_options const& o) {
    return inspect_command(formats, o).run();
}
inline exit_status perform(format_table const& formats, kernel_bench_options const& o) {
    return kernel_bench(formats, o).run();
}
inline exit_status perform(format_table const& formats, latency_bench_options const& o) {
    return latency_bench(formats, o).run();
}
inline exit_status perform(format_table const& formats, formats_options const& o) {
    return formats_command(formats, o).run();
}
inline exit_status perform(format_table const&, score_options const& o) { return score(o); }
inline exit_status perform(format_table const&, doctor_options const& o) { return doctor(o); }
inline exit_status perform(format_table const&, list_schemes_options) { return list_schemes(), exit_status::ok; }
inline exit_status perform(format_table const&, list_tasks_options) { return list_tasks(), exit_status::ok; }

} // namespace detail

// For the formats of a table. `parse` reads the command line that a store repeats.
inline int run_command(command const& asked, format_table const& formats, parser parse) {
    if (auto const* const printed = std::get_if<exit_status>(&asked)) return static_cast<int>(*printed);
    try {
        interrupt::watch();
        report_sigbus();
        auto const perform = [&]<class Options>(Options const& options) {
            if constexpr (std::is_same_v<Options, merge_options>) {
                return detail::perform(formats, merged_evaluation(options, parse));
            } else {
                return detail::perform(formats, options);
            }
        };
        exit_status const status = std::visit(perform, asked);
        if (std::fflush(stdout) != 0) {
            throw environment_error{
                {"CL03", "standard output", "a failed write", "room for the results", "a full disk or a closed pipe"}};
        }
        return static_cast<int>(status);
    } catch (error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    } catch (std::bad_alloc const&) {
        std::fputs("error[EN10] this process: found too little memory, expected enough for model and workspace. "
                   "Likely: a smaller --batch-tokens helps\n",
                   stderr);
        return static_cast<int>(exit_status::environment);
    } catch (std::exception const& e) {
        std::fprintf(stderr,
                     "error[IN00] qeval: found \"%s\", expected no such exception. Likely: a defect of qeval; please "
                     "report it\n",
                     e.what());
        return static_cast<int>(exit_status::internal);
    }
}

} // namespace qeval::cli
