"""Token ids by Hugging Face's tokenizers library, for tests/io/tokenizer/reader/tokenizer_json_test.cpp.

usage: make_tokenizer_golden.py DATA [OUT]      needs tokenizers==0.21.4

DATA is the folder that QEVAL_TEST_DATA names. Two files are written to OUT (default: tokenizer/, beside this script):
  models.json      ids of real tokenizers for the 46 texts of DATA/tokenizers/ggml-vocab/ggml-vocab.inp and for TEXTS
  components.json  small tokenizers trained here, combined with every component, and their ids for TEXTS
"""
import hashlib
import json
import os
import sys

from tokenizers import Tokenizer, models, pre_tokenizers, trainers, __version__

from tokenizer_texts import TEXTS

assert __version__ == "0.21.4", __version__
HERE = os.path.dirname(os.path.abspath(__file__))

CORPUS = [
    "the cat sat on the mat and the other cat sat on the hat", "a word and another word, and words of words",
    "def f(x):\n    return x + 1\n\ndef g(y):\n    return f(y) * 2\n", "caf\u00e9 na\u00efve \u00fcber stra\u00dfe d\u00e9j\u00e0 vu caf\u00e9",
    "1 12 123 1234 10 100 1000 2000 3.14", "\u4f60\u597d \u4e16\u754c \u4f60\u597d", "don't can't I'll we've it's they're",
    "    four        eight    four", "hello world hello there general world", "abababab abab aaaa aaaaaaaa",
]


def encoded(t, texts):
    def ids(text, specials):
        t.encode_special_tokens = not specials
        return t.encode(text, add_special_tokens=False).ids
    plain = [ids(x, False) for x in texts]
    special = [ids(x, True) for x in texts]
    return {"plain": plain, "specials": [s if s != p else None for s, p in zip(special, plain)]}


def decoded(t, ids):
    """None where the library writes U+FFFD for bytes that are no UTF-8; qeval keeps the bytes."""
    texts = [t.decode(i, skip_special_tokens=True) for i in ids]
    return [None if "\ufffd" in x and "\ufffd" not in y else x for x, y in zip(texts, TEXTS)]


def real(data):
    with open(os.path.join(data, "tokenizers/ggml-vocab/ggml-vocab.inp"), encoding="utf-8", newline="") as f:
        shared = f.read().split("\n__ggml_vocab_test__\n")
    out = {}
    for name, path in [("starcoder1-granite", os.path.join(data, "tokenizers/starcoder1-granite/tokenizer.json")),
                       ("phi-3-mini", os.path.join(data, "tokenizers/phi-3-mini/tokenizer.json")),
                       ("qeval-5m", os.path.join(HERE, "../../examples/models/qeval-5m/tokenizer.json"))]:
        with open(path, "rb") as f:
            content = f.read()
        t = Tokenizer.from_str(content.decode())
        result = {"sha256": hashlib.sha256(content).hexdigest(), "shared": encoded(t, shared), "texts": encoded(t, TEXTS)}
        result["decoded"] = decoded(t, result["texts"]["plain"])
        out[name] = result
    return {"tokenizers": __version__, "texts": TEXTS, "models": out}


