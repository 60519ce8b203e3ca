"""What llama.cpp makes of texts under every pre-tokenizer that it knows, for tests/io/tokenizer/rule/bpe_patterns_test.cpp.

usage: make_gguf_pretokenizers.py DATA [OUT]      needs xllamacpp==2026.10.11549, gguf==0.19.0

DATA is the folder that QEVAL_TEST_DATA names. The vocabulary is that of DATA/tokenizers/ggml-vocab/ggml-vocab-gpt-2.gguf:
which words a pre-tokenizer makes can be seen by any vocabulary that joins letters. The file is written once for each name
of include/qeval/io/tokenizer/rule/bpe_patterns.hpp, around a tiny random model, and llama.cpp's server tokenizes all texts. Written to OUT
(default: tokenizer/gguf_pretokenizers.json, beside this script): the texts; for each group of names that agree, the first 8
hexadecimal digits of the SHA-256 of the ids of each text ("1 22 333"); names that add BOS.
"""
import hashlib
import json
import os
import random
import re
import sys
import tempfile
import urllib.request

import gguf
import numpy as np
import xllamacpp

from tokenizer_texts import TEXTS

HERE = os.path.dirname(os.path.abspath(__file__))
RAW = {"gemma4", "granite-embed-multi-311m", "sarvam-moe", "whitespace"}  # their pieces are no bytes
WORDS = ["don't", "I'LL", "we've", "IT'S", "CamelCase", "camelCASE", "1234567", "12", "12345", "  ", "   ", "\n", "\n\n", "\r\n", " \n ",
         "hello", "World", "\u00fcber", "\u00c9COLE", "na\u00efve", "\u4e2d\u6587", "\ud55c\uad6d", "\u3072\u3089\u304c\u306a", "...", "!!", "~~", "=>",
         "--", "/", "//", "\t", "'s", "'S", "_x", "x_", "#tag", " the", " 123", "\u00bd", "\u0663\u0664\u0665", "\u0e01\u0e47", "IMGIMGABZ", "<sentinel:12>", "a b",
         "e\u0301x", "(x)", "ab\u0301\u0302 c", "ABC\u0301d"]
CHARACTERS = [chr(c) for c in [*range(32, 127), 9, 10, 13, 11, 12, 0xa0, 0xe9, 0xc9, 0x301, 0x302, 0x2028, 0x3000, 0x4e2d, 0x6587, 0x3042, 0x30a2,
              0xac00, 0x3131, 0xe01, 0xe31, 0xe49, 0x1780, 0x17b6, 0x1000, 0x102d, 0x660, 0x966, 0xff11, 0xbd, 0xb2, 0x2167, 0x1f600, 0x200d,
              0x20ac, 0xd7, 0x2260, 0x2014, 0x201c, 0x2026, 0x3001, 0x3002, 0xff0c, 0xff01, 0x964, 0x6d4, 0x60c, 0x41f, 0x43f, 0x391, 0x3b1,
              0x5d0, 0x623, 0x1c5, 0x2b0, 0x1d43, 0x20000, 0x2a700, 0x2f800, 0xf900, 0xaa60, 0xa9e0, 0x1100, 0x2f00, 0x17f, 0x212a, 0x130,
              0xfe30, 0x3105, 0x3007, 0x85, 0xad, 0x200b, 0xfeff, 0x1d7d8, 0x10400, 0x1680, 0x2003]]


def texts():
    draws = random.Random(7)
    made = ["".join(draws.choice(WORDS) if draws.random() < 0.6 else draws.choice(CHARACTERS) for _ in range(draws.randint(2, 14)))
            for _ in range(120)]
    return [t for t in TEXTS if t] + made


def vocabulary(path):
    fields = gguf.GGUFReader(path).fields
    def strings(key):
        return [bytes(fields[key].parts[i]) for i in fields[key].data]
    return strings("tokenizer.ggml.tokens"), [m.decode() for m in strings("tokenizer.ggml.merges")], [
        fields["tokenizer.ggml.token_type"].parts[i][0].item() for i in fields["tokenizer.ggml.token_type"].data]


def write_model(path, tokens, merges, types, pre):
    w = gguf.GGUFWriter(path, "llama")
    for key, value in {"context_length": 512, "embedding_length": 32, "block_count": 1, "feed_forward_length": 32,
                       "attention.head_count": 1, "rope.dimension_count": 32, "vocab_size": len(tokens)}.items():
        w.add_uint32("llama." + key, value)
    w.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pre)
    w.add_token_list(tokens)
    w.add_token_types(types)
    w.add_token_merges(merges)
    w.add_bos_token_id(50256)
    shapes = {"token_embd": (len(tokens), 32), "output_norm": (32,), "blk.0.attn_norm": (32,), "blk.0.ffn_norm": (32,)}
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        shapes["blk.0." + name] = (32, 32)
    for name, shape in shapes.items():
        w.add_tensor(name + ".weight", np.zeros(shape, np.float32 if len(shape) == 1 else np.float16))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def tokenized(server, content, add_special):
    body = json.dumps({"content": content, "add_special": add_special, "parse_special": False}).encode()
    request = urllib.request.Request(server.listening_address + "/tokenize", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["tokens"]


def main():
    with open(os.path.join(HERE, "../../include/qeval/io/tokenizer/rule/bpe_patterns.hpp"), encoding="utf-8") as f:
        table = f.read()
    names = " ".join("".join(re.findall(r'"([^"]*)"', m)) for m in re.findall(r'\.names\s*=\s*((?:"[^"]*"\s*)+)', table)).split()
    all_texts, mark = texts(), 123456789  # a number in the list is passed through
    content = [part for t in all_texts for part in (t, mark)]
    made = vocabulary(os.path.join(sys.argv[1], "tokenizers/ggml-vocab/ggml-vocab-gpt-2.gguf"))
    groups, bos = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name in RAW:
                continue
            path = os.path.join(folder, "m.gguf")
            write_model(path, *made, name)
            params = xllamacpp.CommonParams()
            params.model.path, params.n_ctx, params.warmup, params.n_parallel, params.port = path, 256, False, 1, 0
            server = xllamacpp.Server(params)
            ids, digests = [], []
            for i in tokenized(server, content, False):
                if i == mark:
                    digests.append(hashlib.sha256(" ".join(ids).encode()).hexdigest()[:8])
                    ids = []
                else:
                    ids.append(str(i))
            if tokenized(server, "a", True)[0] == 50256:
                bos.append(name)
            groups.setdefault(" ".join(digests), []).append(name)
            del server
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "tokenizer/gguf_pretokenizers.json")
    with open(out, "w", encoding="ascii") as f:
        json.dump({"llama.cpp": "xllamacpp 2026.10.11549", "texts": all_texts, "adds_bos": bos,
                   "groups": [{"names": n, "digests": d} for d, n in groups.items()]}, f, separators=(",", ":"))
        f.write("\n")
    os._exit(0)  # the servers' threads are not joined


if __name__ == "__main__":
    main()
