"""Failed items are seen: in every file and table that shows a score, and in the exit code; what the reference failed is no baseline.

usage: failed_items_checks.py DRIVER MODEL
"""
import csv
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

driver, model = sys.argv[1], Path(sys.argv[2])
scratch = Path(tempfile.mkdtemp())
problems = []


def check(truth, what):
    if not truth:
        problems.append(what)


def run(*arguments, expect):
    done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check(done.returncode == expect, f"{arguments}: exit code {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
    return done


def results(folder):
    path = scratch / folder / "results.json"
    check(path.exists(), f"{folder}: no results.json")
    return json.loads(path.read_text()) if path.exists() else {"scores": {"schemes": []}}


def rows_of(folder, task, metric):
    with open(scratch / folder / "results.csv", newline="") as file:
        return {row["scheme"]: row for row in csv.DictReader(file) if row["task"] == task and row["metric"] == metric}


def tree_text(folder, *names):
    return {name: (scratch / folder / name).read_text() for name in names}


# A model whose context is 48 tokens, and data whose items partly do not fit: llama.cpp's HellaSwag cuts no prompt, cloze does.
small = scratch / "small"
shutil.copytree(model, small)
config = json.loads((small / "config.json").read_text())
config["max_position_embeddings"] = 48
(small / "config.json").write_text(json.dumps(config))
data = scratch / "data"
(data / "hellaswag").mkdir(parents=True)
SHORT, LONG = 6, 4
endings = "and sat down.\nand went home.\nor ran away.\nthen slept well.\n"
(data / "hellaswag" / "hellaswag_val_full.txt").write_text(
    "".join(f"Game: The man number {i} stood up\n{i % 4}\n{endings}" for i in range(SHORT))
    + "".join(f"Game: {'The man stood up and looked around the room. ' * 8}\n{i % 4}\n{endings}" for i in range(LONG)))
(data / "cloze.jsonl").write_text("".join(json.dumps({"text": "The man stood up and looked around. " * (1 if i < 3 else 9) + "He was tired"}) + "\n" for i in range(5)))
(data / "multiple_choice.jsonl").write_text("".join(json.dumps(
    {"id": str(i), "context": "A man.", "question": "Who?", "choices": ["man", "man" if i < 2 else "dog"], "answer": 0}) + "\n" for i in range(3)))
task = "hellaswag_llamacpp"
base = ("eval", "--model", small, "--schemes", "q8_0", "--data", data)
most = (*base, "--tasks", f"{task},cloze,multiple_choice")

# By default one failed item is enough for exit code 6, and everything is written.
done = run(*most, "--output-path", scratch / "a", "--opencompass", expect=6)
check(done.stderr.splitlines()[-1:] and done.stderr.splitlines()[-1].startswith(f"error[EV20] the task {task} under source: found {LONG} of {SHORT + LONG} items that failed: too long ({LONG})"),
      f"the message: {done.stderr}")
first = results("a")
failed_line = f"{task}: {LONG} of {SHORT + LONG} items failed under every scheme and count as wrong: too long ({LONG})"
compared_line = f"{task}: not compared with source, which failed {LONG} of {SHORT + LONG} items"
counts = (f"{task}: {SHORT + LONG} items, {LONG} failed, 0 truncated, 0 tied", "cloze: 5 items, 0 failed, 2 truncated, 0 tied", "multiple_choice: 3 items, 0 failed, 0 truncated, 2 tied")
for name, text in {"the terminal": done.stdout, **tree_text("a", "summary.md", "report.html")}.items():
    for line in (failed_line, compared_line, *counts):
        check(line in text, f"{name} does not say: {line}")
check(len(re.findall(r"(?m)^ +(?:source|q8_0) .* ! ", done.stdout)) == 2, f"no mark behind the scores:\n{done.stdout}")
for scheme in first["scores"]["schemes"]:
    hellaswag, cloze, choice = scheme["tasks"]
    check((hellaswag["items"], hellaswag["errors"], hellaswag.get("failures")) == (SHORT + LONG, LONG, {"too long": LONG}), f"results.json: {hellaswag}")
    check((cloze["truncated"], choice["ties"], cloze["errors"]) == (2, 2, 0), f"results.json: {cloze}, {choice}")
    check("against_reference" not in hellaswag["metrics"]["acc_norm"], "results.json compares with a reference that failed")
    if scheme["scheme"] != "source":
        check(hellaswag.get("not_compared") == compared_line.split(": ", 1)[1], "results.json does not say why there is no comparison")
        check("against_reference" in cloze["metrics"]["acc"], "a task whose reference did not fail is not compared")
for name, row in rows_of("a", task, "acc_norm").items():
    check((row.get("failed"), row.get("truncated"), row.get("tied"), row["p"], row["won"]) == (str(LONG), "0", "0", "", ""), f"results.csv, {name}: {row}")
check(all(row.get("truncated") == "2" for row in rows_of("a", "cloze", "acc").values()) and all(row.get("tied") == "2" for row in rows_of("a", "multiple_choice", "acc").values()), "results.csv")
states = [json.loads(line) for line in (scratch / "a" / f"samples_{task}.jsonl").read_text().splitlines()]
check([s.get("state") for s in states].count("failed") == 2 * LONG and all(("error" in s) == (s.get("state") == "failed") for s in states), "states in samples")
check(all(re.match(r"too long: \d+ tokens, context of 48$", s["error"]) for s in states if "error" in s), "reasons in samples")
log = (scratch / "a" / "questions.log").read_text()
check(log.count(" error=too long") == 2 * LONG and f" failed={LONG} " in log and log.count(" truncated ") == 4, "questions.log")
for path in (scratch / "a" / "opencompass").rglob(f"results/*/{task}.json"):
    check(json.loads(path.read_text()).get("details", {}).get("failed") == LONG, f"{path}: no counts")

# The share that may fail. What was measured does not depend on it, nor on asking again: the store keeps states and reasons.
for share, code in ((1, 0), (LONG / (SHORT + LONG), 0), (LONG / (SHORT + LONG) - 0.001, 6), (0, 6)):
    done = run(*most, "--output-path", scratch / "a", "--quiet", "--max-failed", share, expect=code)
    check(failed_line in done.stdout and (code == 0) == (done.stderr == ""), f"--max-failed {share}: {done.stdout}{done.stderr}")
    again = results("a")["scores"]
    for x, y in zip(first["scores"]["schemes"], again["schemes"]):
        for s, t in zip(x["tasks"], y["tasks"]):
            check({k: s[k] for k in ("items", "ties", "truncated", "errors", "failures") if k in s} == {k: t[k] for k in ("items", "ties", "truncated", "errors", "failures") if k in t}, "a resumed run shows other states")
            check({m: v["value"] for m, v in s["metrics"].items()} == {m: v["value"] for m, v in t["metrics"].items()}, "a score depends on --max-failed")
    if share == 1:
        against = again["schemes"][1]["tasks"][0]["metrics"]["acc_norm"].get("against_reference", {})
        check(against.get("n") == SHORT and against.get("sentence", "").endswith(f"; failed: {LONG}; left out, since source failed: {LONG}"), f"a comparison on what the reference answered: {against}")
        check(again["statistics"].get("max_failed") == 1, "results.json does not say what share was allowed")
check(results("a")["scores"] == first["scores"], "a resumed run has other scores")
check((scratch / "a" / "questions.log").read_text() == log, "a failed item was asked again")
for share in ("-0.1", "1.01", "nan", "some"):
    run(*most, "--max-failed", share, expect=2)
done = run(*most, "--json", expect=6)
check(json.loads(done.stdout)["scores"] == first["scores"], "--json")

# Where nothing failed nothing is marked, and truncated prompts and ties are no failures.
done = run(*base, "--tasks", "cloze,multiple_choice", "--output-path", scratch / "clean", expect=0)
check("!" not in done.stdout and "!" not in (scratch / "clean" / "summary.md").read_text() and done.stdout.count(" 0 failed") == 2, f"a run without failures:\n{done.stdout}")

# Shards count what failed in their parts; merging counts all, and may be told another share.
for number, share, code in ((1, 0, 6), (2, 0.9, 0)):
    run(*most, "--output-path", scratch / "shards", "--shard", f"{number}/2", "--max-failed", share, expect=code)
merge = ("merge", scratch / "shards", "--output-path", scratch / "merged")
done = run(*merge, expect=6)
check(failed_line in done.stdout and results("merged")["scores"]["schemes"][1]["tasks"] == first["scores"]["schemes"][1]["tasks"], "merged shards")
run(*merge, "--quiet", "--max-failed", 1, expect=0)

# A reference whose weights overflow in f16: nothing is compared with it, the scheme beside it has its scores.
large = scratch / "large"
shutil.copytree(model, large)
raw = bytearray((large / "model.safetensors").read_bytes())
begin = 8 + struct.unpack("<Q", raw[:8])[0]
first_byte, last_byte = json.loads(raw[8:begin])["model.norm.weight"]["data_offsets"]
for at in range(begin + first_byte, begin + last_byte, 2):
    raw[at:at + 2] = struct.pack("<f", struct.unpack("<f", b"\0\0" + bytes(raw[at:at + 2]))[0] * 1e6)[2:]
(large / "model.safetensors").write_bytes(raw)
done = run("eval", "--model", large, "--reference", "source@f16", "--schemes", "source,q8_0", "--tasks", "perplexity:llamacpp,cloze,multiple_choice",
           "--limit", 3, "--output-path", scratch / "reference", expect=6)
for name, text in {"the terminal": done.stdout, **tree_text("reference", "summary.md", "report.html")}.items():
    for line in ("perplexity:llamacpp: 3 of 3 windows failed under source@f16: nonfinite logits (3)", "perplexity:llamacpp: not compared with source@f16, which failed 3 of 3 windows",
                 "cloze: 3 of 3 items failed under source@f16 and count as wrong: nonfinite logits (3)", "cloze: not compared with source@f16, which failed 3 of 3 items"):
        check(line in text, f"{name} does not say: {line}")
for row in results("reference")["scores"]["schemes"][1:]:
    for text in row["texts"]:
        check("divergence" not in text and "change" not in text and text["errors"] == 0 and "not_compared" in text, f"a text against a failed reference: {text}")
    for t in row["texts"] + row["tasks"]:
        check(not any("against_reference" in m for m in t["metrics"].values()), f"{t['task']} is compared with a reference that failed")
table = done.stdout.split("\n\n")[0]
check(" +" not in table.split("tok/s")[0] and "1.000" not in table, f"flips or p against a failed reference:\n{table}")

shutil.rmtree(scratch)
for p in problems:
    print(p)
print(f"{len(problems)} problem(s)")
sys.exit(1 if problems else 0)
