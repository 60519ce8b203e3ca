// One part of the catalog, for a unit of qeval::driver to instantiate.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/format/list.hpp>
#include <qeval/scheme/catalog_parts.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

template <int Part>
format_table table_of_catalog_part() {
    return table_of_list<slice_t<catalog, Part, catalog_parts>>();
}

} // namespace QEVAL_ISA
} // namespace qeval
