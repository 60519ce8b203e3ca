#!/usr/bin/env python3
"""Writes lm_eval/files.json.gz: the files that lm-eval itself leaves of a run, for tests of the files that qeval leaves of it.

    pip install lm-eval==0.4.13 torch==2.9.1 transformers==4.57.6 datasets==4.8.5
    python tests/golden/make_lm_eval_export.py QEVAL_TEST_DATA      (in an environment outside this repository)

The tasks are lm-eval's own; only where they get their rows from is another: local files. The model is the bundled one, in float32.
Of the samples the numbers and the written texts are kept. Rows and prompts are not: `task_hashes` of the results are over every row,
prompt and target, and `arguments` here over everything that was put to the model.
"""
import gzip
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = os.environ["DISABLE_MULTIPROC"] = "1"
import datasets

import lm_eval_data

HERE = Path(__file__).resolve().parent
MODEL = "examples/models/qeval-5m"
TASKS = ["arc_easy", "hellaswag", "lambada_openai", "mmlu", "gsm8k", "wikitext"]
LIMIT = 6
SHOTS = 0


def from_files(sets):
    """datasets.load_dataset for the tasks of this file."""
    exam = lm_eval_data.mmlu(sets)
    splits = {
        "allenai/ai2_arc": lambda name: {"test": lm_eval_data.json_lines(sets / f"arc/{name}-test.jsonl")},
        "Rowan/hellaswag": lambda name: {"validation": list(lm_eval_data.hellaswag(sets))},
        "EleutherAI/lambada_openai": lambda name: {"test": lm_eval_data.json_lines(sets / "lambada/lambada_test.jsonl")},
        "cais/mmlu": lambda name: exam[name],
        "openai/gsm8k": lambda name: {"test": lm_eval_data.json_lines(sets / "gsm8k/test.jsonl")},
        "EleutherAI/wikitext_document_level": lambda name: {"test": list(lm_eval_data.pages(sets))},
    }

    def load_dataset(path, name=None, **_):
        found = splits[path](name)
        first = next(iter(found.values()))[:1]
        found = {"train": first, "validation": first} | found  # splits that nothing is asked of
        return datasets.DatasetDict({split: datasets.Dataset.from_list(rows) for split, rows in found.items()})

    return load_dataset


def without_code(value):
    """Functions are printed with their source, or where they lie in memory."""
    if isinstance(value, dict):
        return {k: without_code(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_code(v) for v in value]
    return "a function" if isinstance(value, str) and value.startswith(("def ", "<function ")) else value


# Tasks that are only described: a row of each data set, since loading a task looks at one.
DESCRIBED = {
    "arc_challenge": {"id": "1", "question": "Which?", "choices": {"text": ["one", "two"], "label": ["A", "B"]}, "answerKey": "A"},
    "winogrande": {"sentence": "She saw that _ was there.", "option1": "Ann", "option2": "Eve", "answer": "1"},
    "ceval-valid_law": {"id": 0, "question": "?", "A": "1", "B": "2", "C": "3", "D": "4", "answer": "A"},
    "humaneval": {"task_id": "1", "prompt": "def f():", "entry_point": "f", "test": "def check(f): pass"},
    "mbpp": {"task_id": 11, "text": "Write it.", "code": "", "test_list": ["assert 1", "assert 2", "assert 3"]},
}


def describe(task):
    """What lm-eval's files say of a task before it is run."""
    import evaluate
    from lm_eval.tasks import TaskManager

    evaluate.load = lambda name: SimpleNamespace(compute=lambda **_: None)  # a hub's program, which judges code
    splits = {split: datasets.Dataset.from_list([DESCRIBED[task]]) for split in ("train", "validation", "test", "val", "dev")}
    datasets.load_dataset = lambda *_, **__: datasets.DatasetDict(splits)
    loaded = TaskManager().load([task])["tasks"][task]
    return {"config": without_code(json.loads(json.dumps(dict(loaded.dump_config()), default=str))), "version": loaded.VERSION,
            "higher_is_better": loaded.higher_is_better()}


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kept(lines):
    """Of a file of samples what is no row of a data set."""
    asked = hashlib.sha256()
    for line in lines:
        asked.update(json.dumps(line["arguments"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    drop = ("doc", "target", "arguments", "doc_hash", "prompt_hash", "target_hash")
    return {
        "arguments": asked.hexdigest(),
        "keys": sorted(lines[0]),
        "doc": sorted(lines[0]["doc"]),
        "lines": [{k: v for k, v in line.items() if k not in drop} for line in lines],
    }


def main(data):
    sets = (Path(data) / "datasets").resolve()
    os.chdir(HERE.parents[1])  # the model is named from here
    datasets.load_dataset = from_files(sets)
    import lm_eval
    from lm_eval.loggers import EvaluationTracker

    with tempfile.TemporaryDirectory() as scratch:
        tracker = EvaluationTracker(output_path=scratch)
        results = lm_eval.simple_evaluate(
            model="hf", model_args=f"pretrained={MODEL},dtype=float32", device="cpu", batch_size=8, tasks=TASKS, limit=LIMIT,
            num_fewshot=SHOTS, log_samples=True, bootstrap_iters=100, evaluation_tracker=tracker)
        samples = results.pop("samples")
        tracker.save_results_aggregated(results=results, samples=samples)
        for task in results["configs"]:
            tracker.save_results_samples(task_name=task, samples=samples[task])
        folder = next(Path(scratch).iterdir())
        written = {
            "results": json.loads(next(folder.glob("results_*.json")).read_text(encoding="utf-8")),
            "samples": {task: kept(lines_of(next(folder.glob(f"samples_{task}_*.jsonl")))) for task in results["configs"]},
        }
    written["described"] = {task: describe(task) for task in DESCRIBED}
    written["results"]["pretty_env_info"] = "the machine that made this"
    written["results"]["configs"] = without_code(written["results"]["configs"])
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    text = text.replace(str(Path(lm_eval.__file__).parents[1]) + "/", "")
    with open(HERE / "lm_eval/files.json.gz", "wb") as out:
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
            packed.write(text.encode())
    print(len(text), (HERE / "lm_eval/files.json.gz").stat().st_size)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
