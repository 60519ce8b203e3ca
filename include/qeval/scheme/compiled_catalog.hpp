// The catalog as qeval::driver holds it: compiled in a few parts, side by side.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <qeval/format/catalog.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

inline constexpr int catalog_parts = 8; // the build reads it here and makes so many units

// Every so-manieth format, so that relatives, which cost a compiler the same, are spread. Defined in
// scheme/catalog_part.hpp, which only the driver's units include.
template <int Part>
[[nodiscard]] format_table table_of_catalog_part();

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
