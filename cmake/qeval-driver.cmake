# qeval::driver: the commands and the catalog's formats, compiled once for all programs of this build that call
# qeval::cli::main. Optional: without it they are compiled into each program.
include_guard(GLOBAL)

set(folder "${PROJECT_BINARY_DIR}/driver")
file(CONFIGURE OUTPUT "${folder}/run.cpp" CONTENT "#include <qeval/cli.hpp>
#include <qeval/cli/run.hpp>
int qeval::cli::run(int argc, char** argv, format_table const& formats) { return run_program(argc, argv, formats); }
")
set(sources "${folder}/run.cpp")
foreach(part RANGE 3)
    file(CONFIGURE OUTPUT "${folder}/catalog_${part}.cpp" CONTENT "#include <qeval/scheme/format_table.hpp>
template qeval::format_table qeval::table_of_list<qeval::catalog_part<${part}>>();
")
    list(APPEND sources "${folder}/catalog_${part}.cpp")
endforeach()
add_library(qeval_driver STATIC EXCLUDE_FROM_ALL ${sources})
add_library(qeval::driver ALIAS qeval_driver)
target_link_libraries(qeval_driver PUBLIC qeval_own)
target_compile_definitions(qeval_driver PUBLIC QEVAL_DRIVER_LIBRARY)
