# Finds every third-party package that qeval can use and wraps it as qeval::<name>, an imported interface target that
# exists only when the package does. Nothing here is required and nothing touches the network. This file serves the
# build tree and, installed beside qevalConfig.cmake, find_package(qeval) too.
#
#   qeval::dependencies   the core's: threads, xtensor, xsimd, nlohmann_json
#   qeval::<name>         one optional package, belonging to one header
#   qeval::all            qeval::qeval and everything that was found
include_guard(GLOBAL)

# One line of the table printed at configure time: qeval_feature(PCRE2 on 10.42) or qeval_feature(CUDA off "nvcc not found").
function(qeval_feature name state detail)
    if(state STREQUAL "on")
        set_property(GLOBAL APPEND PROPERTY QEVAL_FEATURES "${name}: on ${detail}")
    else()
        set_property(GLOBAL APPEND PROPERTY QEVAL_FEATURES "${name}: off - ${detail}")
    endif()
endfunction()

function(qeval_print_features)
    get_property(lines GLOBAL PROPERTY QEVAL_FEATURES)
    message(STATUS "qeval ${PROJECT_VERSION}: what this machine offers")
    foreach(line IN LISTS lines)
        message(STATUS "    ${line}")
    endforeach()
endfunction()

# qeval::<name> from targets that find_package made.
function(qeval_wrap_targets name title version)
    add_library(qeval::${name} INTERFACE IMPORTED GLOBAL)
    target_link_libraries(qeval::${name} INTERFACE ${ARGN})
    qeval_feature("${title}" on "${version}")
endfunction()

# qeval::<name> from what find_package(FIND ...) makes, where it makes `target`.
function(qeval_find name title target)
    cmake_parse_arguments(PARSE_ARGV 3 arg "" "PACKAGE" "FIND")
    find_package(${arg_FIND} QUIET)
    if(TARGET ${target})
        list(GET arg_FIND 0 found)
        set(version "${${found}_VERSION}")
        if(NOT version)
            set(version "${${found}_VERSION_STRING}")
        endif()
        qeval_wrap_targets(${name} ${title} "${version}" ${target})
    else()
        qeval_feature(${title} off "not found (Debian: ${arg_PACKAGE})")
    endif()
endfunction()

