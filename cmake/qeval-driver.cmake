# qeval::driver: the commands and the catalog's formats, compiled once for all programs of this build that call
# qeval::cli::main. Optional: without it they are compiled into each program.
include_guard(GLOBAL)

# The longest first: what starts last decides when a parallel build ends.
set(folder "${PROJECT_BINARY_DIR}/driver")
file(CONFIGURE OUTPUT "${folder}/run.cpp" CONTENT "#include <qeval/cli.hpp>
#include <qeval/cli/run.hpp>
int qeval::cli::run(int argc, char** argv, format_table const& formats) { return run_command(parse(argc, argv), formats, &parse); }
")
file(CONFIGURE OUTPUT "${folder}/command_line.cpp" CONTENT "#include <qeval/cli/command_line.hpp>
namespace qeval::cli {
command parse(int argc, char** argv) { return read_command_line(argc, argv); }
}
")
set(sources "${folder}/run.cpp")
foreach(part RANGE 3)
    file(CONFIGURE OUTPUT "${folder}/catalog_${part}.cpp" CONTENT "#include <qeval/scheme/compiled_catalog.hpp>
template qeval::format_table qeval::table_of_list<qeval::catalog_part<${part}>>();
")
    list(APPEND sources "${folder}/catalog_${part}.cpp")
endforeach()
list(APPEND sources "${folder}/command_line.cpp") # runs once: not worth the time that -O2 takes
set_source_files_properties("${folder}/command_line.cpp" PROPERTIES COMPILE_OPTIONS "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-Os>")
add_library(qeval_driver STATIC EXCLUDE_FROM_ALL ${sources})
add_library(qeval::driver ALIAS qeval_driver)
target_link_libraries(qeval_driver PUBLIC qeval_own)
target_compile_definitions(qeval_driver PUBLIC QEVAL_DRIVER_LIBRARY)

# Links the driver to a program one of whose files names its formats at run time: else the whole catalog is compiled again.
function(qeval_link_driver_where_used target)
    foreach(file IN LISTS ARGN)
        file(STRINGS "${file}" uses REGEX "^#include <qeval/(cli\\.hpp|cli/.*|scheme/build\\.hpp)>" LIMIT_COUNT 1)
        if(uses)
            target_link_libraries(${target} PRIVATE qeval::driver)
            return()
        endif()
    endforeach()
endfunction()
