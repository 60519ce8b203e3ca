"""Writes the seeds of fuzz/corpus/tokenizer_json: tiny tokenizer.json files, each followed by "%%" and a text.

usage: make_tokenizer_corpus.py [FOLDER]    (default: corpus/tokenizer_json, beside this file). Standard library only.
"""
import json
import os
import sys


def letters():
    visible = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    others = [b for b in range(256) if b not in visible]
    return [chr(b) if b in visible else chr(256 + others.index(b)) for b in range(256)]


def model(pieces, merges, **more):
    vocab = {}
    for p in pieces + [a + b for a, b in merges]:
        vocab.setdefault(p, len(vocab))
    return {"type": "BPE", "vocab": vocab, "merges": merges, **more}


def tokenizer(m, **more):
    return {"added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
            **more, "model": m}


def added(i, content, **more):
    return {"id": i, "content": content, "special": True, "normalized": False, **more}


def split(pattern, behavior="Isolated", **more):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, **more}


def sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}


BYTES = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
SMALL = model(["<unk>", "a", "b", "\u0120", "1"], [["a", "b"], ["\u0120", "a"]], unk_token="<unk>")
SPACED = model(["<unk>", "<s>", "a", "b", "\u2581"] + ["<0x%02X>" % b for b in range(256)],
               [["a", "b"], ["\u2581", "a"], ["\u2581a", "b"]], unk_token="<unk>", byte_fallback=True, fuse_unk=True)
LLAMA_DECODER = sequence("decoders", {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                         {"type": "ByteFallback"}, {"type": "Fuse"},
                         {"type": "Strip", "content": " ", "start": 1, "stop": 0})


def seeds():
    yield "byte-level", tokenizer(model(letters(), [["a", "b"], ["\u0120", "a"]]), pre_tokenizer=BYTES,
                                  decoder={"type": "ByteLevel"}), "ab ab\xff"
    yield "string-merges", tokenizer(model(["a", "b", "ab"], []) | {"merges": ["a b"]}), "abba"
    yield "llama", tokenizer(SPACED, added_tokens=[added(1, "<s>", rstrip=True)], decoder=LLAMA_DECODER,
                             normalizer=sequence("normalizers", {"type": "Prepend", "prepend": "\u2581"},
                                                 {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}),
                             post_processor={"type": "TemplateProcessing", "special_tokens": {"<s>": {"ids": [1]}},
                                             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                                                        {"Sequence": {"id": "A", "type_id": 0}}]}), "ab <s> b"
    yield "metaspace", tokenizer(SPACED, pre_tokenizer={"type": "Metaspace", "replacement": "\u2581",
                                                        "prepend_scheme": "first", "split": True},
                                 decoder={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first"}), "a  b"
    yield "splits", tokenizer(SMALL, pre_tokenizer=sequence(
        "pretokenizers", split(r"\s+(?!\S)|\s+", "Removed"), {"type": "Digits", "individual_digits": True},
        split(r"(?i:b)+", "MergedWithNext"), split("a", "Contiguous", invert=True),
        {"type": "Punctuation", "behavior": "MergedWithPrevious"}, BYTES)), "a b1,B"
    yield "words", tokenizer(SMALL, pre_tokenizer=sequence("pretokenizers", {"type": "Whitespace"},
                                                           {"type": "WhitespaceSplit"})), "a b!"
    for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase"):
        yield form.lower(), tokenizer(SMALL, normalizer=sequence(
            "normalizers", {"type": form}, {"type": "Strip", "strip_left": True, "strip_right": False},
            {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"})), " \u00c5\ufb01a\u0301"
    yield "added", tokenizer(SMALL, added_tokens=[
        added(8, "<x>", lstrip=True, rstrip=True), added(9, "a b", special=False, normalized=True),
        added(10, "word", single_word=True)]), "word <x> a b words"
    yield "ignore-merges", tokenizer(SMALL | {"ignore_merges": True}, pre_tokenizer=BYTES), "ab"
    yield "regex-bomb", tokenizer(SMALL, pre_tokenizer=split("(a+)+$")), "a" * 40 + "!"
    yield "regex-invalid", tokenizer(SMALL, pre_tokenizer=split("(")), ""
    yield "unknown-merge", tokenizer(SMALL | {"merges": [["a", "q"]]}), ""
    yield "ids", tokenizer(SMALL | {"vocab": {"a": 0, "b": 0, "c": 2147483647}}), ""
    yield "unknown-type", tokenizer(SMALL, pre_tokenizer={"type": "UnicodeScripts"}), ""
    yield "few-bytes", tokenizer(model(["a"], []), pre_tokenizer=BYTES), ""


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "corpus", "tokenizer_json")
    os.makedirs(folder, exist_ok=True)
    for name, content, text in seeds():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode())
            out.write(b"\n%%\n" + text.encode("latin-1" if name == "byte-level" else "utf-8"))


if __name__ == "__main__":
    main()
