// Catch2, whichever version is installed: 2.13 (Debian 12) has one header, 3.x has another and moved some names.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_all.hpp>
using Catch::Approx;
namespace Catch {
inline auto Contains(std::string const& text) { return Matchers::ContainsSubstring(text); }
inline auto StartsWith(std::string const& text) { return Matchers::StartsWith(text); }
inline auto EndsWith(std::string const& text) { return Matchers::EndsWith(text); }
} // namespace Catch
#else
#    include <catch2/catch.hpp>
#endif
