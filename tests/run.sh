#!/bin/sh
# Installs what is missing on a Debian 12, builds, and runs every test: sh tests/run.sh [ctest arguments]
#
#   main        g++, Release: every test, the checks of the tree (clang++ and nvcc too where found), consumers, examples
#   asan-ubsan  the tests of what reads hostile bytes or walks raw memory
#   tsan        the tests of what runs on several threads
#
# All three are one ctest run, whose summary is the last thing printed. Environment: QEVAL_BUILD_DIR (default: build in
# the tree), QEVAL_TEST_DATA (reference models; tests that need them say SKIPPED without), QEVAL_JOBS, QEVAL_INSTALL=no.
set -eu
memory_folders='core;format;pack;laws;kernel;io;fuzz'
thread_folders='core'

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
mkdir -p "${QEVAL_BUILD_DIR:-$root/build}/tests"
build=$(CDPATH='' cd -- "${QEVAL_BUILD_DIR:-$root/build}/tests" && pwd -P)
jobs=${QEVAL_JOBS:-$(nproc 2>/dev/null || echo 2)}

sh "$root/cmake/install_packages.sh" run test optional
if command -v ninja >/dev/null 2>&1; then
    CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}
    export CMAKE_GENERATOR
fi
# Two clones share what ccache knows.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"
if [ "${CMAKE_GENERATOR:-}" = Ninja ]; then keep_going='-k 0'; else keep_going=-k; fi

broken=
stage() { # name preset options... ; a stage that does not build leaves "Not Run" tests behind, so go on
    name=$1 preset=$2
    shift 2
    echo "== $name: configure and build"
    start=$(date +%s)
    if ! cmake -S "$root" --preset "$preset" -B "$build/$name" "$@" >"$build/$name.log" 2>&1; then
        cat "$build/$name.log"
        exit 1
    fi
    if [ "$name" = main ]; then sed -n 's/^-- \(qeval [0-9].*\|    .*\)/\1/p' "$build/$name.log"; fi
    # shellcheck disable=SC2086
    cmake --build "$build/$name" --parallel "$jobs" -- $keep_going >"$build/$name.log" 2>&1 || {
        broken="$broken $name"
        grep -E -A 12 'error:|FAILED|Error ' "$build/$name.log" | head -n 120 || true
        echo "== $name does not build; the whole log is $build/$name.log"
    }
    echo "== $name: $(($(date +%s) - start)) s"
}
stage main release -DQEVAL_BUILD_BENCH=OFF # their translation units are checked by hygiene.benchmarks_compile
stage asan-ubsan asan-ubsan "-DQEVAL_TEST_FOLDERS=$memory_folders" -DQEVAL_TEST_PREFIX=asan-ubsan.
stage tsan tsan "-DQEVAL_TEST_FOLDERS=$thread_folders" -DQEVAL_TEST_PREFIX=tsan.
printf 'subdirs("main" "asan-ubsan" "tsan")\n' >"$build/CTestTestfile.cmake"

# The summary is held back until the skipped checks have been named.
{
    status=0
    ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" "$@" || status=$?
    echo "$status" >"$build/status"
} 2>&1 | awk -v log_file="$build/Testing/Temporary/LastTest.log" -v broken="$broken" '
    /^[0-9]+% tests passed/ { held = 1 }
    !held { print; fflush(); next }
    { summary = summary $0 "\n" }
    END {
        while ((getline line < log_file) > 0)
            if (line ~ /^SKIPPED: / && !(line in seen)) { seen[line] = 1; print line }
        if (broken != "") print "does not build:" broken
        printf "%s", summary
    }'
status=$(cat "$build/status")
if [ -n "$broken" ] && [ "$status" = 0 ]; then status=1; fi
exit "$status"
