#!/usr/bin/env python3
"""Writes mixes_golden.inc: which type llama.cpp gives every matrix under each of its file types.

    pip install llama-cpp-python==0.3.36 gguf==0.19.0 numpy      (in an environment outside this repository)
    python tests/golden/make_mixes.py

Small models of generated weights go through llama_model_quantize with dry_run, with and without an importance matrix; the
types are read from what it logs. A line of the result is
    {shape, file type, with importance, "role TYPE*layers TYPE*layers ...; role ..."}
"""
import ctypes
import itertools
import os
import re
import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp as ll
import numpy as np

LAYERS, VOCABULARY, HEADS = 16, 64, 8
# name: hidden size, feed-forward size, key heads, tied head
SHAPES = {"alike": (256, 512, 8, False), "grouped": (256, 512, 2, False), "tied": (256, 512, 2, True), "odd": (288, 544, 2, False)}
FILE_TYPES = ("F16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q2_K_S Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ4_NL IQ4_XS IQ3_M IQ3_S "
              "IQ3_XS IQ3_XXS IQ2_M IQ2_S IQ2_XS IQ2_XXS IQ1_M IQ1_S TQ1_0 TQ2_0").split()
ROLES = ("token_embd", "output", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


def matrices(shape):
    hidden, inner, key_heads, tied = SHAPES[shape]
    keys = hidden // HEADS * key_heads
    yield "token_embd.weight", VOCABULARY, hidden
    if not tied:
        yield "output.weight", VOCABULARY, hidden
    for i in range(LAYERS):
        for role, rows, cols in (("attn_q", hidden, hidden), ("attn_k", keys, hidden), ("attn_v", keys, hidden), ("attn_output", hidden, hidden),
                                 ("ffn_gate", inner, hidden), ("ffn_up", inner, hidden), ("ffn_down", hidden, inner)):
            yield f"blk.{i}.{role}.weight", rows, cols


def write_model(path, shape):
    hidden, inner, key_heads, _ = SHAPES[shape]
    w = gguf.GGUFWriter(str(path), "llama")
    w.add_block_count(LAYERS)
    w.add_context_length(64)
    w.add_embedding_length(hidden)
    w.add_feed_forward_length(inner)
    w.add_head_count(HEADS)
    w.add_head_count_kv(key_heads)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(hidden // HEADS)
    w.add_vocab_size(VOCABULARY)
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    w.add_tokenizer_model("none")
    draws = np.random.default_rng(1)
    for name, rows, cols in matrices(shape):
        w.add_tensor(name, draws.standard_normal((rows, cols)).astype(np.float32))
    for name in ["output_norm"] + [f"blk.{i}.{n}_norm" for i in range(LAYERS) for n in ("attn", "ffn")]:
        w.add_tensor(name + ".weight", np.ones(hidden, np.float32))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


log = []


@ll.llama_log_callback
def collect(level, text, user):
    log.append(text.decode(errors="replace"))


def types(path, shape, file_type, weighed):
    """{matrix: type}, or None where llama.cpp refuses."""
    how = ll.llama_model_quantize_default_params()
    how.ftype = getattr(ll, "LLAMA_FTYPE_MOSTLY_" + file_type)
    how.dry_run = True
    how.nthread = 1
    keep = []
    if weighed:
        entries = [(name, cols) for name, _, cols in matrices(shape)]
        data = (ll.llama_model_imatrix_data * (len(entries) + 1))()
        for at, (name, cols) in enumerate(entries):
            values = np.ones(cols, np.float32)
            keep.append(values)
            data[at] = ll.llama_model_imatrix_data(name.encode(), values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), cols)
        how.imatrix = data
    log.clear()
    failed = ll.llama_model_quantize(str(path).encode(), os.devnull.encode(), how) != 0
    text = "".join(log)
    if failed or "will require an imatrix" in text:
        return None
    found = {}
    for name, stored, changed in re.findall(r"\] (\S+\.weight) .*?type = *(\w+), size = +[\d.]+ MiB(?: -> +[\d.]+ MiB \((\w+)\))?", text):
        found[name] = (changed or stored).upper()
    return found


def line(shape, found):
    parts = []
    for role in ROLES:
        names = [name for name, _, _ in matrices(shape) if name.split(".")[-2] == role]
        runs = [f"{kind}*{len(list(run))}" for kind, run in itertools.groupby(found[name] for name in names)]
        if runs:
            parts.append(role + " " + " ".join(runs))
    return "; ".join(parts)


def main():
    ll.llama_log_set(collect, None)
    out = ["// Written by make_mixes.py; do not edit. What llama.cpp gives each matrix under its file types.",
           "// {shape, file type, with importance, types by role, \"\" where it is refused}",
           f"// llama.cpp of llama-cpp-python 0.3.36, gguf 0.19.0; {LAYERS} layers; hidden, inner, key heads of {HEADS}, tied: "
           + ", ".join(f"{name} {s}" for name, s in SHAPES.items())]
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            path = Path(folder) / f"{shape}.gguf"
            write_model(path, shape)
            for file_type in FILE_TYPES:
                for weighed in (False, True):
                    found = types(path, shape, file_type, weighed)
                    if found is not None and len(found) < len(list(matrices(shape))):
                        sys.exit(f"{shape} {file_type}: {len(found)} tensors in the log")
                    out.append(f'{{"{shape}", "{file_type}", {str(weighed).lower()}, "{"" if found is None else line(shape, found)}"}},')
    (Path(__file__).parent / "mixes_golden.inc").write_text("\n".join(out) + "\n")


main()
