"""How far it is from `linear.apply(x, y)` to the multiplication: frames of a debugger's backtrace, without optimisation.

usage: count_frames.py PROGRAM MOST

PROGRAM is examples/matmul.cpp compiled with -O0 -g. It multiplies in three formats; in each the debugger stops at the
first multiply_add. Frames of the library are counted, from apply() to there, both included; lambdas, the loops that call
them register by register, and the thread pool are not. Exit status 77 where there is no gdb: the check is then skipped.
"""
import re
import shutil
import subprocess
import sys

FRAME = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(.*) \(.*\) at ")
NOT_COUNTED = re.compile(r"\{lambda|^_Z|^std::|::(each|repeated)$|qeval::thread_pool::")


def plain(name):
    """Without template arguments, which may name lambdas and the standard library."""
    depth, kept = 0, []
    for letter in name:
        depth += (letter == "<") - (letter == ">")
        if depth == 0 and letter != ">":
            kept.append(letter)
    return "".join(kept)


def frames(program, tokens):
    """The function names of each stop, innermost first."""
    stops = []
    for _ in range(3):
        # Other threads stand still meanwhile, so that it is apply()'s own that multiplies.
        stops += ["-ex", "set scheduler-locking on", "-ex", "tbreak multiply_add", "-ex", "continue", "-ex", "bt",
                  "-ex", "echo \\n== stop\\n", "-ex", "set scheduler-locking off", "-ex", "continue"]
    command = ["gdb", "-batch", "-nx", "-ex", "set width 0", "-ex", "set pagination off", "-ex", "set breakpoint pending on",
               "-ex", "set print frame-arguments none", "-ex", "break make_linear", "-ex", f"run {tokens}", *stops, program]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300).stdout
    found = []
    for stop in output.split("== stop")[:-1]:
        names = [match.group(1) for match in map(FRAME.match, stop.splitlines()) if match]
        if names:
            found.append([plain(name) for name in names])
    return found, output


def path(names):
    """From apply() to the multiplication."""
    inner = next((i for i, name in enumerate(names) if re.search(r"::apply(\(|$)", name) and "{lambda" not in name), None)
    if inner is None:
        return []
    return [name.split("(")[0] for name in reversed(names[: inner + 1]) if not NOT_COUNTED.search(name)]


def check(program, most):
    """(problems, what was found): one entry for each format."""
    stops, output = frames(program, 1)
    problems = [] if len(stops) == 3 else [f"the debugger stopped {len(stops)} times, not 3:\n{output}"]
    lines = []
    for names in stops:
        taken = path(names)
        lines.append(f"{len(taken)} frames: " + " > ".join(re.sub(r"qeval::|cpu::|avx\w+::|generic::", "", n) for n in taken))
        if not 2 <= len(taken) <= most:
            problems.append(f"{lines[-1]}; at most {most}")
    return problems, lines


if __name__ == "__main__":
    if shutil.which("gdb") is None:
        print("no gdb: the way to the multiplication is not counted")
        sys.exit(77)
    wrong, seen = check(sys.argv[1], int(sys.argv[2]))
    print("\n".join(seen + wrong))
    sys.exit(1 if wrong else 0)
