// The parts in which qeval::driver holds the catalog.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

inline constexpr int catalog_parts = 2; // the build reads it here and makes so many units

// Every so-manieth format, so that relatives, which cost a compiler the same, are spread. Defined in
// scheme/catalog_part.hpp, which only the driver's units include. A unit that defines one must not ask for the others:
// a compiler instantiates, to inline it, whatever it can see the definition of.
template <int Part>
[[nodiscard]] format_table table_of_catalog_part();

} // namespace QEVAL_ISA
} // namespace qeval
