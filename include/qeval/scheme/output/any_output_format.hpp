// An output format whose name is known at run time.
#pragma once

#include <memory>
#include <string_view>

#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

struct any_output_format {
    std::string_view name;
    bool             is_file                                     = false;
    std::unique_ptr<planned_output> (*plan)(quantization const&) = nullptr;
};

} // namespace qeval
