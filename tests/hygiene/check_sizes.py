"""Header sizes: median at most 90 lines, none above 300; and no folder holds more than 30 of them.

usage: check_sizes.py ROOT
"""
import collections
import os
import statistics
import sys

import tree

MEDIAN, LINES, HEADERS = 90, 300, 30
LISTS = {"qeval/format/catalog", "qeval/model/arch"}  # one header an entry: as long as what they list


def check(root):
    sizes = {}
    for header in tree.headers(root):
        with open(os.path.join(root, "include", header), encoding="utf-8") as text:
            sizes[header] = sum(1 for _ in text)
    problems = [f"include/{h}: {n} lines; no header has more than {LINES}" for h, n in sizes.items() if n > LINES]
    folders = collections.Counter(os.path.dirname(header) for header in sizes)
    problems += [f"include/{folder}: {n} headers; a folder that is no list has at most {HEADERS}"
                 for folder, n in sorted(folders.items()) if n > HEADERS and folder not in LISTS]
    median = statistics.median(sizes.values()) if sizes else 0
    if median > MEDIAN:
        problems.append(f"the median header has {median:g} lines; at most {MEDIAN}")
    fullest = max((n, folder) for folder, n in folders.items() if folder not in LISTS) if folders else (0, "")
    return problems, (f"{len(sizes)} headers, median {median:g} lines, largest {max(sizes.values(), default=0)}; "
                      f"{fullest[0]} in the fullest folder, {fullest[1]}")


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
