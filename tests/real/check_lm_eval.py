"""A run's files equal those that lm-eval leaves of the same run, key by key; and lm-eval's own readers read them.

usage: check_lm_eval.py DRIVER

What lm-eval left is stored (tests/golden/make_lm_eval_export.py); here the model is run. Counts, accuracies, hashes and written texts are
equal, likelihoods and perplexities within 1e-4 of themselves. tests/golden/lm_eval/exceptions.txt names the keys whose values may differ.
"""
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
MODEL = "examples/models/qeval-5m"
RUNS = [["arc_easy,hellaswag,lambada_openai,perplexity:wikitext"], ["mmlu,gsm8k", "--num-fewshot", "0"]]
CLOSE = ("perplexity", "bits_per_byte")  # metrics made of likelihoods


def exceptions():
    lines = (GOLDEN / "lm_eval/exceptions.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0].split("/") for line in lines if line and not line.startswith("#")]


def is_free(path, patterns):
    return any(len(p) == len(path) and all(a in ("*", b) for a, b in zip(p, path)) for p in patterns)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def differences(theirs, ours, patterns, path=(), close=False):
    if is_free(path, patterns) or (theirs == "a function" and isinstance(ours, str)):
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in theirs.keys() - ours.keys():
            yield f"{'/'.join(path)}: no {key}"
        for key in ours.keys() - theirs.keys():
            first, *rest = (*path, key)
            if not is_free(("+" + first, *rest), patterns):
                yield f"{'/'.join(path)}: lm-eval has no {key}"
        for key in theirs.keys() & ours.keys():
            yield from differences(theirs[key], ours[key], patterns, (*path, key), close or any(c in key for c in CLOSE))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for i, (a, b) in enumerate(zip(theirs, ours)):
            yield from differences(a, b, patterns, (*path, str(i)), close)
    elif number(theirs) is not None and number(ours) is not None:
        want, found = number(theirs), number(ours)
        if abs(found - want) > (1e-4 if close else 1e-12) * max(1e-9, abs(want)):
            yield f"{'/'.join(path)}: {theirs} there, {ours} here"
    elif theirs != ours:
        yield f"{'/'.join(path)}: {str(theirs)[:200]} there, {str(ours)[:200]} here"


def sample_differences(task, theirs, lines, patterns):
    asked = hashlib.sha256()
    if len(lines) != len(theirs["lines"]):
        yield f"{task}: {len(theirs['lines'])} lines there, {len(lines)} here"
    for want, found in zip(theirs["lines"], lines):
        asked.update(json.dumps(found["arguments"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
        if sorted(found) != theirs["keys"] or sorted(found["doc"]) != theirs["doc"]:
            yield f"{task}: other keys"
        for key, value in want.items():
            yield from differences(value, found[key], patterns, (f"samples of {task}, {want['doc_id']}", key), True)
    if asked.hexdigest() != theirs["arguments"]:
        yield f"{task}: another prompt"


def reader_problems(files, theirs, ours):
    try:
        from lm_eval.utils import get_latest_filename, get_results_filenames, get_sample_results_filenames, make_table
    except ImportError as e:
        print(f"SKIPPED: lm-eval's own readers: {e}")
        return
    names = [str(f) for f in files]
    if len(get_results_filenames(names)) != len(RUNS) or not get_latest_filename(get_results_filenames(names)).endswith(".json"):
        yield f"lm-eval finds other files of results: {get_results_filenames(names)}"
    if len(get_sample_results_filenames(names)) != len(theirs["samples"]):
        yield f"lm-eval finds {len(get_sample_results_filenames(names))} files of samples"
    for column in ("results", "groups"):  # all but the numbers, which are compared above
        rows = [["|".join(c for i, c in enumerate(line.split("|")) if i not in (7, 9)).replace(" ", "")
                 for line in make_table(r, column).splitlines()[2:]] for r in (theirs["results"], ours)]
        if rows[0] != rows[1] or not rows[0]:
            yield f"lm-eval's table of {column} has other rows"


def main(driver):
    data = os.environ.get("QEVAL_TEST_DATA")
    if not data:
        print("SKIPPED: files against lm-eval's: QEVAL_TEST_DATA is not set")
        return 0
    sys.path.insert(0, str(GOLDEN))
    import lm_eval_data

    theirs = json.loads(gzip.decompress((GOLDEN / "lm_eval/files.json.gz").read_bytes()))
    patterns, problems, ours, samples, files = exceptions(), [], {}, {}, []
    limit = str(theirs["results"]["config"]["limit"])
    with tempfile.TemporaryDirectory() as scratch:
        folder = lm_eval_data.below_data((Path(data) / "datasets").resolve(), Path(scratch) / "data")
        out = Path(scratch) / "results"
        for tasks in RUNS:  # the second run's files stand beside the first one's
            subprocess.run([Path(driver).resolve(), "eval", "--model", MODEL, "--schemes", "source", "--data", folder, "--limit", limit,
                            "--log-samples", "--quiet", "--restart", "--output-path", out, "--tasks", *tasks],
                           check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        files = sorted((out / "source").iterdir())
        for file in files:
            if file.name.startswith("results_"):
                for key, value in json.loads(file.read_text(encoding="utf-8")).items():
                    if key != "config" and isinstance(value, dict):
                        ours.setdefault(key, {}).update(value)
                    else:
                        ours[key] = value
            else:
                task = file.name[len("samples_"):file.name.rindex("_")]
                samples[task] = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
        problems += differences(theirs["results"], ours, patterns)
        if samples.keys() != theirs["samples"].keys():
            problems.append(f"samples of other tasks: {sorted(samples.keys() ^ theirs['samples'].keys())}")
        for task, lines in samples.items():
            problems += sample_differences(task, theirs["samples"][task], lines, patterns)
        problems += reader_problems(files, theirs, ours)
    print(*problems, f"{len(theirs['results']['results'])} tasks and groups, {sum(map(len, samples.values()))} samples: {len(problems)} problem(s)",
          sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
