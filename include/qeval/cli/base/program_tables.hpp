// The tables of what a program knows by name, made of its parts: formats, architectures, and lists of either, in any
// order.
#pragma once

#include <qeval/cli/base/device.hpp>
#include <qeval/scheme/architecture_table.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/table_of.hpp>
#if defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/base/compiled_architectures.hpp> // included here, so that every file sees this definition
#endif

namespace qeval::cli {

struct program_tables {
    format_table                    formats;
    architecture_table<device_type> architectures;
};

template <class... Parts>
[[nodiscard]] program_tables tables_of() {
    return {table_of<Parts...>(), architectures_of<device_type, Parts...>()};
}

} // namespace qeval::cli
