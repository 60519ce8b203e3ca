"""Words that do not belong in the tree: unfinished work, boasting names, paths of one machine.

Lines wider than 120 columns are listed, but are no failure: .clang-format mends them.

usage: check_wording.py ROOT
"""
import os
import re
import sys

import tree

CODE = (".hpp", ".cuh", ".cpp", ".cu", ".py", ".sh", ".cmake", "CMakeLists.txt")
TEXT = CODE + (".md", ".txt", ".json", ".in")
COMPILED = (".hpp", ".cuh", ".cpp", ".cu")
SELF = "tests/hygiene/"  # the rules and their own fixtures name what they forbid

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|\bfor now\b|\bnot (yet )?implemented\b|\bplaceholder\b|\bsimplified\b", re.I)
# A name must say the algorithm, not its speed; prose may ask how fast something is.
BOAST = re.compile(r"\b(?!u?int_fast)(\w*_)?(fast(er|est)?|optimi[sz]ed)(_\w*)?\b", re.I)
NOT_OURS = re.compile(r"CATCH_CONFIG_FAST_COMPILE|beta_fast|gelu_fast|-ffast-math|-Ofast|memory_order", re.I)
MACHINE = re.compile(r"(?<![\w.:-])/(work|root|home)/|(?<![\w.:-])/tmp/")
WIDTH = 120


def problems_of(path, text):
    suffix_ok = path.endswith(CODE)
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{path}:{number}"
        if suffix_ok and UNFINISHED.search(line):
            yield f"{place}: unfinished wording: {line.strip()[:80]}"
        if path.endswith(COMPILED):
            if BOAST.search(NOT_OURS.sub("", line.split("//")[0])):
                yield f"{place}: name the algorithm, not its speed: {line.strip()[:80]}"
            if len(line) > WIDTH:
                print(f"wide: {place}: {len(line)} columns")
        if MACHINE.search(line):
            yield f"{place}: path of one machine: {line.strip()[:80]}"


def check(root):
    problems, count = [], 0
    for path in tree.own_files(root):
        if not path.endswith(TEXT) or path.startswith(SELF) or path.startswith("examples/models/"):
            continue
        full = os.path.join(root, path)
        if os.path.getsize(full) > 1 << 20:
            continue
        with open(full, encoding="utf-8", errors="replace") as text:
            problems += problems_of(path, text.read())
        count += 1
    return problems, f"{count} files read for wording"


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
