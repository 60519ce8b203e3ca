// The Python programs that run inside the sandboxes, put together: see code_checker.hpp for who speaks to whom.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <qeval/eval/sandbox/python_bridge.hpp>
#include <qeval/eval/sandbox/python_checker.hpp>
#include <qeval/eval/sandbox/python_compat.hpp>
#include <qeval/eval/sandbox/python_containers.hpp>
#include <qeval/eval/sandbox/python_decoder.hpp>
#include <qeval/eval/sandbox/python_encoder.hpp>
#include <qeval/eval/sandbox/python_mirrors.hpp>
#include <qeval/eval/sandbox/python_solver.hpp>
#include <qeval/eval/sandbox/python_values.hpp>

namespace qeval::sandbox_programs {

[[nodiscard]] inline std::string with_bridge(std::string_view program) {
    std::string source;
    for (std::string_view const part : {values, containers, encoder, mirrors, decoder, bridge, program})
        source.append(part);
    return source;
}
[[nodiscard]] inline std::string solver_source() { return with_bridge(solver); }
[[nodiscard]] inline std::string checker_source() { return with_bridge(checker); }

} // namespace qeval::sandbox_programs
