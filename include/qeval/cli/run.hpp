// Runs the command that a command line asks for, and turns errors into messages and exit codes.
#pragma once

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <variant>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/message.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/file/sigbus.hpp>

namespace qeval::cli {

inline int run_command(command const& asked, program const& p) {
    if (auto const* const printed = std::get_if<exit_status>(&asked)) return static_cast<int>(*printed);
    try {
        interrupt::watch();
        report_sigbus();
        exit_status const status = std::visit(
            [&]<class Options>(Options const& options) {
                if constexpr (std::is_same_v<Options, exit_status>)
                    return options;
                else
                    return perform(options, p);
            },
            asked);
        if (std::fflush(stdout) != 0) {
            throw environment_error{
                {"CL03", "standard output", "a failed write", "room for the results", "a full disk or a closed pipe"}};
        }
        return static_cast<int>(status);
    } catch (error const& e) {
        print_message(std::string(e.what()) + "\n");
        return static_cast<int>(e.status());
    } catch (std::bad_alloc const&) {
        std::fputs("error[EN10] this process: found too little memory, expected enough for model and workspace. "
                   "Likely: a smaller --batch-tokens helps\n",
                   stderr);
        return static_cast<int>(exit_status::environment);
    } catch (std::exception const& e) {
        print_message("error[IN00] qeval: found " + qeval::quoted(e.what(), 400) +
                      ", expected no such exception. Likely: a defect of qeval; please report it\n");
        return static_cast<int>(exit_status::internal);
    }
}

} // namespace qeval::cli
