// The catalog as qeval::driver holds it: compiled in a few parts, side by side.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <qeval/format/catalog.hpp>
#include <qeval/scheme/catalog_parts.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

template <>
inline format_table table_of_list<catalog>() {
    auto const parts = []<int... P>(std::integer_sequence<int, P...>) {
        return std::array{table_of_catalog_part<P>()...};
    }
    (std::make_integer_sequence<int, catalog_parts>());
    format_table in_order;
    for (int i = 0; i < catalog::size; ++i)
        in_order.append(*(parts[std::size_t(i % catalog_parts)].begin() + i / catalog_parts));
    return in_order;
}

} // namespace QEVAL_ISA
} // namespace qeval
