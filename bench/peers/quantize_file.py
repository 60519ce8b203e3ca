#!/usr/bin/env python3
"""How long it takes to quantize a model of TinyLlama-1.1B's shape to a GGUF, by qeval and by llama.cpp, in interleaved pairs.

    python3 bench/peers/quantize_file.py --driver build/bin/qeval --llama-quantize llama.cpp/build/bin/llama-quantize
        [--type Q4_K_M] [--threads 2] [--pairs 5] [--folder SCRATCH]

Both read random weights in BF16: qeval a mapped checkpoint of Hugging Face's, llama.cpp the same weights in a GGUF that qeval has made
of it. Every run is a process of its own and writes its whole file; reading before the first pair puts both inputs into the page cache.
Printed are medians, the median of the ratios of the pairs with their range, qeval's largest anonymous memory (what is no page of a
file), and whether the two files have equal tensor bytes. SCRATCH takes 7 GB, all of which is removed. Python alone is needed.
"""
import argparse
import json
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HIDDEN, INNER, LAYERS, HEADS, KEY_HEADS, VOCABULARY = 2048, 5632, 22, 32, 4, 32000
CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": HIDDEN, "intermediate_size": INNER,
          "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KEY_HEADS, "head_dim": HIDDEN // HEADS,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "tie_word_embeddings": False,
          "vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"}


def shapes():
    yield "model.embed_tokens.weight", [VOCABULARY, HIDDEN]
    yield "lm_head.weight", [VOCABULARY, HIDDEN]
    yield "model.norm.weight", [HIDDEN]
    keys = HIDDEN // HEADS * KEY_HEADS
    for i in range(LAYERS):
        for name, shape in (("self_attn.q_proj", [HIDDEN, HIDDEN]), ("self_attn.k_proj", [keys, HIDDEN]), ("self_attn.v_proj", [keys, HIDDEN]),
                            ("self_attn.o_proj", [HIDDEN, HIDDEN]), ("mlp.gate_proj", [INNER, HIDDEN]), ("mlp.up_proj", [INNER, HIDDEN]),
                            ("mlp.down_proj", [HIDDEN, INNER]), ("input_layernorm", [HIDDEN]), ("post_attention_layernorm", [HIDDEN])):
            yield f"model.layers.{i}.{name}.weight", shape


def write_checkpoint(folder):
    """A prime number of Gaussian draws, over and over, so that no two rows are alike."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    source = random.Random(1)
    raw = struct.pack("<1048573f", *(source.gauss(0, 0.02) for _ in range(1048573)))
    block = b"".join(raw[i + 2:i + 4] for i in range(0, len(raw), 4))  # the upper half: bf16
    header, at = {}, 0
    for name, shape in shapes():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for begin in range(0, at, len(block)):
            out.write(block[:at - begin])


def run(command):
    """Seconds, processor seconds, and the largest anonymous memory in bytes."""
    began = time.monotonic()
    program = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, ended = [0], threading.Event()

    def watch():
        while not ended.wait(0.002):
            try:
                for line in Path(f"/proc/{program.pid}/status").read_text().splitlines():
                    if line.startswith("RssAnon:"):
                        peak[0] = max(peak[0], int(line.split()[1]) * 1024)
            except OSError:
                return
    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, used = os.wait4(program.pid, 0)
    code = program.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    ended.set()
    watcher.join()
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {code}")
    return seconds, used.ru_utime + used.ru_stime, peak[0]


def same_end(a, b):
    """Whether two files end alike, from the larger beginning on: tensors, behind metadata that name the tool."""
    sizes = a.stat().st_size, b.stat().st_size
    left = min(sizes) - (1 << 20)  # the metadata of a model without a tokenizer are far smaller
    with open(a, "rb") as x, open(b, "rb") as y:
        x.seek(sizes[0] - left)
        y.seek(sizes[1] - left)
        while left > 0:
            p, q = x.read(min(left, 1 << 24)), y.read(min(left, 1 << 24))
            if p != q:
                return False
            left -= len(p)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--llama-quantize", required=True)
    parser.add_argument("--type", default="Q4_K_M")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--folder", default=os.environ.get("TMPDIR", "/var/tmp"))
    asked = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(dir=asked.folder))
    try:
        model, gguf, ours, theirs = scratch / "model", scratch / "source.gguf", scratch / "ours.gguf", scratch / "theirs.gguf"
        write_checkpoint(model)
        run([asked.driver, "quantize", "-m", model, "-s", "source", "--output-format", "gguf", "-o", gguf, "-q"])
        for file in (model / "model.safetensors", gguf):
            with open(file, "rb") as source:
                while source.read(1 << 24):
                    pass
        by_us = [asked.driver, "quantize", "-m", model, "-s", asked.type.lower() + "~2026", "--output-format", "gguf", "-o", ours, "-q", "-t", asked.threads]
        by_them = [asked.llama_quantize, gguf, theirs, asked.type, asked.threads]
        pairs, peak = [], 0
        for i in range(asked.pairs):
            a, busy, memory = run(by_us)
            b, their_busy, _ = run(by_them)
            pairs.append((a, b))
            peak = max(peak, memory)
            print(f"pair {i + 1}: qeval {a:.2f} s, llama.cpp {b:.2f} s, ratio {b / a:.2f}; of processor time {busy:.2f} s, {their_busy:.2f} s, "
                  f"ratio {their_busy / busy:.2f}", flush=True)
        ratios = [b / a for a, b in pairs]
        print(f"{asked.type}, {asked.threads} threads: qeval {statistics.median(a for a, _ in pairs):.2f} s, "
              f"llama.cpp {statistics.median(b for _, b in pairs):.2f} s, ratio {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f}); qeval's memory beyond files {peak / 2**20:.0f} MiB; "
              f"equal tensor bytes: {'yes' if same_end(ours, theirs) else 'no'}")
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
