# qeval::base: what core/ and io/ declare in X.hpp and define in X_body.hpp, compiled once for all of our own programs. Optional:
# without it (a project that embeds qeval) X.hpp includes its body.
include_guard(GLOBAL)

file(GLOB_RECURSE bodies CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include"
    "${PROJECT_SOURCE_DIR}/include/qeval/core/*_body.hpp" "${PROJECT_SOURCE_DIR}/include/qeval/io/*_body.hpp")
set(source "")
foreach(body IN LISTS bodies)
    string(APPEND source "#include <${body}>\n")
endforeach()
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/base/base.cpp" CONTENT "${source}")
add_library(qeval_base STATIC EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/base/base.cpp")
add_library(qeval::base ALIAS qeval_base)
target_link_libraries(qeval_base PUBLIC qeval_own)
target_compile_definitions(qeval_base PUBLIC QEVAL_BASE_LIBRARY)
