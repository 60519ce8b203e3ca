// A value that a file does not say, and that was taken from the class that reads it.
#pragma once

#include <string>
#include <variant>

#include <qeval/core/view.hpp>

namespace qeval {

struct taken_default {
    using any_value = std::variant<std::monostate, bool, index, double, std::string>; // monostate: none

    std::string key; // as the file would name it
    any_value   value;
};

} // namespace qeval
