"""What including and instantiating costs: seconds, memory and symbol length, per compiler, as a Markdown table.

usage: measure.py [--root DIR] [--repeat N] [--compiler g++,clang++] [--march native] [--limit HEADER=SECONDS]

Rows: an empty unit, the headers that people include, and units that make the exact linear of 0, 1, 4 and 16 formats of
the catalog. CPU seconds (user + system) of the compiler process, the least of N runs: what the machine does beside it
counts little. --limit makes a check of one row: the status is 1 when the header needs more than that on the first compiler.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The public faces, in flow order; those that do not exist are left out.
HEADERS = ("format.hpp", "format/catalog.hpp", "pack.hpp", "kernel.hpp", "io.hpp", "model.hpp", "scheme.hpp", "eval.hpp",
           "report.hpp", "cli.hpp", "qeval.hpp")
LONGEST = re.compile(r"^[0-9a-f]+ [TtWwVvuBbDdRr] (.+)$", re.M)


def run(command):
    """(CPU seconds, peak megabytes) of one process; stops when it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if status != 0:
        sys.exit(f"{' '.join(command)}\n{said[:2000]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measure(compiler, flags, text, repeat, scratch, instantiate):
    unit, made = os.path.join(scratch, "unit.cpp"), os.path.join(scratch, "unit.o")
    with open(unit, "w", encoding="utf-8") as out:
        out.write(text)
    mode = ["-O2", "-c", "-o", made] if instantiate else ["-fsyntax-only"]
    runs = [run([compiler, *flags, *mode, unit]) for _ in range(repeat)]
    longest = ""
    if instantiate:
        mangled = subprocess.run(["nm", made], capture_output=True, text=True, check=True).stdout
        longest = str(max((len(name) for name in LONGEST.findall(mangled)), default=0))
    return min(seconds for seconds, _ in runs), max(memory for _, memory in runs), longest


def catalog_names(root):
    """The formats of the catalog, in its order."""
    path = os.path.join(root, "include/qeval/format/catalog.hpp")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as text:
        inside = re.search(r"using catalog = format_list<(.*?)>;", re.sub(r"//.*", "", text.read()), re.S)
    return re.findall(r"\w+", inside.group(1)) if inside else []


def units(root):
    yield "(empty unit)", "int x;\n", False
    for header in HEADERS:
        if os.path.exists(os.path.join(root, "include/qeval", header)):
            yield f"<qeval/{header}>", f"#include <qeval/{header}>\n", False
    formats, kernel = catalog_names(root), "qeval/kernel/cpu/packed_linear.hpp"
    if os.path.exists(os.path.join(root, "include", kernel)):
        for count in (0, 1, 4, 16):
            text = f"#include <{kernel}>\n#include <qeval/format/catalog.hpp>\n"
            for name in formats[:count]:
                text += (f"template std::unique_ptr<qeval::linear> qeval::cpu::make_linear<qeval::{name}>("
                         f"qeval::packed_matrix<qeval::{name}>, qeval::cpu::exact_path, qeval::thread_pool&);\n")
            yield f"make_linear for {count} formats, -O2", text, True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--compiler", default="g++,clang++")
    parser.add_argument("--march", default="native")
    parser.add_argument("--limit")
    chosen = parser.parse_args()
    root = os.path.abspath(chosen.root)
    compilers = [c for c in chosen.compiler.split(",") if shutil.which(c)]
    flags = ["-std=c++20", "-I", os.path.join(root, "include"), "-ffp-contract=off"]
    if chosen.march:
        flags.append(f"-march={chosen.march}")
    rows = list(units(root))
    if chosen.limit:
        header, seconds = chosen.limit.split("=")
        rows, compilers = [row for row in rows if row[0] == f"<qeval/{header}>"], compilers[:1]
    failed = False
    print("| unit | compiler | CPU s | MB | longest symbol |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="qeval-compile-") as scratch:
        for name, text, instantiate in rows:
            for compiler in compilers:
                cost, memory, longest = measure(compiler, flags, text, chosen.repeat, scratch, instantiate)
                print(f"| `{name}` | {os.path.basename(compiler)} | {cost:.2f} | {memory:.0f} | {longest} |", flush=True)
                if chosen.limit and cost > float(seconds):
                    print(f"{name} needs {cost:.2f} s, limit {seconds} s")
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
