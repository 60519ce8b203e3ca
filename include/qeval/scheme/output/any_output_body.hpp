// The functions of any_output.hpp over the list of formats.
#pragma once

#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/scheme/output/any_output.hpp>
#include <qeval/scheme/output/outputs.hpp>

namespace qeval {

QEVAL_DRIVER_ONCE std::vector<any_output_format> all_outputs() { return all_outputs(output_formats{}); }
QEVAL_DRIVER_ONCE any_output_format output_named(std::string_view name) { return output_named(name, output_formats{}); }

} // namespace qeval
