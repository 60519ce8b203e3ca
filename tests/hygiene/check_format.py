"""Every C++ file is as clang-format leaves it, and no line is over 120 columns where clang-format is not switched off.

usage: check_format.py ROOT [CLANG_FORMAT]

Without CLANG_FORMAT only the lines' lengths are checked.
"""
import concurrent.futures
import os
import subprocess
import sys

import tree

COLUMNS = 120


def long_lines(path, text):
    checked = True
    for number, line in enumerate(text.splitlines(), 1):
        if "clang-format off" in line or "clang-format on" in line:
            checked = "clang-format on" in line
        elif checked and len(line) > COLUMNS:
            yield f"{path}:{number}: {len(line)} columns; at most {COLUMNS}"


def check(root, formatter=None):
    files = [path for path in tree.own_files(root) if path.endswith((".hpp", ".cpp", ".cuh", ".cu"))]
    problems = []
    for path in files:
        with open(os.path.join(root, path), encoding="utf-8") as text:
            problems += long_lines(path, text.read())

    def formatted(some):
        command = [formatter, "--dry-run", "--Werror", "--ferror-limit=1", *some]
        return subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    if formatter:
        groups = [files[i:i + 20] for i in range(0, len(files), 20)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for output in pool.map(formatted, groups):
                problems += [line for line in output.splitlines() if "-Wclang-format-violations" in line]
    return problems, f"{len(files)} files are formatted" + ("" if formatter else " as far as their lines' lengths tell")


if __name__ == "__main__":
    sys.exit(tree.report(*check(*sys.argv[1:])))
