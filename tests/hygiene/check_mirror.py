"""Tests mirror the tree: what tests a header is found by the header's name.

usage: check_mirror.py ROOT [TABLE]

A test tests/X/Y_test.cpp or tests/X/Y_slow_test.cpp belongs to the header include/qeval/X/Y.hpp; a header with several tests has
tests/X/Y_<aspect>_test.cpp. A test that belongs to another header has a row in the table, with the reason.

In the folders that the table calls complete, every header has such a test, or is named by one that also tests it, in a comment
that says "Also tests":
    // Also tests gguf_value.hpp, ../file/byte_reader.hpp.
Such a test includes the header, directly or not. Definitions that stand apart, in Y_body.hpp, are tested with Y.hpp.
"""
import os
import re
import sys

import tree

NAME = re.compile(r"[\w./]+\.hpp")
TEST = re.compile(r"^tests/(.*?)(_slow)?_test\.cpp$")


def read_table(path):
    """The rows: complete FOLDER; whole TEST-OR-FOLDER REASON; without HEADER-OR-FOLDER REASON."""
    rows = {"complete": {}, "whole": {}, "without": {}}
    with open(path, encoding="utf-8") as text:
        for line in text:
            words = line.split("#")[0].split()
            if words and (words[0] not in rows or len(words) < 2 or (words[0] != "complete" and len(words) < 3)):
                sys.exit(f"{path}: a row is 'complete FOLDER' or 'whole|without NAME REASON': {line.strip()}")
            if words:
                rows[words[0]][words[1]] = " ".join(words[2:])
    return rows


def also_tested(lines, folder):
    """Headers that a test names in its comment; names are relative to the folder that the test mirrors."""
    comments, block = [], ""
    for line in lines:
        if line.startswith("//"):
            block += " " + line[2:].strip()
        else:
            comments.append(block)
            block = ""
    said = [text.split("Also tests ", 1)[1] for text in comments + [block] if "Also tests " in text]
    return [os.path.normpath(os.path.join(folder, name)) for text in said for name in NAME.findall(text)]


def reached(root, path, known):
    """What a file includes, directly or not: headers of the library, relative to include/qeval."""
    if path not in known:
        known[path] = set()
        for _, _, name in tree.includes(os.path.join(root, path)):
            place = name if name.startswith(("tests/", "examples/")) else "include/" + name
            if not os.path.exists(os.path.join(root, place)):
                continue
            if name.startswith("qeval/"):
                known[path].add(name[len("qeval/"):])
            known[path] |= reached(root, place, known)
    return known[path]


def header_of(test, headers):
    """Whose test it is: io/json/json_value_limits -> io/json/json_value.hpp; the longest name counts."""
    folder, name = os.path.split(test)
    words = name.split("_")
    for n in range(len(words), 0, -1):
        header = os.path.join(folder, "_".join(words[:n]) + ".hpp")
        if header in headers:
            return header
    return None


def check(root, table):
    rows = read_table(table)
    headers = {h[len("qeval/"):] for h in tree.headers(root) if h.startswith("qeval/") and h.endswith(".hpp")}
    problems, tested, used, known = [], set(), set(), {}
    tests = [path for path in tree.own_files(root) if TEST.match(path)]
    for path in tests:
        test = TEST.match(path).group(1)
        header = header_of(test, headers)
        reason = next((name for name in rows["whole"] if test == name or test.startswith(name + "/")), None)
        if reason:
            used.add(reason)
        elif header:
            tested.add(header)
        else:
            problems.append(f"{path}: no header has this name; name the test after what it tests, or give it a row "
                            f"'whole {test} REASON' in mirror.txt")
        with open(os.path.join(root, path), encoding="utf-8") as text:
            named = also_tested(text, os.path.dirname(test))
        for other in named:
            if other not in headers:
                problems.append(f"{path}: also tests {other}, which does not exist")
            elif other not in reached(root, path, known):
                problems.append(f"{path}: also tests {other}, but does not include it")
            tested.add(other)
    for header in sorted(headers):
        declared = header.replace("_body.hpp", ".hpp")  # X_body.hpp defines what X.hpp declares
        if any(header.startswith(folder + "/") for folder in rows["complete"]) and declared not in tested:
            excused = next((name for name in rows["without"] if header == name or header.startswith(name + "/")), None)
            if excused:
                used.add(excused)
            else:
                problems.append(f"include/qeval/{header}: no test of this name, and none that says 'Also tests {header}'")
    for kind in ("whole", "without"):
        problems += [f"mirror.txt: '{kind} {name}' is no longer needed" for name in rows[kind] if name not in used]
    counted = [h for h in headers if any(h.startswith(folder + "/") for folder in rows["complete"])]
    return problems, (f"{len(tests)} test files; {len(counted)} headers of {' and '.join(sorted(rows['complete']))} "
                      f"have one")


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(tree.report(*check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "mirror.txt"))))
