#!/bin/sh
# From a fresh clone to a table: installs what is missing, builds the driver, evaluates the bundled model.
#   sh examples/quickstart.sh [further arguments of qeval eval]
# Environment: QEVAL_BUILD_DIR (default: build in the tree), QEVAL_JOBS, QEVAL_INSTALL=no.
set -eu
model=examples/models/qeval-5m
schemes=q8_0,q6_k,q5_k_m,q4_k_m,q4_0,q3_k_m,q2_k,nf4,nf4:dq@f16,fp4,int4,mxfp4,fp8,w8a8
evaluate() { # driver, folder for results, further arguments
    driver=$1 results=$2
    shift 2
    "$driver" eval --model "$root/$model" --schemes "$schemes" \
        --tasks perplexity:llamacpp,multiple_choice --chunks 12 --limit 120 --parse-special --restart --output-path "$results" "$@"
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
mkdir -p "${QEVAL_BUILD_DIR:-$root/build}/quickstart"
build=$(CDPATH='' cd -- "${QEVAL_BUILD_DIR:-$root/build}/quickstart" && pwd -P)
jobs=${QEVAL_JOBS:-$(nproc 2>/dev/null || echo 2)}

sh "$root/cmake/install_packages.sh" run
if [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null 2>&1; then
    CMAKE_GENERATOR=Ninja
    export CMAKE_GENERATOR
fi
# Two clones share what ccache knows.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"
echo "qeval: building in $build" >&2
if ! { cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DQEVAL_CUDA=OFF \
        -DQEVAL_BUILD_TESTS=OFF -DQEVAL_BUILD_BENCH=OFF &&
    cmake --build "$build" --parallel "$jobs" --target qeval; } >"$build/build.log" 2>&1; then
    cat "$build/build.log" >&2
    exit 1
fi
evaluate "$build/bin/qeval" "$build/results" "$@"
