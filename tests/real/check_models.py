"""Real models under qeval and llama.cpp: token ids, perplexity, greedy texts, where a chat model's answer ends; and tasks run.

usage: check_models.py DRIVER       needs the packages of models.txt; for all but the greedy texts also QEVAL_TEST_DATA

llama.cpp's values are stored (tests/golden/make_real_models.py). It rounds activations to 8 bits in blocks, so ours are of the scheme
source+a=int8:32. For each model
- the ids of WikiText-2's test text are llama.cpp's: their number and their SHA-256;
- the perplexity of its first 40 chunks is within 0.5 % of llama.cpp's;
- greedy texts are llama.cpp's, and end where its end, up to a first difference where its two best logits are as good as equal: by less
  than 0.1, or than twice the largest lead over which llama.cpp parts from itself when a norm's last bits change (see the golden);
- no text holds an id that ends texts, such as that of the end of a turn;
- a question put by --apply-chat-template has the answer of the conversation that llama.cpp was given, and stops where that does;
- a hundred items of tasks are answered, none of them failed.
"""
import array
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from check_tokenizers import PROGRAM
from real_models import MODELS, TEXT, first_difference

ROOT = Path(__file__).resolve().parents[2]
SCHEME, NEAR, CLOSE = "source+a=int8:32", 0.005, 0.1
# Tasks with a limit, and the items that it leaves. MMLU's limit is for each of its 57 subjects; no examples, which would take minutes.
TASKS = [("arc_easy,arc_challenge,lambada_openai", ("--limit", 100), {"arc_easy": 100, "arc_challenge": 100, "lambada_openai": 100}),
         ("mmlu", ("--limit", 2, "--num-fewshot", 0), {"mmlu": 114})]