def trained(model, pre, trainer):
    t = Tokenizer(model)
    t.pre_tokenizer = pre
    t.train_from_iterator(CORPUS, trainer)
    return json.loads(t.to_str())["model"]


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(space=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": True, "use_regex": regex}


def pre(*parts):
    return {"pre_tokenizer": {"type": "Sequence", "pretokenizers": list(parts)}}


def norm(*parts):
    return {"normalizer": {"type": "Sequence", "normalizers": list(parts)}}


def added(i, content, special=True, normalized=False, single=False, l=False, r=False):
    return {"id": i, "content": content, "single_word": single, "lstrip": l, "rstrip": r, "normalized": normalized,
            "special": special}


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def components():
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    space = "\u2581"
    bases = {
        "bytes": trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False),
                         trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)),
        "spaces": trained(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True),
                          pre_tokenizers.Metaspace(),
                          trainers.BpeTrainer(vocab_size=420, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"] + [
                              "<0x%02X>" % b for b in range(256)])),
        "characters": trained(models.BPE(unk_token="<unk>"), pre_tokenizers.Whitespace(),
                              trainers.BpeTrainer(vocab_size=150, show_progress=False, special_tokens=["<unk>"])),
    }
    n = {name: len(m["vocab"]) for name, m in bases.items()}
    bytes_decoder = {"decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}}
    llama_decoder = {"decoder": {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": space}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
    prepend = {"type": "Prepend", "prepend": space}
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": space}

    def meta(kind, scheme, do_split=True):
        part = {"type": "Metaspace", "replacement": space, "prepend_scheme": scheme, "split": do_split}
        return {"pre_tokenizer": part, "decoder": part} if kind == "both" else part

    variants = {}
    b = variants["bytes"] = {
        "gpt-2": {"pre_tokenizer": byte_level(), **bytes_decoder},
        "prefix space": {"pre_tokenizer": byte_level(space=True)},
        "one piece": {"pre_tokenizer": byte_level(regex=False)},
        "single digits": pre({"type": "Digits", "individual_digits": True}, byte_level()),
        "digit runs": pre({"type": "Digits", "individual_digits": False}, byte_level(space=True)),
        "punctuation": pre({"type": "Punctuation", "behavior": "Isolated"}, byte_level(regex=False)),
        "punctuation with next": pre({"type": "Punctuation", "behavior": "MergedWithNext"}, byte_level(regex=False)),
        "llama-3": pre(split(LLAMA3), byte_level(regex=False)),
        "llama-3 whole words": {**pre(split(LLAMA3), byte_level(regex=False)), "ignore_merges": True},
        "gpt-4o": pre(split(GPT4O), byte_level(regex=False)),
        "line ends": pre(split(r"\s+$"), split(r"^a"), byte_level(regex=False)),
        "classes": pre(split(r"\w+"), split(r"[\s\d]+"), split(r"\W"), byte_level(regex=False)),
        "hexadecimal": pre(split(r"\h+"), split(r"[\h\u4e16]{,3}x"), byte_level(regex=False)),
        "not space": pre(split(r"\S+", "Removed", True), byte_level(regex=False)),
        "text pattern": pre(split("at", "Isolated", False, "String"), split(".", "Removed", False, "String"), byte_level(regex=False)),
        "NFC": {**norm({"type": "NFC"}), "pre_tokenizer": byte_level()},
        "NFD": {**norm({"type": "NFD"}), "pre_tokenizer": byte_level()},
        "NFKC": {**norm({"type": "NFKC"}), "pre_tokenizer": byte_level()},
        "NFKD": {**norm({"type": "NFKD"}), "pre_tokenizer": byte_level()},
        "lower case": {**norm({"type": "Lowercase"}), "pre_tokenizer": byte_level()},
        "strip": {**norm({"type": "Strip", "strip_left": True, "strip_right": True}), "pre_tokenizer": byte_level()},
        "strip right": {**norm({"type": "Strip", "strip_left": False, "strip_right": True}), "pre_tokenizer": byte_level()},
        "replace": {**norm({"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}), "pre_tokenizer": byte_level()},
        "added": {"pre_tokenizer": byte_level(), **bytes_decoder, "added_tokens": [
            added(n["bytes"], "<s>"), added(n["bytes"] + 1, "</s>", l=True, r=True), added(n["bytes"] + 2, "<|endoftext|>", r=True),
            added(n["bytes"] + 3, "word", special=False, single=True), added(n["bytes"] + 4, "the cat", special=False, normalized=True),
            added(n["bytes"] + 5, "hello w", special=False, l=True), added(n["bytes"] + 6, "<|end", special=False)]},
        "added and lower case": {**norm({"type": "Lowercase"}), "pre_tokenizer": byte_level(), "added_tokens": [
            added(n["bytes"], "HELLO", special=False, normalized=True), added(n["bytes"] + 1, "camelcase", special=False, normalized=True),
            added(n["bytes"] + 2, "SHOUTING", special=False)]},
    }
    for behavior in ("Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        for invert in (False, True):
            b[f"{behavior} {invert}"] = pre(split(r"\s", behavior, invert), byte_level(regex=False))
    special = [added(1, "<s>"), added(2, "</s>", r=True)]
    variants["spaces"] = {
        "llama": {**norm(prepend, replace), **llama_decoder, "added_tokens": special},
        "metaspace always": {**meta("both", "always"), "added_tokens": special},
        "metaspace first": {**meta("both", "first"), "added_tokens": special},
        "metaspace never": {**meta("both", "never"), "added_tokens": special},
        "metaspace unsplit": {**meta("both", "always", False), "added_tokens": special},
        "metaspace first unsplit": {**meta("both", "first", False), "added_tokens": special},
        "metaspace after words": pre({"type": "WhitespaceSplit"}, meta("one", "always")),
        "normalized added": {**norm(prepend, replace), **llama_decoder, "added_tokens": [
            added(1, "<s>", normalized=True), added(n["spaces"], "the cat", special=False, normalized=True)]},
    }
    variants["characters"] = {
        "words": {"pre_tokenizer": {"type": "Whitespace"}},
        "split": {"pre_tokenizer": {"type": "WhitespaceSplit"}},
        "fused unknown": {"pre_tokenizer": {"type": "WhitespaceSplit"}, "fuse_unk": True},
        "no unknown": {"pre_tokenizer": {"type": "Whitespace"}, "unk_token": None},
        "whole": {"decoder": {"type": "Fuse"}},
    }
    out = {"tokenizers": __version__, "texts": TEXTS, "bases": bases, "variants": []}
    for base, list_ in variants.items():
        for name, parts in list_.items():
            model = {**bases[base], **{k: parts[k] for k in ("ignore_merges", "fuse_unk", "unk_token") if k in parts}}
            whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
                     "pre_tokenizer": None, "post_processor": None, "decoder": None}
            whole.update({k: v for k, v in parts.items() if k in whole})
            t = Tokenizer.from_str(json.dumps({**whole, "model": model}))
            result = {"base": base, "name": name, "parts": parts, **encoded(t, TEXTS)}
            if "decoder" in parts:
                result["decoded"] = decoded(t, result["plain"])
            out["variants"].append(result)
    return out


def write(path, value):
    with open(path, "w", encoding="ascii") as f:
        json.dump(value, f, separators=(",", ":"))
        f.write("\n")


def main():
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "tokenizer")
    os.makedirs(out, exist_ok=True)
    write(os.path.join(out, "models.json"), real(sys.argv[1]))
    write(os.path.join(out, "components.json"), components())


if __name__ == "__main__":
    main()
