"""A run that is killed goes on where it stopped, and ends with the files of a run that was not; so do shards, merged.

usage: resume_checks.py DRIVER MODEL [KILLS]
"""
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

driver, model = sys.argv[1], Path(sys.argv[2])
kills = int(sys.argv[3]) if len(sys.argv) > 3 else 50
scratch = Path(tempfile.mkdtemp())
problems = []
TASKS = ("eval", "--model", model, "--schemes", "q8_0,nf4", "--tasks", "perplexity:llamacpp,perplexity:gptq2048,multiple_choice,cloze,functions",
         "--chunks", 5, "--limit", 12, "--ctx", 128, "--quiet")


def words(folder, *more):
    return [driver, *map(str, TASKS), "--output-path", str(scratch / folder), *map(str, more)]


def finish(folder, *more):
    done = subprocess.run(words(folder, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        problems.append(f"{folder} {more}: exit code {done.returncode}\n{done.stderr}")
    return done


def files(folder):
    """What must be equal: the samples byte for byte, the results without their part `run`."""
    found = {p.name: p.read_text() for p in sorted((scratch / folder).glob("samples_*.jsonl"))}
    results = json.loads((scratch / folder / "results.json").read_text())
    del results["run"]
    return {**found, "results.json": json.dumps(results)}


def check_same(folder, what):
    for name, text in files(folder).items():
        if text != whole[name]:
            problems.append(f"{what}: another {name}")


start = time.monotonic()
finish("whole", "--threads", 2)
seconds = time.monotonic() - start
whole = files("whole")
if len(whole) != 4:
    problems.append(f"{sorted(whole)}: expected results and three files of samples")

# SIGKILL at a random instant of what is left, again and again; whenever a run comes through, the next one begins anew.
draw = random.Random(7)
killed = rounds = 0
while killed < kills:
    folder = f"killed-{rounds}"
    rounds += 1
    for _ in range(8):
        if killed == kills:
            break
        process = subprocess.Popen(words(folder, "--threads", draw.choice((1, 2, 3)), "--batch-tokens", draw.choice((64, 512))), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0, 0.7 * seconds))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        if (scratch / folder / "results.json").exists():
            check_same(folder, "a result after a kill")
    finish(folder)
    check_same(folder, f"after {killed} kills")
    problems += [f"{left} is left" for left in (scratch / folder).glob("*.tmp-*")]
    shutil.rmtree(scratch / folder)

# A finished run asks nothing again and writes the same files.
before = (scratch / "whole" / "samples_cloze.jsonl").read_bytes()
finish("whole")
check_same("whole", "a second time")
if (scratch / "whole" / "samples_cloze.jsonl").read_bytes() != before:
    problems.append("samples differ the second time")

# The first SIGINT ends the run behind the answers it has, with a status of its own.
process = subprocess.Popen(words("stopped"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
time.sleep(min(0.4, seconds / 3))
process.send_signal(signal.SIGINT)
error = process.communicate()[1]
if process.returncode not in (0, 130) or (process.returncode == 130 and "IN02" not in error):
    problems.append(f"SIGINT: exit code {process.returncode}, {error}")
finish("stopped")
check_same("stopped", "after SIGINT")

# Batches of 1, 4 and 32 tokens, 1, 2 and 3 threads.
for threads, batch in ((1, 32), (2, 1), (3, 4)):
    finish(f"batch-{batch}", "--threads", threads, "--batch-tokens", batch)
    check_same(f"batch-{batch}", f"{threads} threads, {batch} tokens in a forward pass")

# Shards on their own, merged.
for shards in (2, 3):
    folders = []
    for number in range(1, shards + 1):
        folders.append(f"shard-{number}-of-{shards}")
        finish(folders[-1], "--shard", f"{number}/{shards}", "--threads", number, "--batch-tokens", (1, 4, 32)[number - 1])
        if (scratch / folders[-1] / "results.json").exists():
            problems.append("a shard wrote results of its own")
    merge = [driver, "merge", *(str(scratch / f) for f in folders), "--output-path", str(scratch / f"merged-{shards}"), "--quiet"]
    done = subprocess.run(merge, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        problems.append(f"merge: exit code {done.returncode}\n{done.stderr}")
    else:
        check_same(f"merged-{shards}", f"{shards} shards")
done = subprocess.run([driver, "merge", str(scratch / "shard-1-of-3"), "--output-path", str(scratch / "partial")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
if done.returncode != 2 or "EV10" not in done.stderr or not all(f"no store of shard {n}/3" in done.stderr for n in (2, 3)):
    problems.append(f"one shard of three merged: exit code {done.returncode}, {done.stderr}")

# Another model's answers are not taken for this one's.
other = scratch / "other"
shutil.copytree(model, other)
weights = bytearray((other / "model.safetensors").read_bytes())
weights[-2] ^= 1
(other / "model.safetensors").write_bytes(bytes(weights))
done = subprocess.run([str(other) if w == str(model) else w for w in words("whole")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
if done.returncode != 2 or "EV12" not in done.stderr or "weights sha256" not in done.stderr:
    problems.append(f"a changed model resumes: exit code {done.returncode}, {done.stderr}")

# Nor by merge, which advises only what it has.
elsewhere = str(scratch / "elsewhere")
subprocess.run([driver, "eval", "--model", str(other), "--schemes", "q8_0", "--tasks", "cloze", "--limit", "1", "--quiet", "--output-path", elsewhere], check=True, stdout=subprocess.DEVNULL)
done = subprocess.run([driver, "merge", str(scratch / "shard-1-of-2"), str(scratch / "shard-2-of-2"), "--output-path", elsewhere], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
if done.returncode != 2 or "EV12" not in done.stderr or "--restart" in done.stderr:
    problems.append(f"merged into another model's results: exit code {done.returncode}, {done.stderr}")

shutil.rmtree(scratch)
print(f"{killed} kills in {rounds} runs, {time.monotonic() - start:.0f} s")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
