"""Header sizes: median at most 90 lines, none above 300.

usage: check_sizes.py ROOT
"""
import os
import statistics
import sys

import tree

MEDIAN, LINES = 90, 300


def check(root):
    sizes = {}
    for header in tree.headers(root):
        with open(os.path.join(root, "include", header), encoding="utf-8") as text:
            sizes[header] = sum(1 for _ in text)
    problems = [f"include/{h}: {n} lines; no header has more than {LINES}" for h, n in sizes.items() if n > LINES]
    median = statistics.median(sizes.values()) if sizes else 0
    if median > MEDIAN:
        problems.append(f"the median header has {median:g} lines; at most {MEDIAN}")
    return problems, f"{len(sizes)} headers, median {median:g} lines, largest {max(sizes.values(), default=0)}"


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
