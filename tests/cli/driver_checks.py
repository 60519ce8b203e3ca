"""The driver's contract, checked from outside.

usage: driver_checks.py DRIVER MODEL
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

driver, model = sys.argv[1], Path(sys.argv[2])
scratch = Path(tempfile.mkdtemp())
problems = []


def run(*arguments, expect=0, stdout=subprocess.PIPE):
    done = subprocess.run([driver, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True)
    if expect is not None and done.returncode != expect:
        problems.append(f"{arguments}: exit code {done.returncode}, expected {expect}\n{done.stderr}")
    return done


def check(truth, what):
    if not truth:
        problems.append(what)


def evaluate(name, *arguments):
    run("eval", "--model", model, "--schemes", "q8_0,q4_k_m,w8a8,nf4:dq@f16", "--tasks",
        "perplexity:llamacpp,multiple_choice,cloze", "--limit", 3, "--quiet", "--output-path", scratch / name, *arguments)
    return json.loads((scratch / name / "results.json").read_text())


# Scores do not depend on threads, batch or the spelling of options; run facts may.
first = evaluate("a", "--threads", 1)
second = evaluate("b", "--threads", 3, "--batch_tokens", 64)
check(first["scores"] == second["scores"], "scores depend on threads or batch")
check([s["scheme"] for s in first["scores"]["schemes"]] == ["source", "q8_0", "q4_k_m", "w8a8", "nf4:dq@f16"], "rows")
check(all(s["kernel"] for s in first["run"]["schemes"]), "a speed without the name of its kernel")
texts = [s["texts"][0] for s in first["scores"]["schemes"]]
check("divergence" not in texts[0] and all(t["divergence"]["kl"]["value"] >= 0 for t in texts[1:]), "divergence")
check((scratch / "a" / "summary.md").read_text().startswith("# "), "summary.md")
samples = [json.loads(line) for line in (scratch / "a" / "samples_cloze.jsonl").read_text().splitlines()]
check(len(samples) == 3 * 5, f"{len(samples)} samples")

# No option is ignored: what a task does not use is an error that names both, unless a script says so.
one = ("eval", "--model", model, "--schemes", "q8_0", "--quiet", "--tasks")
for task, flag, value in (("cloze", "--num-fewshot", 2), ("multiple_choice", "--split", "val"), ("functions", "--ctx", 64), ("cloze", "--samples", 3),
                          ("perplexity:llamacpp", "--temperature", 1), ("cloze", "--code-preset", "openai"), ("cloze", "--chunks", 2)):
    said = run(*one, task, flag, value, expect=2).stderr
    check("EV17" in said and flag in said and task in said, f"{task} with {flag}: {said}")
run(*one, "cloze", "--num-fewshot", 2, "--limit", 3, "--ignore-unused")
for limit in ("0", "-3", "2.5", "nan", "x"):
    said = run(*one, "cloze", f"--limit={limit}", expect=2).stderr
    check("--limit" in said and f"found {limit}, expected a count" in said and len(said) < 300, f"--limit {limit}: {said}")
run("eval", "--model", model, "--schemes", "q8_0", "--tasks", "cloze", "--limit", 0.01, "--quiet", "--output-path", scratch / "share")
share = json.loads((scratch / "share" / "results.json").read_text())["scores"]["schemes"][0]["tasks"][0]
rows = len((model / "data" / "cloze.jsonl").read_text().splitlines())
check(share["items"] == -(-rows // 100), f"--limit 0.01 of {rows} rows: {share['items']} items")

# The weights' hash is the one that its definition in Python gives.
definition = Path(__file__).parents[2] / "examples" / "weights_sha256.py"
hashed = subprocess.run([sys.executable, definition, model / "model.safetensors"], stdout=subprocess.PIPE, text=True, check=True)
check(first["scores"]["origin"]["weights sha256"] == hashed.stdout.strip(), "weights sha256")

# A checkpoint quantized and read back is the scheme it was quantized under.
run("quantize", "--model", model, "--scheme", "q4_k_m", "--output-path", scratch / "q")
run("eval", "--model", scratch / "q", "--data", model / "data", "--schemes", "source", "--tasks", "perplexity:llamacpp",
    "--limit", 3, "--quiet", "--output-path", scratch / "c")
back = json.loads((scratch / "c" / "results.json").read_text())["scores"]["schemes"][0]
there = first["scores"]["schemes"][2]
check(back["texts"][0]["perplexity"] == there["texts"][0]["perplexity"], "quantized and read back: another perplexity")
check(back["weight_bytes"] == there["weight_bytes"], f"{back['weight_bytes']} bytes read back, {there['weight_bytes']} planned")

# One version, said in two places.
stated = re.search(r"VERSION (\d+\.\d+\.\d+)", (Path(__file__).parents[2] / "CMakeLists.txt").read_text()).group(1)
check(run("--version").stdout.startswith(f"qeval {stated} ("), f"--version is not {stated}")

# Generation is repeatable and goes to stdout alone.
prompt = ("generate", "--model", model, "--prompt", "In the beginning", "--max-tokens", 8)
check(run(*prompt).stdout == run(*prompt, "--threads", 3).stdout != "", "greedy generation differs by threads")
sampled = (*prompt, "--temperature", 1, "--seed", 5)
check(run(*sampled).stdout == run(*sampled).stdout, "sampled generation does not repeat")
check(run(*prompt).stdout.startswith("In the beginning"), "a continued text is not printed whole")
chat = (*prompt, "--apply-chat-template", "zephyr")
check(run(*chat).stdout == json.loads(run(*chat, "--json").stdout)["text"] + "\n", "not the answer alone")

# Exit codes, and one sentence on stderr.
for arguments, code in (
    (("eval", "--model", model, "--schemes", "q9_k"), 2),
    (("eval", "--model", model, "--schemes", "q8_0", "--tasks", "nonsense"), 2),
    (("eval", "--model", model, "--schemes", "q8_0", "--tasks", "cloze,functions,cloze"), 2),
    (("eval", "--model", model, "--schemes", "q8_0", "--tasks", "cloze", "--pairs", "8x8"), 2),
    (("eval", "--model", model, "--schemes", "q8_0", "--tasks", "cloze", "--latency", 1, "--prompt-tokens", 4096), 2),
    (("frobnicate",), 2),
    (("quantize", "--model", model, "--scheme", "q8_0"), 2),
    (("eval", "--model", scratch / "nowhere", "--schemes", "q8_0"), 3),
):
    done = run(*arguments, expect=code)
    check(done.stdout == "" and "Traceback" not in done.stderr and done.stderr, f"{arguments}: {done.stdout} {done.stderr}")
broken = scratch / "broken"
shutil.copytree(model, broken)
(broken / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:-1000])
done = run("eval", "--model", broken, "--schemes", "q8_0", expect=3)
check(done.stderr.startswith("error[ST07] ") and "model.safetensors @ byte" in done.stderr, done.stderr)
if os.path.exists("/dev/full"):
    with open("/dev/full", "w") as full:
        run("formats", expect=4, stdout=full)

# Latency: a row for each scheme, batch and pair of lengths, in every form.
bench = ("bench", "--model", model, "--schemes", "source,nf4+kv=f16", "--repetitions", 2, "--warm-ups", 1, "--quiet")
done = run(*bench, "--batch", "1,2", "--pairs", "[[16,4],[8,8]]", "--csv", scratch / "latency.csv", "--json")
rows = json.loads(done.stdout)["rows"]
check([(r["scheme"], r["batch"], r["prompt_tokens"], r["output_tokens"]) for r in rows]
      == [(s, b, i, o) for s in ("source", "nf4+kv=f16") for b in (1, 2) for i, o in ((16, 4), (8, 8))], "rows of bench")
check(all(len(r["first_token"]["seconds"]) == 2 and r["kernel"] for r in rows), "repetitions of bench")
check(rows[4]["memory"]["kv_cache"] * 2 == rows[0]["memory"]["kv_cache"] and rows[0]["memory"]["scales"] == 0 < rows[4]["memory"]["scales"], "memory of bench")
lines = (scratch / "latency.csv").read_text().splitlines()
check(len(lines) == 9 and lines[0].startswith("Model,Batchsize,In_seq,Out_seq,") and lines[1].startswith("source,1,16,4,"), "latency.csv")
done = run(*bench, "--prompt-tokens", 8, "--output-tokens", 4, "--max-batch-ms", 1e6, "--max-batch", 3, "--json")
check([(r["batch"], r["largest_batch"]["at_bound"]) for r in json.loads(done.stdout)["rows"]] == [(3, True)] * 2, "largest batch")
for arguments, error in ((("--pairs", "16x"), "BE02"), (("--pairs", "4096x1"), "BE01"), (("--pairs", "8x1", "--max-batch-ms", 5), "BE03")):
    check(run(*bench, *arguments, expect=2).stderr.startswith(f"error[{error}] "), f"no {error}")
run("bench", expect=2)
run(*bench, "--kernels", expect=2)

# A task that is declared in a small file, and report.html, which needs nothing but itself.
declared = scratch / "declared"
declared.mkdir()
(declared / "pairs.task.json").write_text(json.dumps({"name": "pairs", "file": "pairs.jsonl", "kind": "multiple_choice", "protocol": "pairs 1", "prompt": "{question}\nAnswer:",
                                                      "choices": "{options}", "answer": "{right}"}))
(declared / "pairs.jsonl").write_text("".join(json.dumps({"question": f"Is {i} small?", "options": ["yes", "no"], "right": i % 2}) + "\n" for i in range(6)))
run("eval", "--model", model, "--schemes", "q8_0", "--tasks", "pairs", "--data", declared, "--quiet", "--output-path", scratch / "d")
found = json.loads((scratch / "d" / "results.json").read_text())["scores"]["schemes"][0]["tasks"][0]
check(found["task"] == "pairs" and found["items"] == 6 and "pairs 1" in found["protocol"], f"declared task: {found['task']}")
page = (scratch / "d" / "report.html").read_text()
check(page.startswith("<!doctype html>") and "http:" not in page and "https:" not in page and "<script" not in page, "report.html reaches out")
check(json.loads(run("doctor", "--json", expect=None).stdout)[0]["subject"] == "binary", "doctor")

# A folder that cannot be made or written to; a disk that fills up: the contracted error, and what was stored stays.
to_file = ("eval", "--model", model, "--schemes", "q8_0", "--tasks", "multiple_choice", "--limit", 60, "--quiet", "--output-path")
done = run(*to_file, model / "config.json" / "x", expect=4)
check(done.stderr.startswith("error[IO05] "), done.stderr)


def in_namespace(script):
    """Runs a shell script as root of a user and mount namespace of its own, or returns None where there are none."""
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    if not shutil.which("unshare") or subprocess.run([*words[:-1], f"mount -t tmpfs none {scratch}"], stderr=subprocess.DEVNULL).returncode != 0:
        return None
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


small, kept = scratch / "small", scratch / "kept"
small.mkdir()
kept.mkdir()
command = " ".join(str(word) for word in (driver, *to_file))
done = in_namespace(f"mount -t tmpfs -o size=96k none {small} && {command} {small}; code=$?; cp {small}/store.sqlite* {kept}; exit $code")
if done is None:
    print("SKIPPED: no user namespaces here: a full disk and a read-only folder are not tried")
else:
    check(done.returncode == 4 and ("DB01" in done.stderr or "IO05" in done.stderr) and "full" in done.stderr, f"full disk: {done.returncode} {done.stderr}")
    run(*to_file, kept)  # goes on with the store that the full disk left
    run(*to_file, scratch / "roomy")
    check(json.loads((kept / "results.json").read_text())["scores"] == json.loads((scratch / "roomy" / "results.json").read_text())["scores"], "another result after a full disk")
    done = in_namespace(f"mount -t tmpfs -o ro none {small} && {command} {small}")
    check(done.returncode == 4 and done.stderr.startswith("error[IO05] "), f"read-only folder: {done.returncode} {done.stderr}")

shutil.rmtree(scratch)
for p in problems:
    print(p)
print(f"{len(problems)} problem(s)")
sys.exit(1 if problems else 0)
