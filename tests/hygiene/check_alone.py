"""Every header compiles alone: one translation unit each, that includes it twice and nothing else.

usage: check_alone.py ROOT SCRATCH [--jobs N] [--only REGEX] [--by-folder] [--share] -- COMPILER FLAGS...

--by-folder puts the headers of one folder into one unit: for a second compiler, which reads the same standard library and so
can only disagree about the language, a tenth of the time.

A unit ends with a failed assertion, which must be its one error: the compiler has then read everything, but instantiated nothing
that it leaves to the end of a unit, which takes it as long again. (Another check links units with every header in them.)
--share, for g++, precompiles some headers, and lets a unit begin with the largest of them that its header includes anyway, directly or
not. That shows the header nothing that its own includes do not, since they stand before its code; and what it includes is read alone
in its own turn.

CUDA headers (.cuh) are compiled when the compiler is nvcc, and only those, to objects: nvcc reads a file twice.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

import tree

END = "read to the end"
CONDITION = re.compile(r"^\s*#\s*(if|endif)")


def closure_of(root, header, known):
    """What a header includes, directly or not, whatever macros say: names of headers, itself not among them."""
    if header not in known:
        known[header], depth = set(), 0
        with open(os.path.join(root, "include", header), encoding="utf-8") as text:
            for line in text:
                condition, include = CONDITION.match(line), tree.INCLUDE.match(line)
                depth += {"if": 1, "endif": -1}[condition.group(1)] if condition else 0
                if include and depth == 0:
                    name = include.group(2)
                    known[header] |= {name} | (closure_of(root, name, known) if name.startswith("qeval/") else set())
    return known[header]


def beginnings_of(root, wanted, most=12):
    """For each header the one header of a few that it includes anyway and that saves most; none where there is none."""
    known = {}
    for header in wanted:
        closure_of(root, header, known)
    cost = {h: sum(1 if name.startswith("qeval/") else 60 if "/" in name and not name.startswith("sys/") else 4 for name in known[h]) for h in wanted} # a guess of its time
    begins = dict.fromkeys(wanted)

    def saved(begin):
        return sum(max(0, cost[begin] - cost.get(begins[h], 0)) for h in wanted if begin in known[h]) - 2 * cost[begin]

    for _ in range(most):
        best = max(wanted, key=saved, default=None)
        if best is None or saved(best) <= 0:
            break
        for h in wanted:
            if best in known[h] and cost[best] > cost.get(begins[h], 0):
                begins[h] = best
    return begins


def main(arguments):
    split = arguments.index("--")
    options, compiler = arguments[:split], arguments[split + 1:]
    root, scratch = options[0], options[1]
    jobs = int(options[options.index("--jobs") + 1]) if "--jobs" in options else os.cpu_count() or 1
    only = re.compile(options[options.index("--only") + 1] if "--only" in options else "")
    nvcc = any(os.path.basename(word) == "nvcc" for word in compiler)
    wanted = [h for h in tree.headers(root) if h.endswith(".cuh") == nvcc and only.search(h)]
    units = {}
    for header in wanted:
        units.setdefault(os.path.dirname(header) if "--by-folder" in options else header, []).append(header)
    os.makedirs(scratch, exist_ok=True)
    begins = beginnings_of(root, wanted) if "--share" in options else {}
    precompiled = {} # the file of each header that others begin with
    for begin in sorted(set(begins.values()) - {None}):
        precompiled[begin] = os.path.join(scratch, "begins_" + re.sub(r"[/.]", "_", begin) + ".hpp")
        with open(precompiled[begin], "w", encoding="utf-8") as out:
            out.write(f"#include <{begin}>\n")

    def precompile(path):
        return subprocess.run(compiler + ["-I", os.path.join(root, "include"), "-x", "c++-header", path, "-o", path + ".gch"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def compile_one(name):
        unit = os.path.join(scratch, re.sub(r"[/.]", "_", name) + (".cu" if nvcc else ".cpp"))
        begin = begins.get(name)
        text = f'#include "{precompiled[begin]}"\n' if begin else ""
        text += "".join(f"#include <{header}>\n#include <{header}>\n" for header in units[name])
        if not nvcc:
            text += f'namespace end_of_unit {{}}\nstatic_assert(false, "{END}");\n' # a namespace: nothing was left open
        if not os.path.exists(unit) or open(unit, encoding="utf-8").read() != text:
            with open(unit, "w", encoding="utf-8") as out:
                out.write(text)
        command = compiler + ["-I", os.path.join(root, "include")]
        command += ["-c", unit, "-o", unit + ".o"] if nvcc else ["-fsyntax-only", "-Wfatal-errors", *(["-Winvalid-pch"] if begin else []), unit]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if nvcc:
            return name, result.returncode == 0, result.stdout
        errors = [line for line in result.stdout.splitlines() if "error:" in line]
        return name, len(errors) == 1 and END in errors[0] and os.path.basename(unit) in errors[0], result.stdout

    problems = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for begin, result in zip(precompiled, pool.map(precompile, precompiled.values())):
            if result.returncode != 0:
                problems.append(f"include/{begin} does not compile alone:\n{result.stdout[:2000]}")
        for name, good, output in pool.map(compile_one, units):
            if not good:
                head = "\n    ".join(output.strip().splitlines()[:12])
                problems.append(f"include/{name} does not compile alone:\n    {head}")
    for path in precompiled.values(): # large
        if os.path.exists(path + ".gch"):
            os.remove(path + ".gch")
    return tree.report(problems, f"{len(wanted)} headers compiled in {len(units)} units")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
