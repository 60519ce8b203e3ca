# qeval::driver: the commands, the catalog's formats and the architectures, compiled once for all programs of this build that call
# qeval::cli::main. Optional: without it they are compiled into each program.
include_guard(GLOBAL)

# The commands are those that cli/commands.hpp lists. The longest first: what starts last decides when a parallel build ends.
set(folder "${PROJECT_BINARY_DIR}/driver")
file(READ "${PROJECT_SOURCE_DIR}/include/qeval/cli/commands.hpp" list)
string(REGEX MATCH "using commands[ \n]*=[ \n]*command_list<([^>]*)>" list "${list}")
if(NOT CMAKE_MATCH_1)
    message(FATAL_ERROR "cli/commands.hpp lists no commands")
endif()
string(REGEX MATCHALL "[a-z_]+_options" commands "${CMAKE_MATCH_1}")
set(includes "")
set(works "")
foreach(command IN LISTS commands)
    string(REGEX REPLACE "_options$" "" name "${command}")
    string(APPEND includes "#include <qeval/cli/${name}.hpp>\n")
    string(APPEND works "template exit_status perform(${command} const&, program const&);\n")
endforeach()
file(CONFIGURE OUTPUT "${folder}/commands.cpp" CONTENT "${includes}#include <qeval/cli/perform.hpp>
namespace qeval::cli {
${works}}
")
file(CONFIGURE OUTPUT "${folder}/run.cpp" CONTENT "#include <qeval/cli/line/command_line.hpp>
#include <qeval/cli/run.hpp>
namespace qeval::cli {
int run(int argc, char** argv, program_tables const& tables) { return run_command(read_command_line(argc, argv), {tables, &read_command_line}); }
}
")
set(sources "${folder}/commands.cpp")
foreach(part RANGE 3)
    file(CONFIGURE OUTPUT "${folder}/catalog_${part}.cpp" CONTENT "#include <qeval/scheme/compiled_catalog.hpp>
template qeval::format_table qeval::table_of_list<qeval::catalog_part<${part}>>();
")
    list(APPEND sources "${folder}/catalog_${part}.cpp")
endforeach()
file(CONFIGURE OUTPUT "${folder}/architectures.cpp" CONTENT "#include <qeval/cli/compiled_architectures.hpp>
template qeval::architecture_table<qeval::cli::device_type> qeval::table_of_architectures<qeval::builtin_architectures, qeval::cli::device_type>();
")
list(APPEND sources "${folder}/architectures.cpp")
list(APPEND sources "${folder}/run.cpp") # runs once: not worth the time that -O2 takes
set_source_files_properties("${folder}/run.cpp" PROPERTIES COMPILE_OPTIONS "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-Os>")
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
