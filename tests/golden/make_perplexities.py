#!/usr/bin/env python3
"""Writes perplexity_golden.inc: every perplexity protocol, computed by transformers in float32 from the rules of its origin.

    pip install torch==2.8.0 transformers==4.56.2 gguf==0.19.0
    python tests/golden/make_perplexities.py QEVAL_TEST_DATA      (in an environment outside this repository)

Origins: llama.cpp tools/perplexity (perplexity, perplexity_v2), the page "Perplexity of fixed-length models" of transformers,
datautils.py and opt_eval of GPTQ, llmc's eval_ppl.py and base_dataset.py, exllamav3's eval/ppl.py.
"""
import math
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import make_tokenizer_json

HERE = Path(__file__).resolve().parent
BYTES = 24000


class Scorer:
    def __init__(self, folder):
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        ids = self.tokenizer("a").input_ids
        self.bos = ids[0] if ids[0] == self.tokenizer.bos_token_id else None

    def encode(self, text, specials=True):
        self.tokenizer.backend_tokenizer.encode_special_tokens = not specials
        return self.tokenizer(text, verbose=False).input_ids

    @torch.no_grad()
    def losses(self, ids):
        """-log p(ids[i + 1] | ids[:i + 1]) for every i, in double from float32 logits"""
        logits = self.model(torch.tensor([ids])).logits[0, :-1].double()
        return -logits.log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]


def llamacpp(s, text, n):
    ids, total, count = s.encode(text, specials=False), 0.0, 0
    for start in range(0, len(ids) - n + 1, n):
        chunk = list(ids[start:start + n])
        if s.bos is not None:
            chunk[0] = s.bos
        part = s.losses(chunk)[n // 2:]
        total, count = total + part.sum().item(), count + len(part)
    return math.exp(total / count)


def llamacpp_stride(s, text, n):
    ids, stride = s.encode(text, specials=False), n // 2
    size, total, count = n + stride // 2, 0.0, 0
    for i in range((len(ids) - size + stride - 1) // stride):
        part = s.losses(ids[i * stride:i * stride + size])[size - stride - 1:]
        total, count = total + part.sum().item(), count + len(part)
    return math.exp(total / count)


def rows_of(text):
    """The rows of the wikitext data set: lines with their ends, blank ones empty."""
    return [line if line.strip() else "" for line in text.splitlines(keepends=True)]


def hf_strided(s, text, n):
    ids = s.encode("\n\n".join(rows_of(text)))
    nll, tokens, previous = 0.0, 0, 0
    for begin in range(0, len(ids), n // 2):
        end = min(begin + n, len(ids))
        target = end - previous
        # labels of the others are -100; the model's loss is the mean over labels behind the shift
        losses = s.losses(ids[begin:end])[-min(target, end - begin - 1):]
        valid = target - 1  # num_valid_tokens - batch_size
        nll, tokens, previous = nll + losses.mean().item() * valid, tokens + valid, end
        if end == len(ids):
            break
    return math.exp(nll / tokens)


def whole(s, ids, n, limit=None):
    means = [s.losses(ids[i * n:(i + 1) * n]).mean().item() for i in range(len(ids) // n)][:limit]
    return math.exp(sum(means) / len(means))


def gptq(s, text, n):
    return whole(s, s.encode("\n\n".join(rows_of(text))), n)


def exllamav3(s, text, n):
    ids = s.encode("\n\n".join(rows_of(text)))
    rows = [ids[a:a + n] for a in range(0, len(ids) - n, n)][:100]
    total = sum(s.losses(r).sum().item() for r in rows)
    return math.exp(total / (len(rows) * (n - 1)))


def lines_of(text):
    return text.split("\n")[:-1]


def llmc_c4(s, text, n):
    return whole(s, s.encode(" ".join(lines_of(text)[:1100]))[:256 * n], n)


def llmc_ptb(s, text, n):
    return whole(s, s.encode(" ".join(lines_of(text))), n)


def llmc_pile(s, text, n):
    return whole(s, s.encode("\n\n".join(lines_of(text)[:1000])), n)


PROTOCOLS = (llamacpp, llamacpp_stride, hf_strided, gptq, exllamav3, llmc_c4, llmc_ptb, llmc_pile)


def main(data):
    data = Path(data)
    torch.set_num_threads(1)
    raw = (data / "datasets/wikitext-2-raw/wiki.test.raw").read_bytes()[:BYTES]
    text = raw[:raw.rindex(b"\n") + 1].decode()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        stories = Path(scratch) / "stories260K"
        shutil.copytree(data / "models/stories260K/hf", stories)
        for name in stories.iterdir():
            name.chmod(0o644)
        make_tokenizer_json.write(data / "models/stories260K/stories260K.gguf", stories)
        for label, folder, sizes in (("stories260K", stories, (256,)), ("qeval-5m", HERE.parents[1] / "examples/models/qeval-5m", (512,))):
            scorer = Scorer(str(folder))
            for n in sizes:
                for protocol in PROTOCOLS:
                    rows.append(f'{{"{label}", "{protocol.__name__}", {n}, {protocol(scorer, text, n)!r}}},')
                    print(rows[-1], flush=True)
    (HERE / "perplexity_golden.inc").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
