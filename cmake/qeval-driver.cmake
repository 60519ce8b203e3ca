# qeval::driver: the commands, the catalog's formats and the architectures, compiled once for all programs of this build that call
# qeval::cli::main. Optional: without it they are compiled into each program.
include_guard(GLOBAL)

set(folder "${PROJECT_BINARY_DIR}/driver")
set(sources "")
# What the commands share and a compiler is long over. Bodies that see the same headers make a unit together: half of a unit's time
# is what it includes. A unit's memory sets how many (hygiene.peak_memory).
set(shared_model_bodies loaded_model loaded_engine)
# Units of commands that see the same: the kernels, engines, results.
set(bench_command_bodies built_model)
set(model_commands_bodies local_rows latency_run)
set(small_commands_bodies eval_output)
file(GLOB_RECURSE bodies CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/include/qeval/cli/*_body.hpp" "${PROJECT_SOURCE_DIR}/include/qeval/scheme/*_body.hpp")
foreach(body IN LISTS bodies)
    get_filename_component(name "${body}" NAME_WE)
    string(REGEX REPLACE "_body$" "" name "${name}")
    set(unit shared_${name})
    foreach(larger IN ITEMS shared_model bench_command model_commands small_commands)
        if(name IN_LIST ${larger}_bodies)
            set(unit ${larger})
        endif()
    endforeach()
    string(APPEND ${unit}_includes "#include <${body}>\n")
    if(NOT unit MATCHES "commands?$")
        list(APPEND body_units ${unit})
    endif()
endforeach()
list(APPEND body_units architectures)
set(architectures_includes "#include <qeval/cli/base/compiled_architectures.hpp>
template qeval::architecture_table<qeval::cli::device_type>
qeval::table_of_architectures<qeval::builtin_architectures, qeval::cli::device_type>();
")
list(REMOVE_DUPLICATES body_units)
foreach(unit IN LISTS body_units)
    file(CONFIGURE OUTPUT "${folder}/${unit}.cpp" CONTENT "${${unit}_includes}")
    list(APPEND sources "${folder}/${unit}.cpp")
endforeach()
# The commands are those that cli/base/commands.hpp lists. Some make a unit together: what they share is compiled once.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/qeval/cli/base/commands.hpp"
    "${PROJECT_SOURCE_DIR}/include/qeval/scheme/catalog_parts.hpp")
file(READ "${PROJECT_SOURCE_DIR}/include/qeval/cli/base/commands.hpp" list)
string(REGEX MATCH "using commands[ \n]*=[ \n]*command_list<([^>]*)>" list "${list}")
if(NOT CMAKE_MATCH_1)
    message(FATAL_ERROR "cli/base/commands.hpp lists no commands")
endif()
string(REGEX MATCHALL "[a-z_]+_options" commands "${CMAKE_MATCH_1}")
set(model_commands eval merge generate logits imatrix)
set(bench_command bench)
set(checkpoint_commands inspect compare formats)
set(quantize_command quantize) # regular expressions and JSON, too: beside others it would need more memory than a unit may
foreach(command IN LISTS commands)
    string(REGEX REPLACE "_options$" "" name "${command}")
    set(unit small_commands)
    foreach(larger IN ITEMS bench_command checkpoint_commands quantize_command model_commands)
        if(name IN_LIST ${larger})
            set(unit ${larger})
        endif()
    endforeach()
    list(APPEND units ${unit})
    string(APPEND ${unit}_includes "#include <qeval/cli/${name}.hpp>\n")
    string(APPEND ${unit}_works "template exit_status perform(${command} const&, program const&);\n")
endforeach()
list(REMOVE_DUPLICATES units)
foreach(unit IN LISTS units)
    file(CONFIGURE OUTPUT "${folder}/${unit}.cpp" CONTENT "${${unit}_includes}#include <qeval/cli/perform.hpp>
namespace qeval::cli {
${${unit}_works}}
")
    list(APPEND sources "${folder}/${unit}.cpp")
endforeach()
file(CONFIGURE OUTPUT "${folder}/run.cpp" CONTENT "#include <qeval/cli/line/command_line.hpp>
#include <qeval/cli/run.hpp>
namespace qeval::cli {
int run(int argc, char** argv, program_tables const& tables) { return run_command(read_command_line(argc, argv), {tables, &read_command_line}); }
}
")
file(STRINGS "${PROJECT_SOURCE_DIR}/include/qeval/scheme/catalog_parts.hpp" parts REGEX "constexpr int catalog_parts = [0-9]+;")
string(REGEX MATCH "[0-9]+" parts "${parts}")
math(EXPR last "${parts} - 1")
foreach(part RANGE ${last})
    file(CONFIGURE OUTPUT "${folder}/catalog_${part}.cpp" CONTENT "#include <qeval/scheme/catalog_part.hpp>
template qeval::format_table qeval::table_of_catalog_part<${part}>();
")
    list(APPEND sources "${folder}/catalog_${part}.cpp")
endforeach()
list(APPEND sources "${folder}/run.cpp")
add_library(qeval_driver STATIC EXCLUDE_FROM_ALL ${sources})
add_library(qeval::driver ALIAS qeval_driver)
target_link_libraries(qeval_driver PUBLIC qeval::base)
# What runs once, or calls the inner loops that other units hold, is not worth the time that -O2 takes.
set(runs_once run shared_model shared_model_words checkpoint_commands quantize_command model_commands small_commands shared_eval_tasks)
list(TRANSFORM runs_once REPLACE "(.+)" "${folder}/\\1.cpp")
set_property(SOURCE ${runs_once} APPEND PROPERTY COMPILE_OPTIONS "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-O1>")
target_compile_definitions(qeval_driver PUBLIC QEVAL_DRIVER_LIBRARY)
# By default GCC looks for what it can free from 128 MB on, and then whenever its heap has doubled. It spends a quarter of a unit's
# time on it; so not before the heap is worth it (600 MiB), and then often enough for a unit's memory to stay near that.
target_compile_options(qeval_driver PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:--param=ggc-min-heapsize=614400>
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:--param=ggc-min-expand=20>)

# What compiling a unit of the target needs is kept beside its object; a test reads it (hygiene.peak_memory).
find_program(QEVAL_PYTHON3 python3)
mark_as_advanced(QEVAL_PYTHON3)
function(qeval_keep_peak_memory target)
    if(QEVAL_PYTHON3 AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
        set(launcher "${QEVAL_PYTHON3}" -B "${PROJECT_SOURCE_DIR}/cmake/peak_memory.py" ${CMAKE_CXX_COMPILER_LAUNCHER})
        set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${launcher}")
    endif()
endfunction()
qeval_keep_peak_memory(qeval_driver)

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
