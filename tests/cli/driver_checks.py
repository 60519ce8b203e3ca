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
    if done.returncode != expect:
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

# Exit codes, and one sentence on stderr.
for arguments, code in (
    (("eval", "--model", model, "--schemes", "q9_k"), 2),
    (("eval", "--model", model, "--schemes", "q8_0", "--tasks", "nonsense"), 2),
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

shutil.rmtree(scratch)
for p in problems:
    print(p)
print(f"{len(problems)} problem(s)")
sys.exit(1 if problems else 0)
