#!/usr/bin/env python3
"""Writes chat/prompts.json: what lm-eval asks a chat model, for tests/eval/task/prompt_style_test.cpp.

    pip install lm-eval==0.4.13 transformers==4.57.6 jinja2==3.1.6
    python tests/golden/make_chat_prompts.py        (outside this repository, behind make_chat.py)

The tasks are lm-eval's own, pointed at a few rows that stand here, and the model answers nothing: it only renders
conversations, with templates of chat/templates.json. Each request is a context with what is scored behind it, or a context
alone where the model writes.
"""
import json
import os
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
import jinja2
import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager
from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = Path(__file__).resolve().parent
TASKS = Path(lm_eval.__file__).parent / "tasks"
LETTERS = "ABCD"

ARC = [{"id": f"a{i}", "question": q, "choices": {"text": c, "label": list(LETTERS[:len(c)])}, "answerKey": "A"}
       for i, (q, c) in enumerate([("What is hot?", ["ice", "fire"]), ("  Which <|im_end|> flies? ", ["a bird", "the stone", "\u00e9"])])]
EXAM = {split: [{"question": q, "subject": "anatomy", "choices": c, "answer": a} for q, c, a in rows] for split, rows in {
    "dev": [("Q one?", ["a", "b", "c", "d"], 0), ("Q, two? ", ["e", "f", "g", "h"], 1), ("Q three?", ["i", "j", "k", "l"], 3)],
    "test": [(" What?", ["1", "None", "3", "4"], 2), ("Which?", ["5", "6", "7", "8"], 3)]}.items()}
SUMS = {"train": [{"question": f"T{i}?", "answer": f"so\n#### {i}"} for i in range(9)],
        "test": [{"question": "Q0?", "answer": "x #### 1"}, {"question": "Q1?\n", "answer": "y\n#### 7"}]}
GAPS = [{"sentence": "Ann told Bea that _ was right.", "option1": "Ann", "option2": "Bea", "answer": "2"}]
WORDS = [{"text": "He opened the door"}, {"text": "A b c."}]
SWAG = [{"ind": 0, "activity_label": "Baking", "ctx_a": "A man bakes.", "ctx_b": "he", "ctx": "A man bakes. he", "endings": ["eats [x] it.", "runs.", "flies.", "sings."],
         "label": "0", "source_id": "a", "split": "val", "split_type": "x"}]
# name of a template in templates.json ("": none), system instruction, worked examples as turns
STYLES = [("teknium/OpenHermes-2.5-Mistral-7B", None, True), ("Qwen/Qwen2-7B-Instruct", None, False), ("Llama-3", "Be brief.", True),
          ("meta-llama/Llama-2-7b-chat-hf", "Be brief.", False), ("google-gemma-2-2b-it", None, True), ("", "Be brief.", False)]


class reader(LM):
    def __init__(self, row):
        super().__init__()
        self.row = row
        self.template = _compile_jinja_template(row["source"]) if row else None

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        def render(messages):
            return self.template.render(messages=messages, tools=None, documents=None, add_generation_prompt=add_generation_prompt,
                                        bos_token=self.row["bos"], eos_token=self.row["eos"])
        try:  # as lm_eval.models.huggingface does
            return render(chat_history)
        except jinja2.exceptions.TemplateError:
            return render([m for m in chat_history if m["role"] != "system"])

    tokenizer_name = "none"

    def chat_template(self, chat_template=False):
        return self.row["source"]

    def loglikelihood(self, requests, disable_tqdm=False):
        return [(0.0, False) for _ in requests]

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        return [0.0 for _ in requests]

    def generate_until(self, requests, disable_tqdm=False):
        return ["" for _ in requests]


def lines(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return str(path)


def declare(folder, name, original, splits):
    """A copy of lm-eval's task whose data is local."""
    text = f"include: {TASKS / original}\ntask: q_{name}\ndataset_path: json\ndataset_name: null\ndataset_kwargs:\n  data_files:\n"
    text += "".join(f"    {split}: {lines(folder / f'{name}_{split}.jsonl', rows)}\n" for split, rows in splits.items())
    for key in ("training_split", "validation_split", "test_split", "fewshot_split"):
        split = {"training_split": "train", "validation_split": "validation", "test_split": "test", "fewshot_split": "dev"}[key]
        if split in splits:
            text += f"{key}: {split}\n"
        elif key != "fewshot_split":
            text += f"{key}: null\n"
    (folder / f"q_{name}.yaml").write_text(text, encoding="utf-8")


def main():
    sources = {r["of"]: r for r in json.loads((HERE / "chat/templates.json").read_text(encoding="utf-8"))["sources"]}
    runs = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        declare(folder, "arc_easy", "arc/arc_easy.yaml", {"test": ARC})
        declare(folder, "mmlu", "mmlu/default/mmlu_anatomy.yaml", EXAM)
        declare(folder, "gsm8k", "gsm8k/gsm8k.yaml", SUMS)
        declare(folder, "winogrande", "winogrande/default.yaml", {"validation": GAPS})
        declare(folder, "lambada_openai", "lambada/lambada_openai.yaml", {"test": WORDS})
        declare(folder, "hellaswag", "hellaswag/hellaswag.yaml", {"validation": SWAG})
        manager = TaskManager(include_path=str(folder), include_defaults=False)
        shots = {"arc_easy": 0, "mmlu": 2, "gsm8k": 2, "winogrande": 0, "lambada_openai": 0, "hellaswag": 0}
        for of, system, turns in STYLES:
            asked = {}
            for name, count in shots.items():
                result = lm_eval.simple_evaluate(model=reader(sources.get(of)), tasks=["q_" + name], num_fewshot=count, task_manager=manager,
                                                 log_samples=True, bootstrap_iters=0, apply_chat_template=bool(of), fewshot_as_multiturn=turns,
                                                 system_instruction=system)
                samples = sorted(result["samples"]["q_" + name], key=lambda s: (s["filter"], s["doc_id"]))
                first = [s for s in samples if s["filter"] == samples[0]["filter"]]
                asked[name] = [[[a if isinstance(a, str) else "" for a in arguments] for arguments in s["arguments"]] for s in first]
            runs.append({"template": of, "system": system or "", "turns": turns, "asked": asked})
    def csv(rows):
        return "".join(",".join(f'"{c}"' for c in [r["question"], *r["choices"], LETTERS[r["answer"]]]) + "\n" for r in rows)
    files = {"mmlu/dev/anatomy_dev.csv": csv(EXAM["dev"]), "mmlu/test/anatomy_test.csv": csv(EXAM["test"])}  # as qeval reads them
    for name, rows in {"arc/ARC-Easy-test": ARC, "gsm8k/train": SUMS["train"], "gsm8k/test": SUMS["test"], "winogrande/dev": GAPS,
                       "lambada/lambada_test": WORDS, "hellaswag/hellaswag_val": SWAG}.items():
        files[name + ".jsonl"] = "".join(json.dumps(r) + "\n" for r in rows)
    (HERE / "chat/prompts.json").write_text(json.dumps({"shots": shots, "files": files, "runs": runs}, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
