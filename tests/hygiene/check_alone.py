"""Every header compiles alone: one translation unit each, that includes it twice and nothing else.

usage: check_alone.py ROOT SCRATCH [--jobs N] [--only REGEX] [--by-folder] -- COMPILER FLAGS...

--by-folder puts the headers of one folder into one unit: for a second compiler, which reads the same standard library and so
can only disagree about the language, a tenth of the time.

A unit ends with a failed assertion, which must be its one error: the compiler has then read everything, but instantiated nothing
that it leaves to the end of a unit, which takes it as long again. (Another check links units with every header in them.)
CUDA headers (.cuh) are compiled when the compiler is nvcc, and only those, to objects: nvcc reads a file twice.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

import tree

END = "read to the end"


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

    def compile_one(name):
        unit = os.path.join(scratch, re.sub(r"[/.]", "_", name) + (".cu" if nvcc else ".cpp"))
        text = "".join(f"#include <{header}>\n#include <{header}>\n" for header in units[name])
        if not nvcc:
            text += f'namespace end_of_unit {{}}\nstatic_assert(false, "{END}");\n' # a namespace: nothing was left open
        if not os.path.exists(unit) or open(unit, encoding="utf-8").read() != text:
            with open(unit, "w", encoding="utf-8") as out:
                out.write(text)
        command = compiler + ["-I", os.path.join(root, "include")]
        command += ["-c", unit, "-o", unit + ".o"] if nvcc else ["-fsyntax-only", "-Wfatal-errors", unit]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if nvcc:
            return name, result.returncode == 0, result.stdout
        errors = [line for line in result.stdout.splitlines() if "error:" in line]
        return name, len(errors) == 1 and END in errors[0] and os.path.basename(unit) in errors[0], result.stdout

    problems = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for name, good, output in pool.map(compile_one, units):
            if not good:
                head = "\n    ".join(output.strip().splitlines()[:12])
                problems.append(f"include/{name} does not compile alone:\n    {head}")
    return tree.report(problems, f"{len(wanted)} headers compiled in {len(units)} units")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
