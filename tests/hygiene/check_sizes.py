"""Header sizes: median at most 120 lines, none above 500; those above 300 are listed.

usage: check_sizes.py ROOT
"""
import os
import statistics
import sys

import tree

MEDIAN, SOFT, HARD = 120, 300, 500


def check(root):
    sizes = {}
    for header in tree.headers(root):
        with open(os.path.join(root, "include", header), encoding="utf-8") as text:
            sizes[header] = sum(1 for _ in text)
    problems = [f"include/{h}: {n} lines; no header has more than {HARD}" for h, n in sizes.items() if n > HARD]
    median = statistics.median(sizes.values()) if sizes else 0
    if median > MEDIAN:
        problems.append(f"the median header has {median} lines; at most {MEDIAN}")
    for header, lines in sorted(sizes.items(), key=lambda item: -item[1]):
        if lines > SOFT:
            print(f"long: include/{header} has {lines} lines (soft limit {SOFT})")
    largest = max(sizes.values(), default=0)
    return problems, f"{len(sizes)} headers, median {median:g} lines, largest {largest}"


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
