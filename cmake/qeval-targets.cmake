# How our own programs are compiled: one place for warnings, instruction set and sanitizers.
include_guard(GLOBAL)

add_library(qeval_own INTERFACE)
target_link_libraries(qeval_own INTERFACE qeval::all)
# GCC 12 sees std::variant members and inlined vectors as "maybe uninitialized" at -O2; clang
# and the sanitizers watch for the real thing.
target_compile_options(qeval_own INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -Wshadow -Werror>
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
if(QEVAL_MARCH)
    target_compile_options(qeval_own INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=${QEVAL_MARCH}>)
endif()
if(QEVAL_SANITIZE)
    # AddressSanitizer reports null pointers itself; UBSan's checks for them, and for vptr, double the compile time.
    # -Wno-error: the instrumentation itself misleads GCC's flow warnings.
    # -fno-sanitize-recover: undefined behaviour ends the test instead of scrolling by.
    target_compile_options(qeval_own INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${QEVAL_SANITIZE}
        -Wno-error -fno-sanitize=null,vptr -fno-sanitize-recover=all -fno-omit-frame-pointer -g1>)
    target_link_options(qeval_own INTERFACE -fsanitize=${QEVAL_SANITIZE})
endif()
include(qeval-base)
