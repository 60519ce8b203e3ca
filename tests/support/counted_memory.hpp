// Counts the memory that a piece of a test takes. Every allocation of the program passes through here and is counted
// while a test says so, so one file of a test program, and only one, may include this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

#include <qeval/core/error.hpp>

namespace qeval_test::counted_memory {

inline thread_local bool        counting = false;
inline thread_local std::size_t live = 0, peak = 0;

inline void* take(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    if (counting) {
        live += ::malloc_usable_size(memory);
        peak = std::max(peak, live);
    }
    return memory;
}
inline void give(void* memory) noexcept {
    if (counting && memory != nullptr) live -= std::min(live, ::malloc_usable_size(memory));
    std::free(memory);
}

} // namespace qeval_test::counted_memory

void* operator new(std::size_t size) { return qeval_test::counted_memory::take(size); }
void* operator new[](std::size_t size) { return qeval_test::counted_memory::take(size); }
void  operator delete(void* memory) noexcept { qeval_test::counted_memory::give(memory); }
void  operator delete[](void* memory) noexcept { qeval_test::counted_memory::give(memory); }
void  operator delete(void* memory, std::size_t) noexcept { qeval_test::counted_memory::give(memory); }
void  operator delete[](void* memory, std::size_t) noexcept { qeval_test::counted_memory::give(memory); }
// A sanitizer's own versions of these would not fit the ones above; the aligned ones go together and stay.
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void  operator delete(void* memory, std::nothrow_t const&) noexcept { qeval_test::counted_memory::give(memory); }
void  operator delete[](void* memory, std::nothrow_t const&) noexcept { qeval_test::counted_memory::give(memory); }

namespace qeval_test {

inline constexpr std::size_t mib = std::size_t{1} << 20;

// The most bytes that were in use at one moment of a read that is refused or succeeds.
template <class Read>
std::size_t peak_of(Read const& read) {
    counted_memory::live = counted_memory::peak = 0;
    counted_memory::counting                    = true;
    try {
        read();
    } catch (qeval::file_error const&) {}
    counted_memory::counting = false;
    return counted_memory::peak;
}

} // namespace qeval_test
