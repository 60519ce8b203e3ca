"""What commands write: never over a file that they read, by whatever name, and never two at a time into one place.

usage: output_checks.py DRIVER MODEL
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

driver = sys.argv[1]
scratch = Path(tempfile.mkdtemp())
model = Path(shutil.copytree(sys.argv[2], scratch / "model"))
problems = []


def run(*arguments, expect=0):
    done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != expect:
        problems.append(f"{' '.join(map(str, arguments))}: exit code {done.returncode}, expected {expect}\n{done.stderr}")
    return done


def check(truth, what):
    if not truth:
        problems.append(what)


# Inputs, and what reads them.
data = model / "data" / "cloze.jsonl"
calib, ids, options = scratch / "text.dat", scratch / "ids.safetensors", scratch / "options.json"
calib.write_bytes((model / "data" / "heldout.txt").read_bytes()[:40000])
ids.write_text("[[1, 2, 3]]")
options.write_text("")  # no options; TOML and INI have no objection
functions = [json.loads(line) for line in (model / "data" / "functions.jsonl").read_text().splitlines()][:2]
problem_file, samples = scratch / "functions.jsonl", scratch / "samples"
problem_file.write_text("".join(json.dumps(r) + "\n" for r in functions))
samples.write_text("".join(json.dumps({"task_id": r["task_id"], "completion": r["canonical_solution"]}) + "\n" for r in functions))
importance = scratch / "importance.dat"
run("imatrix", "--model", model, "--calib", calib, "--ctx", 128, "--chunks", 2, "--quiet", "--output-path", importance)
small_gguf, small_importance = scratch / "small.gguf", scratch / "small_importance.gguf"
for name, copy in (("model.gguf", small_gguf), ("expected.gguf", small_importance)):
    shutil.copy(Path(__file__).parent.parent / "golden" / "imatrix" / name, copy)
of_model = [model / name for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")]
items = ("--schemes", "q8_0", "--tasks", "cloze", "--data", data, "--limit", 3, "--quiet")
for shard in (1, 2):
    run("eval", "--model", model, *items, "--shard", f"{shard}/2", "--output-path", scratch / f"shard-{shard}")
run("eval", "--model", model, *items, "--restart", "--output-path", scratch / "whole")  # --restart is kept with the command
shards = (scratch / "shard-1", scratch / "shard-2")
small = ("--repetitions", 1, "--warm-ups", 0, "--prompt-tokens", 8, "--output-tokens", 2)
product = ("--formats", "q8_0", "--rows", 64, "--cols", 256, "--columns", 8, "--repetitions", 1, "--threads", 1, "--ops", "gemm")
with_matrix = ("--model", model, "--imatrix", importance)

# Every command of --help: (option that names the output, the rest of the line, inputs, ending of a file or None for a folder).
WRITERS = {
    "eval": [("--output-path", (*with_matrix, "--schemes", "q8_0,q4_0", "--tasks", "cloze,perplexity:llamacpp", "--chunks", 1, "--limit", 3, "--quiet",
                                "--opencompass", "--log-samples", "--latency", 1, *small),
              [*of_model, data, importance], None)],
    "merge": [("--output-path", (*shards, "--quiet"), [*of_model, data], None)],
    "quantize": [("--output-path", (*with_matrix, "--scheme", "q4_0", "--quiet"), [*of_model, importance], None),
                 ("--output-path", ("--model", small_gguf, "--imatrix", small_importance, "--scheme", "q4_k_m", "--output-format", "gguf", "--quiet"),
                  [small_gguf, small_importance], ".gguf")],
    "imatrix": [("--output-path", ("--model", model, "--calib", calib, "--ctx", 128, "--quiet"), [*of_model, calib], ".dat")],
    "logits": [("--output-path", (*with_matrix, "--ids", ids, "--quiet"), [*of_model, ids, importance], ".safetensors")],
    "bench": [(option, (*with_matrix, *small, "--batch", 1, "--quiet"), [*of_model, importance], ".json") for option in ("--csv", "--json")],
    "score": [],  # its outputs stand beside its samples, see below
}
READERS = {"generate", "inspect", "compare", "formats", "doctor", "schemes", "tasks"}
listed = set(re.findall(r"^  ([a-z]+) ", run("--help").stdout.split("Subcommands:")[1], re.MULTILINE))
check(listed == READERS | set(WRITERS), f"commands that this test does not know, or that are gone: {listed ^ (READERS | set(WRITERS))}")
for command in listed:
    named = set(re.findall(r"(--(?:output-path|csv|json)) TEXT", run(command, "--help").stdout))
    check(named == {case[0] for case in WRITERS.get(command, [])}, f"{command}: options that name outputs: {named}")

inputs = sorted({i for cases in WRITERS.values() for case in cases for i in case[2]} | {problem_file, samples, options})
whole_store = scratch / "whole" / "store.sqlite"
originals = {i: i.read_bytes() for i in (*inputs, whole_store)}


def refused(words, what):
    said = run(*words, expect=2).stderr
    check("error[CL06]" in said, f"{what}: {said}")
    for path, content in originals.items():
        if path.read_bytes() != content:
            problems.append(f"{what}: {path} was changed")
            path.write_bytes(content)


def tree(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*"))


count = 0


def fresh():
    global count
    count += 1
    folder = scratch / f"out-{count}"
    folder.mkdir()
    return folder


# A file: each input itself where it has the ending, and by a hard link and a symbolic link that have it.
# A folder: that of the model, by three names, and one in which a file to be written is a link to an input: each name that a
# run leaves, and each input under one of them. Nothing may be left of a refused run.
for command, cases in WRITERS.items():
    for option, rest, read, ending in cases:
        if ending:
            for source in read:
                folder = fresh()
                os.link(source, folder / ("hard" + ending))
                (folder / ("soft" + ending)).symlink_to(source)
                own = [source] if source.suffix == ending else []
                for target in (*own, folder / ("hard" + ending), folder / ("soft" + ending)):
                    refused((command, *rest, option, target), f"{command} {option} {target.name} for {source.name}")
            run(command, *rest, option, fresh() / ("new" + ending))
            continue
        left = fresh()
        run(command, *rest, option, left)
        names = [name for name in tree(left) if "/" not in name and not (left / name).is_dir()]
        check(len(names) > 2, f"{command} wrote {names}")
        pairs = [(name, read[0]) for name in names] + [(names[-1], source) for source in read]
        for name, source in pairs:
            for link in (os.link, os.symlink):
                folder = fresh()
                link(source, folder / name)
                refused((command, *rest, option, folder), f"{command}: {name} is {source.name}")
                check(tree(folder) == [name], f"{command}: a refused run left {tree(folder)}")
        (scratch / f"link-{command}").symlink_to(model)
        for folder in (model, f"{model}/data/..", scratch / f"link-{command}"):
            before = tree(model)
            refused((command, *rest, option, folder), f"{command} into {folder}")
            check(tree(model) == before, f"{command}: a refused run left {set(tree(model)) - set(before)}")
        run(command, *rest, option, left)  # once more, over its own results

# A file of options is read, too.
(scratch / "soft.json").symlink_to(options)
for target in (options, scratch / "soft.json"):
    refused(("--config", options, "bench", "--kernels", *product, "--quiet", "--json", target), f"bench --json {target.name} for its options")
run("--config", options, "bench", "--kernels", *product, "--quiet", "--json", scratch / "new.json")

# score writes FILE_results.jsonl and FILE_results.sqlite.
judge = ("score", "--data", problem_file, "--allow-code-execution", "--quiet", "--samples")
for ending in ("_results.jsonl", "_results.sqlite"):
    for source in (problem_file, samples):
        folder = fresh()
        shutil.copy(samples, folder / "s")
        os.link(source if source != samples else folder / "s", folder / ("s" + ending))
        before = (folder / "s").read_bytes()
        refused((*judge, folder / "s"), f"score: {ending} is {source.name}")
        check((folder / "s").read_bytes() == before, f"score has changed {source.name}")

# A run that is merged into its own folder would begin anew there, without its answers; a shard's folder has room for the whole.
refused(("merge", scratch / "whole", "--output-path", scratch / "whole", "--quiet"), "merge of a run into itself")
for _ in range(2):
    run("merge", *shards, "--output-path", shards[0], "--quiet")
check((shards[0] / "results.json").exists(), "no results in the shard's folder")

# Two runs in one second have a tree each.
folder = fresh()
for _ in range(4):
    run("eval", "--model", model, *items, "--opencompass", "--output-path", folder)
trees = sorted(p.name for p in (folder / "opencompass").iterdir())
check(len(trees) == 4, f"trees of four runs: {trees}")
for name in trees:
    check((folder / "opencompass" / name / "summary" / f"summary_{name}.csv").exists(), f"{name} is not complete: {tree(folder / 'opencompass' / name)}")

# A second writer is refused at once, and told who writes; the first one ends as if it had been alone.
folder = fresh()  # an encoder that searches: there is time to stop it
words = ("quantize", "--model", model, "--scheme", "all:IQ2_XXS", "--threads", 1, "--quiet", "--output-path", folder)
first = subprocess.Popen([driver, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
lock = folder / "writer.lock"  # made first, then taken, then signed
while first.poll() is None and not (lock.exists() and f"pid {first.pid} on " in lock.read_text()):
    time.sleep(0.001)
os.kill(first.pid, signal.SIGSTOP)
second = run(*words, expect=4)
check("IO07" in second.stderr and f"pid {first.pid} on " in second.stderr, f"a second quantize: {second.stderr}")
os.kill(first.pid, signal.SIGCONT)
check(first.wait() == 0, f"the first quantize: {first.stderr.read()}")
check(tree(folder) == sorted(p.name for p in of_model), f"left by quantize: {tree(folder)}")
run("inspect", folder)

shutil.rmtree(scratch)
print(*problems, f"{count} folders, {len(problems)} problem(s)", sep="\n")
sys.exit(1 if problems else 0)