# qeval::<name> from a header and a library that ship no CMake package. The version is what VERSION_MACROS of
# VERSION_HEADER say, joined by dots.
function(qeval_wrap_files name title)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "HEADER;LIBRARY;VERSION_HEADER;PACKAGE" "VERSION_MACROS")
    find_path(QEVAL_${name}_INCLUDE_DIR ${arg_HEADER})
    if(arg_LIBRARY)
        find_library(QEVAL_${name}_LIBRARY ${arg_LIBRARY})
        mark_as_advanced(QEVAL_${name}_LIBRARY)
    endif()
    mark_as_advanced(QEVAL_${name}_INCLUDE_DIR)
    if(NOT QEVAL_${name}_INCLUDE_DIR OR (arg_LIBRARY AND NOT QEVAL_${name}_LIBRARY))
        qeval_feature("${title}" off "${arg_HEADER} not found (Debian: ${arg_PACKAGE})")
        return()
    endif()
    set(version "")
    if(arg_VERSION_MACROS AND EXISTS "${QEVAL_${name}_INCLUDE_DIR}/${arg_VERSION_HEADER}")
        foreach(macro IN LISTS arg_VERSION_MACROS)
            file(STRINGS "${QEVAL_${name}_INCLUDE_DIR}/${arg_VERSION_HEADER}" line
                REGEX "^#[ ]*define[ \t]+${macro}[ \t]" LIMIT_COUNT 1)
            if(line MATCHES "${macro}[ \t]+\"?([0-9.]+)")
                list(APPEND version "${CMAKE_MATCH_1}")
            endif()
        endforeach()
        list(JOIN version "." version)
    endif()
    add_library(qeval::${name} INTERFACE IMPORTED GLOBAL)
    if(NOT QEVAL_${name}_INCLUDE_DIR IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        target_include_directories(qeval::${name} SYSTEM INTERFACE "${QEVAL_${name}_INCLUDE_DIR}")
    endif()
    if(arg_LIBRARY)
        target_link_libraries(qeval::${name} INTERFACE "${QEVAL_${name}_LIBRARY}")
    endif()
    qeval_feature("${title}" on "${version}")
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
add_library(qeval::dependencies INTERFACE IMPORTED GLOBAL)
target_link_libraries(qeval::dependencies INTERFACE Threads::Threads)

foreach(package IN ITEMS xtensor xsimd nlohmann_json)
    set(target ${package})
    if(package STREQUAL "nlohmann_json")
        set(target nlohmann_json::nlohmann_json)
    endif()
    find_package(${package} CONFIG QUIET)
    if(TARGET ${target})
        qeval_wrap_targets(${package} ${package} "${${package}_VERSION}" ${target})
        target_link_libraries(qeval::dependencies INTERFACE qeval::${package})
    else()
        qeval_feature(${package} off "not found; only headers that do not need it can be used")
    endif()
endforeach()

set(qeval_optional crypto pcre2 utf8proc zlib libarchive fmt cli11 sqlite seccomp curl)
qeval_wrap_files(crypto libcrypto HEADER openssl/evp.h LIBRARY crypto PACKAGE libssl-dev
    VERSION_HEADER openssl/opensslv.h VERSION_MACROS OPENSSL_VERSION_MAJOR OPENSSL_VERSION_MINOR OPENSSL_VERSION_PATCH)
qeval_wrap_files(pcre2 PCRE2 HEADER pcre2.h LIBRARY pcre2-8 PACKAGE libpcre2-dev
    VERSION_HEADER pcre2.h VERSION_MACROS PCRE2_MAJOR PCRE2_MINOR)
qeval_wrap_files(utf8proc utf8proc HEADER utf8proc.h LIBRARY utf8proc PACKAGE libutf8proc-dev
    VERSION_HEADER utf8proc.h VERSION_MACROS UTF8PROC_VERSION_MAJOR UTF8PROC_VERSION_MINOR)
qeval_wrap_files(zlib zlib HEADER zlib.h LIBRARY z PACKAGE zlib1g-dev
    VERSION_HEADER zlib.h VERSION_MACROS ZLIB_VERSION)
qeval_wrap_files(libarchive libarchive HEADER archive.h LIBRARY archive PACKAGE libarchive-dev
    VERSION_HEADER archive.h VERSION_MACROS ARCHIVE_VERSION_ONLY_STRING)
qeval_wrap_files(seccomp libseccomp HEADER seccomp.h LIBRARY seccomp PACKAGE libseccomp-dev
    VERSION_HEADER seccomp.h VERSION_MACROS SCMP_VER_MAJOR SCMP_VER_MINOR SCMP_VER_MICRO)
qeval_wrap_files(sqlite SQLite HEADER sqlite3.h LIBRARY sqlite3 PACKAGE libsqlite3-dev
    VERSION_HEADER sqlite3.h VERSION_MACROS SQLITE_VERSION)
qeval_find(fmt fmt fmt::fmt PACKAGE libfmt-dev FIND fmt CONFIG)
qeval_find(cli11 CLI11 CLI11::CLI11 PACKAGE libcli11-dev FIND CLI11 CONFIG)
qeval_find(curl libcurl CURL::libcurl PACKAGE libcurl4-openssl-dev FIND CURL)

add_library(qeval::all INTERFACE IMPORTED GLOBAL)
target_link_libraries(qeval::all INTERFACE qeval::qeval)
foreach(name IN LISTS qeval_optional)
    if(TARGET qeval::${name})
        target_link_libraries(qeval::all INTERFACE qeval::${name})
    endif()
endforeach()
