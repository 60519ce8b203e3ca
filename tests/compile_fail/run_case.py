"""A mistake must give one error, in words that help. Runs the must-fail variants of one file with one compiler.

usage: run_case.py FILE -- COMPILER FLAGS...

FILE is tests/compile_fail/<mistake>.cpp (or .cu for nvcc). It holds numbered variants and their must-compile twin:

    // What the twin shows, and what the variants get wrong.
    #include <qeval/format.hpp>

    #if QEVAL_FAIL == 1
    // expected-error-1: \\[QF03\\] .* needs 'static constexpr float decode
    struct wrong { ... };
    #elif QEVAL_FAIL == 2
    // expected-error-2: \\[QF07\\] .* fill every code
    ...
    #else
    struct right { ... };   // QEVAL_FAIL == 0: the twin
    #endif

An expectation for one compiler only is written expected-error-1[gcc], [clang] or [nvcc]. For every number n that has an
expectation, the file compiled with -DQEVAL_FAIL=n must fail, print exactly one line with "error:" and match the regular
expression (Python's; searched in the text of the first six lines of output). With -DQEVAL_FAIL=0 it must compile without
warnings.
"""
import os
import re
import subprocess
import sys

EXPECTATION = re.compile(r"//\s*expected-error-(\d+)(?:\[(\w+)\])?:\s*(.+?)\s*$")
VARIANT = re.compile(r"^\s*#\s*(?:el)?if\s.*QEVAL_FAIL\s*==\s*(\d+)")
ERROR = re.compile(r"\berror(?: #?[\w-]+)?:")
HEAD = 6


def kind_of(compiler):
    name = os.path.basename(next(word for word in compiler if os.path.basename(word) != "ccache"))
    return "nvcc" if "nvcc" in name else "clang" if "clang" in name else "gcc"


def read_expectations(text, kind):
    """{n: regex} for this compiler; its own line wins over the general one."""
    general, own, variants = {}, {}, set()
    for line in text.splitlines():
        match = EXPECTATION.search(line)
        if match:
            number, only, regex = int(match.group(1)), match.group(2), match.group(3)
            if only is None:
                general[number] = regex
            elif only == kind:
                own[number] = regex
        match = VARIANT.match(line)
        if match and int(match.group(1)) != 0:
            variants.add(int(match.group(1)))
    return {**general, **own}, variants


def compile_variant(compiler, path, number):
    command = compiler + [f"-DQEVAL_FAIL={number}", path]
    environment = {**os.environ, "LC_ALL": "C"}  # plain quotes, English
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                            env=environment)
    return result.returncode, result.stdout


def judge(status, output, regex):
    """What is wrong with the output of a must-fail variant; None when it is as it should be."""
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if ERROR.search(line)]
    if status == 0:
        return "compiles, but must not"
    if len(errors) != 1:
        return f"gives {len(errors)} lines with 'error:', expected 1"
    if not re.search(regex, "\n".join(lines[:HEAD])):
        later = " (it comes later)" if re.search(regex, output) else ""
        return f"does not say /{regex}/ within {HEAD} lines{later}"
    return None


def run_file(path, compiler):
    kind = kind_of(compiler)
    with open(path, encoding="utf-8") as text:
        expectations, variants = read_expectations(text.read(), kind)
    problems = []
    if not expectations:
        problems.append((0, "has no '// expected-error-n: regex' line", ""))
    for number in sorted(variants - set(expectations)):
        problems.append((number, "has no expectation", ""))
    for number in sorted(set(expectations) - variants):
        problems.append((number, "has an expectation but no '#if QEVAL_FAIL == n'", ""))
    status, output = compile_variant(compiler, path, 0)
    if status != 0 or "warning" in output:
        problems.append((0, "(the must-compile twin) does not compile cleanly", output))
    for number in sorted(variants & set(expectations)):
        status, output = compile_variant(compiler, path, number)
        wrong = judge(status, output, expectations[number])
        first = next((line for line in output.splitlines() if ERROR.search(line)), "")
        print(f"{os.path.basename(path)} {number} {kind}: {'WRONG' if wrong else 'ok'}: {first[:240]}")
        if wrong:
            problems.append((number, wrong, output))
    for number, wrong, output in problems:
        print(f"\n{path}, QEVAL_FAIL={number}, {kind}: {wrong}")
        print("\n".join(output.splitlines()[:24]))
    return 1 if problems else 0


if __name__ == "__main__":
    split = sys.argv.index("--")
    sys.exit(run_file(sys.argv[1], sys.argv[split + 1:]))
