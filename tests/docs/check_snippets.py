"""Documentation cannot rot: its code is cut from programs that are compiled, its output from commands that are named.

usage: check_snippets.py ROOT

Before every ```cpp or ```python block of README.md and docs/**/*.md stands a line that names its origin:

    <!-- from: examples/perplexity.cpp -->           the whole file
    <!-- from: examples/perplexity.cpp begin load -->   what stands between // [load] and // [/load] there
                                                        (# in Python)

The block must equal that text (common indentation and blank lines at its ends removed). Before every ```console block
stands <!-- output of: COMMAND -->; the lines of a ```sh block are those of check_shell.py.
"""
import os
import re
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hygiene"))
import tree

FROM = re.compile(r"^\s*<!--\s*from:\s*(\S+?)(?:\s+begin\s+(\S+?))?\s*-->\s*$")
OUTPUT = re.compile(r"^\s*<!--\s*output of:\s*(\S.*?)\s*-->\s*$")
FENCE = re.compile(r"^\s*```\s*(\w*)")


def blocks(text):
    """(line number, language, line before, body) of every fenced block."""
    lines, i, before = text.splitlines(), 0, ""
    while i < len(lines):
        match = FENCE.match(lines[i])
        if match:
            start, body = i, []
            i += 1
            while i < len(lines) and not FENCE.match(lines[i]):
                body.append(lines[i])
                i += 1
            yield start + 1, match.group(1), before, "\n".join(body)
            before = ""
        elif lines[i].strip():
            before = lines[i]
        i += 1


def tidy(text):
    lines = [line.rstrip() for line in textwrap.dedent(text.expandtabs(4)).splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def cut(source, tag):
    """The text between // [tag] and // [/tag] (or # in their place), markers of other tags left out; None when there is none."""
    mark = re.compile(r"^\s*(//|#)\s*\[/?[\w-]+\]\s*$")
    if tag is None:
        return "\n".join(line for line in source.splitlines() if not mark.match(line))
    begin = re.search(rf"^[ \t]*(?://|#)\s*\[{re.escape(tag)}\]\s*$", source, re.M)
    end = re.search(rf"^[ \t]*(?://|#)\s*\[/{re.escape(tag)}\]\s*$", source, re.M)
    if not begin or not end or end.start() < begin.end():
        return None
    body = source[begin.end():end.start()]
    return "\n".join(line for line in body.splitlines() if not mark.match(line))


def check_block(root, place, language, before, body):
    if language in ("cpp", "c++", "cxx", "cuda", "python"):
        match = FROM.match(before)
        if not match:
            return f"{place}: a {language} block without <!-- from: FILE [begin TAG] --> before it"
        path, tag = match.groups()
        full = os.path.normpath(os.path.join(root, path))
        if not os.path.isfile(full):
            return f"{place}: {path} does not exist"
        with open(full, encoding="utf-8") as text:
            wanted = cut(text.read(), tag)
        if wanted is None:
            return f"{place}: {path} has no // [{tag}] ... // [/{tag}]"
        if tidy(wanted) != tidy(body):
            return f"{place}: differs from {path}" + (f" [{tag}]" if tag else "") + "; it should read:\n" + tidy(wanted)
    elif language in ("console", "text", "output") and not OUTPUT.match(before):
        if language == "console":
            return f"{place}: a console block without <!-- output of: COMMAND --> before it"
    return None


def check(root):
    documents = [os.path.join(root, "README.md")] if os.path.isfile(os.path.join(root, "README.md")) else []
    for folder, _, names in sorted(os.walk(os.path.join(root, "docs"))):
        documents += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".md")]
    problems, count = [], 0
    for document in documents:
        with open(document, encoding="utf-8") as text:
            for line, language, before, body in blocks(text.read()):
                count += 1
                problem = check_block(root, f"{os.path.relpath(document, root)}:{line}", language, before, body)
                if problem:
                    problems.append(problem)
    return problems, f"{count} blocks of {len(documents)} documents"


if __name__ == "__main__":
    sys.exit(tree.report(*check(sys.argv[1])))
