// The version of the library; the store and the result schema carry their own.
#pragma once

#include <string_view>

#include <qeval/core/macros.hpp>

namespace qeval {

inline constexpr std::string_view version = "0.1.0"; // CMakeLists.txt says the same; a test compares them

// The instruction set that this translation unit was compiled for.
inline constexpr std::string_view built_for = QEVAL_STRINGIFY(QEVAL_ISA);

// The compiler, e.g. "g++ 12.2.0".
inline constexpr std::string_view compiler =
#if defined(__clang__)
    "clang++ " __clang_version__;
#elif defined(__GNUC__)
    "g++ " __VERSION__;
#else
    "unknown";
#endif

} // namespace qeval
