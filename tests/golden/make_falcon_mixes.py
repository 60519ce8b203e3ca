#!/usr/bin/env python3
"""Writes falcon_mixes_golden.inc: which type llama.cpp gives every matrix of a Falcon under each of its file types.

    pip install cyllama==0.2.18 gguf==0.19.0 numpy      (in an environment outside this repository)
    python tests/golden/make_falcon_mixes.py

A small model of generated weights is quantized, and the types are read from the file. The package takes no importance matrix; file
types that need one are left out. A line of the result is {file type, "role TYPE*layers TYPE*layers ...; role ..."}
"""
import itertools
import tempfile
from pathlib import Path

import gguf
import numpy as np
from cyllama.llama import llama_cpp

LAYERS, VOCABULARY, HEADS, HIDDEN, INNER = 16, 64, 8, 256, 512
ROLES = {"token_embd": (VOCABULARY, HIDDEN), "output": (VOCABULARY, HIDDEN), "attn_qkv": (HIDDEN + 2 * HIDDEN // HEADS, HIDDEN),
         "attn_output": (HIDDEN, HIDDEN), "ffn_up": (INNER, HIDDEN), "ffn_down": (HIDDEN, INNER)}  # one head of keys
FILE_TYPES = ("F16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ4_NL IQ4_XS IQ3_M IQ3_S TQ1_0 "
              "TQ2_0").split()


def names_of(role):
    if role in ("token_embd", "output"):
        return [f"{role}.weight"]
    return [f"blk.{i}.{role}.weight" for i in range(LAYERS)]


def write_model(path):
    w = gguf.GGUFWriter(path, "falcon")
    w.add_block_count(LAYERS)
    w.add_context_length(64)
    w.add_embedding_length(HIDDEN)
    w.add_feed_forward_length(INNER)
    w.add_head_count(HEADS)
    w.add_head_count_kv(1)
    w.add_layer_norm_eps(1e-5)
    w.add_vocab_size(VOCABULARY)
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    w.add_tokenizer_model("none")
    draws = np.random.default_rng(1)
    for role, shape in ROLES.items():
        for name in names_of(role):
            w.add_tensor(name, draws.standard_normal(shape).astype(np.float32))
    for name in ["output_norm"] + [f"blk.{i}.attn_norm" for i in range(LAYERS)]:
        for part in ("weight", "bias"):
            w.add_tensor(f"{name}.{part}", np.ones(HIDDEN, np.float32))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def main():
    how, out = llama_cpp.LlamaModelQuantizeParams(), [
        "// Written by make_falcon_mixes.py; do not edit. What llama.cpp gives each matrix of a Falcon under its file types.",
        f"// llama.cpp of cyllama 0.2.18, gguf 0.19.0; {LAYERS} layers; hidden {HIDDEN}, inner {INNER}, one key head of {HEADS}"]
    how.nthread = 1
    with tempfile.TemporaryDirectory() as folder:
        path, made = f"{folder}/falcon.gguf", f"{folder}/made.gguf"
        write_model(path)
        for file_type in FILE_TYPES:
            how.ftype = gguf.LlamaFileType["MOSTLY_" + file_type].value
            llama_cpp.model_quantize(path, made, how)
            types = {t.name: t.tensor_type.name for t in gguf.GGUFReader(made).tensors}
            parts = []
            for role in ROLES:
                runs = itertools.groupby(types[name] for name in names_of(role))
                parts.append(role + " " + " ".join(f"{kind}*{len(list(run))}" for kind, run in runs))
            out.append(f'{{"{file_type}", "{"; ".join(parts)}"}},')
    (Path(__file__).parent / "falcon_mixes_golden.inc").write_text("\n".join(out) + "\n")


main()
