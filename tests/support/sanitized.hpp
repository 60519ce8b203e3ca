// Whether a sanitizer watches this build. Such tests look for bad accesses, not for wrong numbers, ten and more times
// as slowly: they take one case of each kind where others take all.
#pragma once

namespace qeval_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

} // namespace qeval_test
