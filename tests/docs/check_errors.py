"""Every id of an error has its row in docs/errors.md, and every id there exists.

usage: check_errors.py ROOT
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hygiene"))
import tree

NOT_IDS = {"BF16"}  # the name of a type


def thrown(root):
    ids = set()
    for folder, _, names in os.walk(os.path.join(root, "include")):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as text:
                code = re.sub(r"//.*", "", text.read())
            ids.update(re.findall(r'"([A-Z]{2}[0-9]{2})"', code))
            ids.update(re.findall(r"error\[([A-Z]{2}[0-9]{2})\]", code))
    return ids - NOT_IDS


def explained(text):
    """The first cells of tables: "ST32, GG24", "IX01-IX07"; a range as (first, last)."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [(first, last or first) for cell in cells for first, last in re.findall(r"\b([A-Z]{2}[0-9]{2})(?:-([A-Z]{2}[0-9]{2}))?\b", cell)]


def check(root):
    with open(os.path.join(root, "docs", "errors.md"), encoding="utf-8") as text:
        ranges = [r for r in explained(text.read()) if not r[0].startswith(("QF", "QA"))]
    ids      = thrown(root)
    problems = [f"docs/errors.md: nothing about {i}" for i in sorted(ids) if not any(a <= i <= b for a, b in ranges)]
    problems += [f"docs/errors.md: {end} does not exist" for pair in ranges for end in dict.fromkeys(pair) if end not in ids]
    return problems, f"{len(ids)} ids"


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
