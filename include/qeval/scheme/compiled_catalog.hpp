// The catalog as qeval::driver holds it: compiled in a few parts, side by side.
#pragma once

#include <qeval/format/catalog.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

template <int Part>
using catalog_part = slice_t<catalog, Part, 4>;

extern template format_table table_of_list<catalog_part<0>>();
extern template format_table table_of_list<catalog_part<1>>();
extern template format_table table_of_list<catalog_part<2>>();
extern template format_table table_of_list<catalog_part<3>>();

template <>
inline format_table table_of_list<catalog>() {
    format_table const parts[] = {table_of_list<catalog_part<0>>(), table_of_list<catalog_part<1>>(),
                                  table_of_list<catalog_part<2>>(), table_of_list<catalog_part<3>>()};
    format_table       all;
    for (int i = 0; i < catalog::size; ++i) all.append(*(parts[i % 4].begin() + i / 4)); // the catalog's order
    return all;
}

} // namespace QEVAL_ISA
} // namespace qeval
