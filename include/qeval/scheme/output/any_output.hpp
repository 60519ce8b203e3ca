// Output formats whose names are known at run time: what commands see of outputs.hpp, without its formats.
#pragma once

#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/scheme/output/any_output_format.hpp>

namespace qeval {

[[nodiscard]] QEVAL_DRIVER_ONCE std::vector<any_output_format> all_outputs();
// usage_error CL02 where there is none of that name.
[[nodiscard]] QEVAL_DRIVER_ONCE any_output_format output_named(std::string_view name);

} // namespace qeval

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/scheme/output/any_output_body.hpp>
#endif
