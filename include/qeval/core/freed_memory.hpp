// What becomes of freed memory, for programs that allocate the same sizes over and over: every layer's results, every
// matrix product's packed inputs.
#pragma once

#if defined(__GLIBC__) || __has_include(<gnu/libc-version.h>)
#    include <malloc.h>
#endif

namespace qeval {

// From now on freed memory stays with the process, up to `bytes` of it, instead of going back to the system, which
// would fill the same pages with zeros again for the next layer: a sixth of the time of a small model. The setting
// is the whole process's, so it is main() that should make it. Nothing happens where the C library has no such setting.
inline void keep_freed_memory([[maybe_unused]] int bytes = 256 << 20) {
#if defined(M_MMAP_THRESHOLD) && defined(M_TRIM_THRESHOLD)
    ::mallopt(M_MMAP_THRESHOLD, bytes);
    ::mallopt(M_TRIM_THRESHOLD, bytes);
#endif
}
// Gives the freed memory that was kept so far back to the system: what is resident afterwards is in use. Nothing
// happens where the C library has no such call.
inline void release_freed_memory() {
#if defined(M_TRIM_THRESHOLD)
    ::malloc_trim(0);
#endif
}

} // namespace qeval
