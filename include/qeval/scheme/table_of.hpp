// The table of a program's formats: format_table const formats = table_of<catalog, my_format>();
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/format/list.hpp>
#include <qeval/model/architecture_list.hpp>
#include <qeval/scheme/format_table.hpp>
#if defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/scheme/compiled_catalog.hpp> // here, so that no file sees another definition
#endif

namespace qeval {
inline namespace QEVAL_ISA {

// Formats and lists of formats, in order; architectures are other tables' (scheme/program_tables.hpp).
template <class... Parts>
[[nodiscard]] format_table table_of() {
    format_table                all;
    [[maybe_unused]] auto const add = [&all]<class Part>(format_list<Part>) {
        if constexpr (!is_architecture_part<Part>) all.append(table_of_list<join_t<Part>>());
    };
    (add(format_list<Parts>{}), ...);
    return all;
}

} // namespace QEVAL_ISA
} // namespace qeval
