"""What the answers took is told the same by a run that was killed three times, by three shards merged, and by one run.

usage: work_checks.py DRIVER MODEL [ROUNDS]

Scores are equal to the byte, tokens are equal, every time and speed is there, and a second run into the same folder is refused at once.
With ROUNDS all of it is done so often, and the median of every time, speed and peak must be within 20 % of the whole runs' median: that is a
measurement, for a machine that does nothing else.
"""
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

driver, model = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 0
scratch = Path(tempfile.mkdtemp())
problems = []
# One thread, where times count: two that wait for each other show every other process of the machine.
SIZE = ("--chunks", "12", "--limit", "64", "--threads", "1") if rounds else ("--chunks", "6", "--limit", "16", "--threads", "2")
TASKS = ("eval", "--model", model, "--schemes", "q8_0,nf4", "--tasks", "perplexity:llamacpp,multiple_choice,cloze,functions", *SIZE, "--ctx", "256", "--quiet")


def check(truth, what):
    if not truth:
        problems.append(what)


def words(folder, *more):
    return [driver, *TASKS, "--output-path", str(scratch / folder), *more]


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stderr}")


def results(folder):
    return json.loads((scratch / folder / "results.json").read_text())


def answers(folder):
    """How many answers the folder's store has."""
    log = scratch / folder / "questions.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def killed_run(folder, total):
    """Killed after a fifth, two fifths and three fifths of the questions, then finished."""
    for part in (1, 2, 3):
        process = subprocess.Popen(words(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while answers(folder) < part * total // 5 and process.poll() is None:
            time.sleep(0.02)
        check(process.poll() is None, f"{folder}: ended before it was killed")
        process.send_signal(signal.SIGKILL)
        process.wait()
        check(not (scratch / folder / "results.json").exists(), f"{folder}: a killed run has results")
    run(words(folder))


def merged_run(folder):
    parts = [f"{folder}-{n}" for n in (1, 2, 3)]
    for n, part in enumerate(parts, 1):
        run(words(part, "--shard", f"{n}/3"))
    run([driver, "merge", *(str(scratch / p) for p in parts), "--output-path", str(scratch / folder), "--quiet"])


def measured(result):
    """Every number of `run` by its name: times, peaks, tokens, and the speeds that tables show."""
    numbers = {"seconds": result["run"]["seconds"], "peak_bytes": result["run"]["peak_bytes"]}
    for s in result["run"]["schemes"]:
        for name in ("load_seconds", "seconds", "peak_bytes"):
            numbers[f"{s['scheme']} {name}"] = s[name]
        for t in s["tasks"]:
            for name in ("tokens_read", "tokens_written", "tokens_computed", "seconds"):
                numbers[f"{s['scheme']} {t['task']} {name}"] = t[name]
            numbers[f"{s['scheme']} {t['task']} tok/s"] = t["tokens_computed"] / t["seconds"]
    return numbers


def check_functional(whole, other, what, processes):
    one, two = results(whole), results(other)
    check(json.dumps(one["scores"]) == json.dumps(two["scores"]), f"{what}: other scores")
    a, b = measured(one), measured(two)
    check(a.keys() == b.keys(), f"{what}: other measurements: {a.keys() ^ b.keys()}")
    for name in a:
        if name.endswith(("tokens_read", "tokens_written")):
            check(a[name] == b[name], f"{what}: {name} {b[name]}, expected {a[name]}")
        elif not name.endswith("tokens_written"):
            check(a[name] > 0 and b[name] > 0, f"{what}: {name} is {b[name]}")
    for s in two["run"]["schemes"]:
        check(abs(s["seconds"] - s["load_seconds"] - sum(t["seconds"] for t in s["tasks"])) < 1e-9, f"{what}: seconds of {s['scheme']} do not add up")
        check(s["peak_bytes"] == max(p["peak_bytes"] for p in s["processes"]), f"{what}: the peak of {s['scheme']} is none of its processes'")
    seen = {p["process"] for s in two["run"]["schemes"] for p in s["processes"]}
    check(len(seen) == processes, f"{what}: {len(seen)} processes, expected {processes}: {seen}")


def check_log(folder):
    lines = (scratch / folder / "questions.log").read_text().splitlines()
    took = {}
    for line in lines:
        match = re.search(r"^\S+ (\S+) (\S+) .* s=([0-9.]+) read=(\d+)( written=\d+)? computed=(\d+)$", line)
        if not match:
            return check(False, f"questions.log: {line}")
        key = (match[1], match[2])
        took[key] = took.get(key, 0) + float(match[3])
    for s in results(folder)["run"]["schemes"]:
        for t in s["tasks"]:
            if (s["scheme"], t["task"]) in took:  # a text has no questions
                check(abs(took[s["scheme"], t["task"]] - t["seconds"]) < 0.01 * t["seconds"] + 0.01, f"questions.log: {s['scheme']} {t['task']} does not add up")


def check_one_writer():
    """While a run is under way, a second one into its folder is refused and told which process holds it; killed, it holds nothing."""
    first = subprocess.Popen(words("locked"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not answers("locked") and first.poll() is None:
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGSTOP)
    for more in ((), ("--shard", "1/2"), ("--restart",)):
        second = subprocess.run(words("locked", *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check(second.returncode == 4 and "IO07" in second.stderr and f"pid {first.pid} on " in second.stderr, f"a second writer {more}: exit code {second.returncode}, {second.stderr}")
    first.kill()
    first.wait()
    run(words("locked"))
    check(json.dumps(results("locked")["scores"]) == json.dumps(results("whole-0")["scores"]), "after a killed writer: other scores")
    check(not list((scratch / "locked").glob("*.lock")), "a lock is left")


numbers = {}
for r in range(max(1, rounds)):
    whole, killed, merged = f"whole-{r}", f"killed-{r}", f"merged-{r}"
    run(words(whole))
    killed_run(killed, answers(whole))
    merged_run(merged)
    check_functional(whole, killed, f"killed three times, round {r}", 4)
    check_functional(whole, merged, f"three shards, round {r}", 3)
    for what, folder in (("whole", whole), ("killed", killed), ("merged", merged)):
        for name, value in measured(results(folder)).items():
            numbers.setdefault((what, name), []).append(value)
    if r == 0:
        took = json.dumps(results(whole)["run"]["schemes"])
        run(words(whole))  # nothing is left to do
        check(json.dumps(results(whole)["run"]["schemes"]) == took, "a run that asks nothing has other measurements")
        check_log(whole)
        check_one_writer()
for (what, name), values in numbers.items():
    if not rounds or what == "whole" or name.endswith(("tokens_read", "tokens_written")):
        continue
    middle = statistics.median(values) / statistics.median(numbers["whole", name])
    print(f"{what:7} {name:45} {middle:6.3f} of the whole run's")
    check(0.8 <= middle <= 1.2, f"{what}: {name} is {middle:.3f} of the whole run's")

shutil.rmtree(scratch)
for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(problems)} problem(s)")
sys.exit(bool(problems))