class Driver:
    def __init__(self, program, scratch):
        self.program, self.scratch = Path(program).resolve(), scratch

    def __call__(self, *arguments):
        """What a command prints as JSON, line by line."""
        done = subprocess.run([self.program, *map(str, arguments), "--json", "--quiet"], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: exit code {done.returncode}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def texts(self, model, prompts, most, *more):
        file = self.scratch / "prompts.jsonl"
        file.write_text("".join(json.dumps({"prompt": p}) + "\n" for p in prompts))
        return [json.loads(line) for line in self("generate", "--model", model, "--prompts", file, "--max-tokens", most, *more).splitlines()]

    def scores(self, model, data, tasks, *more):
        said = self("eval", "--model", model, "--data", data, "--tasks", tasks, "--schemes", SCHEME, "--reference", SCHEME, *more)
        return json.loads(said)["scores"]["schemes"][0]


def ids_sha256(program, model, text):
    done = subprocess.run([program, model], input=json.dumps(text) + "\n", capture_output=True, text=True, check=True)
    ids = array.array("i", map(int, done.stdout.split("\n")[0].split()[1:]))  # behind a digest of what they decode to
    return hashlib.sha256(ids.tobytes()).hexdigest()


def text_problems(driver, model, golden, ends):
    """A line for each text that is not llama.cpp's, what is said of the others, and those of conversations."""
    own = max((g["leads"][g["parts"]] for g in golden if g["parts"] is not None), default=0)
    problems, leads, near = [], [], max(CLOSE, 2 * own)
    for parse in (False, True):
        wanted = [g for g in golden if g["parse_special"] == parse]
        most = max(len(g["leads"]) for g in wanted)
        found = driver.texts(model, [g["prompt"] for g in wanted], most, "--scheme", SCHEME, *(["--parse-special"] if parse else []))
        if any(g["finish"] == "eos" for g in wanted) and not any(t["finish"] == "eos" for t in found):
            problems.append("no text ends by itself")
        for want, ours in zip(wanted, found, strict=True):
            ids = ours["tokens"][:len(want["ids"]) if want["finish"] == "length" else most]
            if ends & set(ours["tokens"]):
                problems.append(f"{want['prompt'][:60]!r}: goes on behind an end of the text: {ours['tokens']}")
            parts = first_difference(ids, want["ids"])
            if parts is None and want["finish"] == "eos" != ours["finish"]:
                parts = len(ids)
            if parts is not None:
                leads.append(want["leads"][parts])
                if leads[-1] >= near:
                    problems.append(f"{want['prompt'][:60]!r}: parts at token {parts}, where llama.cpp's best leads by {leads[-1]}: "
                                    f"{ours['text'][:100]!r}")
    said = (f"{len(golden) - len(leads)} of {len(golden)} texts as llama.cpp's, the others part where its best logit leads by at most "
            f"{max(leads, default=0)}; from itself it parts in {sum(g['parts'] is not None for g in golden)}, by at most {own}")
    return problems, said, found


def chat_problems(driver, model, package, golden, answers):
    """A line for each question that has another answer than its conversation, `answers`, or goes on behind it."""
    wanted = [g for g in golden if g["parse_special"]]
    found = driver.texts(model, package.questions, max(len(g["leads"]) for g in wanted), "--scheme", SCHEME, "--parse-special",
                         "--apply-chat-template", package.template)
    problems = []
    for question, whole, ours in zip(package.questions, answers, found, strict=True):
        if any(whole[k] != ours[k] for k in ("tokens", "text", "finish")):
            problems.append(f"{question!r} by the template {package.template}: {ours}, as a conversation {whole}")
    if any(g["finish"] == "eos" for g in wanted) and not any(t["finish"] == "eos" for t in found):
        problems.append("no answer stops at the end of its turn")
    print(f"  {len(found)} questions by the template {package.template}, of which {sum(t['finish'] == 'eos' for t in found)} are answered to an end")
    return problems


def data_problems(driver, model, golden, data, program):
    problems = []
    if ids_sha256(program, model, (data / TEXT).read_bytes().decode()) != golden["ids_sha256"]:
        problems.append("WikiText-2 has other token ids")
    want = golden["perplexity"]
    found = driver.scores(model, data / TEXT, "perplexity:llamacpp", "--chunks", want["chunks"], "--ctx", want["context"])["texts"][0]["perplexity"]
    away = found["value"] / want["value"] - 1
    print(f"  perplexity {found['value']:.4f}, llama.cpp {want['value']:.4f}: {100 * away:+.2f} %; {found['text_tokens']} tokens, {golden['tokens']}")
    if not abs(away) <= NEAR or found["text_tokens"] != golden["tokens"]:
        problems.append("another perplexity")
    for tasks, how, items in TASKS:
        scores = driver.scores(model, data / "datasets", tasks, *how)["tasks"]
        print("  " + ", ".join(f"{t['task']} {next(iter(t['metrics'].values()))['value']:.3f} of {t['items']}" for t in scores))
        if {t["task"]: (t["items"], t["errors"]) for t in scores} != {name: (n, 0) for name, n in items.items()}:
            problems.append(f"{tasks}: other items than {items}, or failed ones")
    return problems


def main(driver):
    data, wrong = os.environ.get("QEVAL_TEST_DATA"), 0
    golden = json.loads((ROOT / "tests/golden/real_models.json").read_text())
    if not data:
        print("SKIPPED: token ids, perplexities and tasks of real models: QEVAL_TEST_DATA is not set")
    with tempfile.TemporaryDirectory() as scratch:
        driver, program = Driver(driver, Path(scratch)), Path(scratch) / "ids"
        if data:
            libraries = ["-lcrypto", "-lpcre2-8", "-lutf8proc"]
            subprocess.run(["g++", "-std=c++20", "-O2", "-I", ROOT / "include", "-x", "c++", "-", "-o", program, *libraries], input=PROGRAM,
                           text=True, check=True)
        for name, package in MODELS.items():
            begin, want = time.monotonic(), golden[name]
            if missing := package.missing():
                print(f"SKIPPED: {name}: no package {missing}")
                continue
            with package.file() as model:
                if hashlib.sha256(model.read_bytes()).hexdigest() != want["file_sha256"]:
                    raise RuntimeError(f"{name}: the package has another file than llama.cpp was given")
                print(f"{name}:")
                problems, said, answers = text_problems(driver, model, want["generations"], set(want["ends"]))
                print(f"  {said}")
                problems += chat_problems(driver, model, package, want["generations"], answers)
                problems += data_problems(driver, model, want, Path(data), program) if data else []
            print(*(f"  WRONG {p}" for p in problems), f"  {len(problems)} problem(s), {time.monotonic() - begin:.0f} s", sep="\n")
            wrong += len(problems)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
