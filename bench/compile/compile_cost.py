"""What a format costs a compiler: seconds and memory of one translation unit, for each format and path.

usage: compile_cost.py ROOT [--formats q4_k,nf4] [--paths exact,integer,bf16] [--average] [--repeat N] [--json FILE]
                       [-- COMPILER FLAGS...]

Every row is a unit that makes a `linear` of one format on one path, less the unit that only includes the headers; the
columns `of 2` and `of 3` are the further cost of a second and third format in the same unit, which is what one more
format costs a program. Formats are those the catalog's headers declare. Compilers run one at a time.
--average prints one row for each path instead: a single unit with all the formats that have it, less the headers, divided
by their number. Repeat it little: it is a long compilation, and steadier than differences of short ones.
"""
import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = "#include <qeval/format/catalog.hpp>\n#include <qeval/kernel/cpu/packed_linear.hpp>\n"
MAKE = ("std::unique_ptr<qeval::linear> make_{n}(qeval::packed_matrix<{format}> w, qeval::thread_pool& pool) {{\n"
        "    return qeval::cpu::make_linear<{format}>(std::move(w), qeval::cpu::{path}_path{{}}, pool);\n}}\n")


NAMES = "#include <cstdio>\nint main() {{\n{}}}\n"
NAME = '    if (qeval::cpu::integer_path_fits<qeval::{0}>) std::puts("{0}");\n'


def unit(formats, path):
    return HEADER + "".join(MAKE.format(n=n, format="qeval::" + f, path=path) for n, f in enumerate(formats))


def compile_once(text, compiler, root, scratch):
    """Seconds of processor time and peak memory in MiB, or None where the unit does not compile."""
    source = Path(scratch, "unit.cpp")
    source.write_text(text)
    command = [*compiler, f"-I{root}/include", "-c", str(source), "-o", str(Path(scratch, "unit.o"))]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # a process of its own, so that its children's peak is that of this compiler
        os.close(read)
        done = subprocess.run(command, stderr=subprocess.DEVNULL)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(write, json.dumps([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        code, seconds, memory = json.loads(answer.read())
    os.waitpid(child, 0)
    return (seconds, memory) if code == 0 else None


class meter:
    """Least seconds and greatest memory of units: other work on the machine only ever adds."""

    def __init__(self, options, scratch):
        self.options, self.scratch, self.known = options, scratch, {}

    def __call__(self, formats, path):
        text = unit(formats, path)
        if text not in self.known:
            runs = [compile_once(text, self.options.compiler, self.options.root, self.scratch) for _ in range(self.options.repeat)]
            self.known[text] = None if None in runs else (min(r[0] for r in runs), max(r[1] for r in runs))
        return self.known[text]


def with_path(formats, path, options, scratch):
    if path != "integer":
        return formats
    source, program = Path(scratch, "names.cpp"), Path(scratch, "names")
    source.write_text(HEADER + NAMES.format("".join(NAME.format(f) for f in formats)))
    subprocess.run([*options.compiler, f"-I{options.root}/include", str(source), "-o", str(program), "-pthread"], check=True)
    return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.split()


def print_rows(formats, base, cost, options):
    print(f"{'format':<14} {'path':<8} {'alone s':>8} {'of 2 s':>8} {'of 3 s':>8} {'MiB':>6}")
    for path in options.paths:
        for name in formats:
            alone = cost([name], path)
            if alone is None:
                print(f"{name:<14} {path:<8}        -   no such path")
                continue
            others = [f for f in ("q8_0", "q4_k", "q6_k") if f != name][:2]  # they have every path
            seconds = [alone[0] - base[0]]
            for n in (1, 2):
                seconds.append(cost([*others[:n], name], path)[0] - cost(others[:n], path)[0])
            print(f"{name:<14} {path:<8} " + " ".join(f"{s:8.2f}" for s in seconds) + f" {alone[1]:6.0f}", flush=True)
            yield {"format": name, "path": path, "seconds": [round(s, 3) for s in seconds], "mib": round(alone[1])}


def print_averages(formats, base, cost, options, scratch):
    print(f"{'path':<8} {'formats':>7} {'seconds':>8} {'s each format':>14} {'MiB':>6}")
    for path in options.paths:
        fitting = with_path(formats, path, options, scratch)
        seconds, memory = cost(fitting, path)
        each = (seconds - base[0]) / len(fitting)
        print(f"{path:<8} {len(fitting):7} {seconds:8.1f} {each:14.2f} {memory:6.0f}", flush=True)
        yield {"formats": fitting, "path": path, "seconds": round(seconds, 3), "seconds_each": round(each, 3), "mib": round(memory)}


def catalog(root):
    text = Path(root, "include/qeval/format/catalog.hpp").read_text()
    return re.findall(r"\w+", re.search(r"using catalog = format_list<(.*?)>;", re.sub(r"//.*", "", text), re.S).group(1))


def main():
    arguments, compiler = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, compiler = arguments[:at], arguments[at + 1:]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--formats", type=lambda s: s.split(","))
    parser.add_argument("--paths", type=lambda s: s.split(","), default=["exact", "integer"])
    parser.add_argument("--average", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json")
    options = parser.parse_args(arguments)
    options.compiler = compiler or ["g++", "-std=c++20", "-O2", "-march=native", "-ffp-contract=off"]
    known = catalog(options.root)
    formats = options.formats or known
    with tempfile.TemporaryDirectory() as scratch:
        cost = meter(options, scratch)
        base = cost([], "exact")
        if base is None:
            sys.exit("the headers do not compile: " + " ".join(options.compiler))
        print(f"headers alone: {base[0]:.2f} s, {base[1]:.0f} MiB; least of {options.repeat}")
        rows = list(print_averages(formats, base, cost, options, scratch) if options.average else print_rows(formats, base, cost, options))
    if options.json:
        Path(options.json).write_text(json.dumps({"compiler": options.compiler, "headers": base, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
