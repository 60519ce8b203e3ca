#!/usr/bin/env python3
"""Writes lm_eval/<model>_<task>.txt: what lm-eval makes of two small models on real data sets, item by item.

    pip install lm-eval==0.4.13 torch==2.8.0 transformers==4.56.2 gguf==0.19.0 pandas==2.3.3
    python tests/golden/make_lm_eval.py QEVAL_TEST_DATA      (both in an environment outside this repository)

The tasks are lm-eval's own, pointed at local files; transformers computes in float32. The first line of a result holds the
aggregates; every further line one item: the choice that acc takes (or whether lambada's target was greedy), then the
log-likelihood of each answer.
"""
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
import lm_eval
import torch
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

import lm_eval_data
import make_tokenizer_json

HERE = Path(__file__).resolve().parent
TASKS = Path(lm_eval.__file__).parent / "tasks"
LIMIT = 320
PAGES = 6


def lines(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
    return str(path)


def mmlu(sets, scratch):
    """{subject: {split: file}}"""
    return {subject: {split: lines(scratch / f"{subject}_{split}.jsonl", rows) for split, rows in splits.items()}
            for subject, splits in lm_eval_data.mmlu(sets).items()}


def task_files(data, scratch):
    """Copies of lm-eval's task files whose data is local; returns {task of ours: tasks of lm-eval}."""
    folder = scratch / "tasks"
    folder.mkdir()
    sets = data / "datasets"

    def local(name, original, splits):
        text = f"include: {TASKS / original}\ntask: {name}\ndataset_path: json\ndataset_name: null\ndataset_kwargs:\n  data_files:\n"
        text += "".join(f"    {split}: {path}\n" for split, path in splits.items())
        for key in ("training_split", "validation_split", "test_split", "fewshot_split"):
            kind = {"training_split": "train", "validation_split": "validation", "test_split": "test", "fewshot_split": "dev"}[key]
            if kind in splits:
                text += f"{key}: {kind}\n"
            elif key != "fewshot_split":
                text += f"{key}: null\n"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return [name]

    made = {
        "arc_easy": local("q_arc_easy", "arc/arc_easy.yaml", {"test": sets / "arc/ARC-Easy-test.jsonl"}),
        "arc_challenge": local("q_arc_challenge", "arc/arc_challenge.yaml", {"test": sets / "arc/ARC-Challenge-test.jsonl"}),
        "lambada_openai": local("q_lambada_openai", "lambada/lambada_openai.yaml", {"test": sets / "lambada/lambada_test.jsonl"}),
        "hellaswag": local("q_hellaswag", "hellaswag/hellaswag.yaml", {"validation": lines(scratch / "swag.jsonl", lm_eval_data.hellaswag(sets))}),
        "wikitext": local("q_wikitext", "wikitext/wikitext.yaml", {"test": lines(scratch / "wiki.jsonl", list(lm_eval_data.pages(sets))[:PAGES])}),
    }
    subjects = mmlu(sets, scratch)
    made["mmlu"] = [local(f"q_mmlu_{s}", f"mmlu/default/mmlu_{s}.yaml", subjects[s])[0] for s in sorted(subjects)]
    return folder, made


def evaluate(model, manager, names, limit, shots=None):
    return lm_eval.simple_evaluate(model=model, tasks=names, num_fewshot=shots, limit=limit, task_manager=manager, log_samples=True, bootstrap_iters=0)


def write(path, head, rows):
    path.write_text(head + "\n" + "".join(r + "\n" for r in rows), encoding="utf-8")
    print(path.name, head)


def ranked(result, names, path, metrics):
    rows, sums, n = [], [0.0] * len(metrics), 0
    for name in names:
        for s in sorted(result["samples"][name], key=lambda s: s["doc_id"]):
            scores = [r[0] if isinstance(r, (list, tuple)) else r for r in s["filtered_resps"]]
            scores = [float(x) for x in scores]
            rows.append(" ".join([str(max(range(len(scores)), key=lambda k: scores[k]))] + [f"{x:.6f}" for x in scores]))
            for m, metric in enumerate(metrics):
                sums[m] += s[metric]
            n += 1
    write(path, " ".join([str(n)] + [f"{x / n:.9f}" for x in sums]), rows)


def main(data):
    data = Path(data)
    torch.set_grad_enabled(False)
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        stories = scratch / "stories260K"
        shutil.copytree(data / "models/stories260K/hf", stories)
        for name in stories.iterdir():
            name.chmod(0o644)
        make_tokenizer_json.write(data / "models/stories260K/stories260K.gguf", stories)
        folder, tasks = task_files(data, scratch)
        manager = TaskManager(include_path=str(folder), include_defaults=False)
        for label, where in (("stories260K", stories), ("qeval-5m", HERE.parents[1] / "examples/models/qeval-5m")):
            model = HFLM(pretrained=str(where), dtype="float32", device="cpu", batch_size=8)
            out = HERE / "lm_eval"
            out.mkdir(exist_ok=True)
            for task in ("arc_easy", "arc_challenge", "hellaswag"):
                ranked(evaluate(model, manager, tasks[task], LIMIT), tasks[task], out / f"{label}_{task}.txt", ("acc", "acc_norm"))
            ranked(evaluate(model, manager, tasks["mmlu"], 6, 0), tasks["mmlu"], out / f"{label}_mmlu_0.txt", ("acc",))
            few = ["q_mmlu_professional_law", "q_mmlu_high_school_european_history", "q_mmlu_anatomy"]
            ranked(evaluate(model, manager, few, 40, 5), few, out / f"{label}_mmlu_5.txt", ("acc",))

            result = evaluate(model, manager, tasks["lambada_openai"], LIMIT)
            samples = sorted(result["samples"][tasks["lambada_openai"][0]], key=lambda s: s["doc_id"])
            values = result["results"][tasks["lambada_openai"][0]]
            write(out / f"{label}_lambada_openai.txt", f"{len(samples)} {values['acc,none']:.9f} {values['perplexity,none']:.6f}",
                  [f"{int(s['filtered_resps'][0][1])} {float(s['filtered_resps'][0][0]):.6f}" for s in samples])

            result = evaluate(model, manager, tasks["wikitext"], PAGES)
            samples = sorted(result["samples"][tasks["wikitext"][0]], key=lambda s: s["doc_id"])
            values = result["results"][tasks["wikitext"][0]]
            write(out / f"{label}_wikitext.txt", f"{len(samples)} " + " ".join(f"{values[m + ',none']:.9f}" for m in ("word_perplexity", "byte_perplexity", "bits_per_byte")),
                  [f"0 {float(s['filtered_resps'][0] if not isinstance(s['filtered_resps'][0], (list, tuple)) else s['filtered_resps'][0][0]):.6f}" for s in samples])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
