"""qeval score from outside: samples of every program that writes them, a judgement killed and gone on with, and the words of errors.

usage: score_checks.py DRIVER MODEL
"""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

driver, model = sys.argv[1], Path(sys.argv[2])
scratch = Path(tempfile.mkdtemp())
problems = []
ROWS = [json.loads(line) for line in (model / "data" / "functions.jsonl").read_text().splitlines()][:24]
DATA = scratch / "functions.jsonl"
DATA.write_text("".join(json.dumps(r) + "\n" for r in ROWS))


def words(samples, *more):
    return [driver, "score", "--data", str(DATA), "--samples", str(scratch / samples), "--allow-code-execution", "--quiet", *map(str, more)]


def run(command, expect=0, **how):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)
    if done.returncode != expect:
        problems.append(f"{command}: exit code {done.returncode}, expected {expect}\n{done.stderr}")
    return done


def check(truth, what):
    if not truth:
        problems.append(what)


def write(name, lines):
    (scratch / name).write_text("".join(line + "\n" for line in lines))
    return name


def results(name):
    """As Python reads them: what is written for NaN and for lone surrogates must be what it was."""
    path = scratch / (name + "_results.jsonl")
    if not path.exists():
        print(*problems, f"no {path.name}", sep="\n")
        sys.exit(1)
    return [json.loads(line) for line in path.read_text().splitlines()]


right = [{"task_id": r["task_id"], "completion": r["canonical_solution"]} for r in ROWS]
first = subprocess.run(words(write("right", map(json.dumps, right))), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
if first.returncode == 4 and "error[SB" in first.stderr:
    print("SKIPPED: no sandbox here: " + first.stderr.strip())
    sys.exit(0)
check(first.returncode == 0 and all(r["passed"] for r in results("right")), f"right programs: {first.returncode} {first.stderr}")

# What nobody reads refuses no file and comes back as it was; the program with a lone surrogate fails alone.
odd = [dict(s) for s in right]
odd[0] |= {"logprob": float("nan"), "more": [float("inf"), -float("inf"), 10**40, "\ud800", {"\udfff": "\u4e2d"}]}
odd[1]["completion"] += "# \ud83d"
lines = [json.dumps(s) for s in odd]
lines[2] = '{"task_id": "elsewhere", "logprob": 1e999, ' + lines[2][1:]
run(words(write("odd", lines)))
found = results("odd")
check([r["passed"] for r in found] == [i != 1 for i in range(len(ROWS))], "only the program with a surrogate fails")
check(repr(found[0]["more"]) == repr(odd[0]["more"]) and found[0]["logprob"] != found[0]["logprob"], f"members that nobody reads: {found[0]}")
check("surrogates not allowed" in found[1]["result"], found[1]["result"])
check(found[2]["task_id"] == right[2]["task_id"] and found[2]["logprob"] == float("inf"), "a name that stands twice")

# evalplus' solutions and bigcode's lists are whole programs.
run(words(write("plus", [json.dumps({"task_id": r["task_id"], "solution": r["prompt"] + r["canonical_solution"]}) for r in ROWS])))
check(all(r["passed"] for r in results("plus")), "evalplus' solutions")
(scratch / "lists").write_text(json.dumps([[r["prompt"] + r["canonical_solution"], "pass"] for r in ROWS]))
run(words("lists"))
check([r["passed"] for r in results("lists")] == [True, False] * len(ROWS), "bigcode's lists")

# Killed again and again, and then finished, a judgement writes the same bytes, and keeps what it has judged.
many = write("many", [json.dumps(s) for s in right + [{"task_id": r["task_id"], "completion": "    return 7\n"} for r in ROWS]])
run(words(many))
whole = (scratch / "many_results.jsonl").read_bytes()
store = scratch / "many_results.sqlite"
check(not store.exists(), "verdicts are kept behind the end")
(scratch / "many_results.jsonl").unlink()


def verdicts():
    try:
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as kept:
            return kept.execute("SELECT count(*) FROM verdict").fetchone()[0]
    except sqlite3.Error:
        return 0  # not there yet


known = 0
for _ in range(3):
    process = subprocess.Popen(words(many), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and verdicts() <= known:
        time.sleep(0.01)
    if process.poll() is not None:
        break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    check(verdicts() > known, f"a killed judgement keeps {verdicts()} verdicts, and had {known} before")
    known = verdicts()
check(known > 0, "no judgement was killed before its end")
run(words(many))
check((scratch / "many_results.jsonl").read_bytes() == whole, "another result after kills")
check(not list(scratch.glob("many_results.sqlite*")), "what is kept is not removed")

# A second judgement of the same samples is refused at once, and told who is at it; the first one ends as if it had been alone.
(scratch / "many_results.jsonl").unlink()
first = subprocess.Popen(words(many), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while first.poll() is None and verdicts() == 0:
    time.sleep(0.01)
os.kill(first.pid, signal.SIGSTOP)
second = run(words(many), expect=4)
check("IO07" in second.stderr and f"pid {first.pid} on " in second.stderr, f"a second judgement: {second.stderr}")
run(words("right"))  # other samples in the same folder
os.kill(first.pid, signal.SIGCONT)
check(first.wait() == 0 and (scratch / "many_results.jsonl").read_bytes() == whole, "the first judgement beside a second one")
check(not list(scratch.glob("*.lock")), "a lock is left")

# Words: advice that the command can take, characters that the terminal shows, singular and plural.
mbpp = [{"task_id": 11, "text": "t", "code": "c", "test_list": ["assert f(1) == 2"] * 3}]
(scratch / "mbpp.jsonl").write_text(json.dumps(mbpp[0]) + "\n")
write("m", [json.dumps({"task_id": 11, "completion": "def f(x): return x + 1"})])
done = run([driver, "score", "--task", "mbpp", "--data", scratch / "mbpp.jsonl", "--samples", scratch / "m", "--allow-code-execution"])
check("1 problem, 1 sample, 1 passed" in done.stdout, done.stdout)
write("other", [json.dumps({"task_id": "caf\u00e9\u202e/\u4e2d", "completion": ""})])
for locale, shown in (("C.UTF-8", 'the problem "caf\u00e9\\xe2\\x80\\xae/\u4e2d"'), ("C", r'the problem "caf\xc3\xa9\xe2\x80\xae/\xe4\xb8\xad"')):
    done = subprocess.run(words("other"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": locale})
    check(done.returncode == 3 and shown in done.stderr.decode(), f"{locale}: {done.stderr!r}")
tasks = run([driver, "eval", "--model", model, "--schemes", "q8_0", "--data", scratch, "--tasks", "mmlu,nosuch"], expect=2)
check('"nosuch"' in tasks.stderr, f"an unknown task behind one without files: {tasks.stderr}")
limit = run([driver, "eval", "--model", model, "--schemes", "q8_0", "--limit", "-3"], expect=2)
check(len(limit.stderr) < 300, f"--limit -3: {limit.stderr}")

shutil.rmtree(scratch)
print(*problems, f"{len(problems)} problem(s)", sep="\n")
sys.exit(1 if problems else 0)
