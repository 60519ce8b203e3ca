// Large pages for large memory: a matrix read once per token touches a page for every 4 KiB otherwise, and at one
// thread the page walks cost 7 % of the bandwidth.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#    include <sys/mman.h>
#endif

namespace qeval {

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

// Asks for huge pages wherever [p, p + size) covers whole ones; a wish that the kernel may ignore. To be said before
// the memory is first touched.
inline void advise_huge_pages([[maybe_unused]] void* p, [[maybe_unused]] std::size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    auto const begin = (reinterpret_cast<std::uintptr_t>(p) + huge_page - 1) / huge_page * huge_page;
    auto const end   = (reinterpret_cast<std::uintptr_t>(p) + size) / huge_page * huge_page;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// Gives the whole pages of [p, p + size) back to the system: memory that is about to be freed, and that the C library
// might keep for requests of its size. What the pages had is lost.
inline void return_pages([[maybe_unused]] void* p, [[maybe_unused]] std::size_t size) {
#if defined(__linux__) && defined(MADV_DONTNEED)
    constexpr std::size_t page  = 4096;
    auto const            begin = (reinterpret_cast<std::uintptr_t>(p) + page - 1) / page * page;
    auto const            end   = (reinterpret_cast<std::uintptr_t>(p) + size) / page * page;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
#endif
}

} // namespace qeval
