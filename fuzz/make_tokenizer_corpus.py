"""Writes the seeds of the targets that read tokenizers: tiny files of each kind, each followed by "%%" and a text.

usage: make_tokenizer_corpus.py [FOLDER]    (default: corpus, beside this file). Python's standard library only.
"""
import base64
import json
import os
import struct
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


def json_seeds():
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


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, value):
    """One field of a protocol buffer: an integer, a float, or bytes."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value % 2**64)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = range(1, 7)
PIECES = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL), ("\u2581", -1.0, NORMAL), ("a", -2.0, NORMAL),
          ("b", -2.5, NORMAL), ("ab", -3.0, NORMAL), ("\u2581a", -3.5, NORMAL), ("\u2581ab", -4.0, NORMAL)]


def sentencepiece(pieces, trainer=(), normalizer=()):
    out = b"".join(field(1, field(1, p) + field(2, score) + field(3, kind)) for p, score, kind in pieces)
    return out + field(2, b"".join(field(*f) for f in trainer)) + field(3, b"".join(field(*f) for f in normalizer))


def charsmap():
    """A table of replacements that replaces nothing: one unit of a double array, and no texts."""
    return struct.pack("<I", 4) + struct.pack("<I", 0) + b"\0"


def sentencepiece_seeds():
    byte_pieces = [("<0x%02X>" % b, 0.0, BYTE) for b in range(256)]
    yield "bpe", sentencepiece(PIECES, [(3, 2)], [(1, "identity")]), "ab a"
    yield "unigram", sentencepiece(PIECES, [(3, 1)]), " ab  ab"
    yield "bytes", sentencepiece(PIECES[:3] + byte_pieces + PIECES[3:], [(3, 2), (35, 1)]), "ab\u00e9\n"
    yield "unigram-bytes", sentencepiece(PIECES[:3] + byte_pieces + PIECES[3:], [(3, 1), (35, 1)]), "ab\u00e9"
    yield "few-bytes", sentencepiece(PIECES[:3] + byte_pieces[:9] + PIECES[3:], [(3, 2), (35, 1)]), "\t"
    yield "user-defined", sentencepiece(PIECES + [("a\u2581b", 0.0, USER), ("ba", 0.0, USER)], [(3, 2)]), "a b ba"
    yield "unigram-user-defined", sentencepiece(PIECES + [("a\u2581b", 0.0, USER)], [(3, 1)]), "a b"
    yield "unused", sentencepiece(PIECES + [("bb", -2.0, UNUSED), ("abb", -1.0, NORMAL)], [(3, 2)]), "abbb"
    yield "no-prefix", sentencepiece(PIECES, [(3, 2)], [(3, 0), (4, 0)]), "  a  "
    yield "suffix", sentencepiece(PIECES + [("a\u2581", -2.0, NORMAL)], [(3, 1), (24, 1)]), "a b "
    yield "table", sentencepiece(PIECES, [(3, 1)], [(2, charsmap())]), "ab"
    yield "ids", sentencepiece(PIECES, [(3, 2), (40, -1), (41, 99), (42, -1)]), "a"
    yield "words", sentencepiece(PIECES, [(3, 3)]), ""
    yield "two-unknown", sentencepiece(PIECES + [("<u>", 0.0, UNKNOWN)], [(3, 2)]), ""
    yield "twice", sentencepiece(PIECES + PIECES[-1:], [(3, 2)]), ""
    yield "infinite", sentencepiece(PIECES + [("aa", float("nan"), NORMAL)], [(3, 1)]), "aaa"
    yield "cut", sentencepiece(PIECES, [(3, 2)])[:-3], ""


def tiktoken_seeds():
    """Ranks with 256 bytes and more; the target takes numbers from 256 on for those of an encoding."""
    more = [b"ab", b" a", b" ab", b"\xc3\xa9", b"\r\n", b"12", b"  "]

    def ranks(tokens):
        return b"".join(base64.b64encode(t) + b" %d\n" % i for i, t in enumerate(tokens))
    every = [bytes([b]) for b in range(256)]
    for n in range(len(more) + 1):
        yield f"ranks-{n}", ranks(every + more[:n]), " ab ab\u00e9\r\n 123'll  <|endoftext|>"
    yield "few-bytes", ranks(every[:200]), ""
    yield "unknown-number", ranks(every + [b"x%d" % i for i in range(80)]), ""
    yield "no-rank", ranks(every) + b"YWI=\n", ""
    yield "twice", ranks(every + [b"a"]), ""
    yield "sparse", ranks(every) + b"YWI= 999999\n", ""

    def tekken(tokens, specials=None, **config):
        vocab = [{"rank": i, "token_bytes": base64.b64encode(t).decode(), "token_str": None} for i, t in enumerate(tokens)]
        out = {"config": {"pattern": r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", "num_vocab_tokens": len(vocab),
                          "default_vocab_size": len(vocab) + 22, "default_num_special_tokens": 22, "version": "v3", **config},
               "vocab": vocab}
        if specials is not None:
            out["special_tokens"] = [{"rank": i, "token_str": s, "is_control": True} for i, s in enumerate(specials)]
        return json.dumps(out, separators=(",", ":")).encode()
    yield "tekken", tekken(every + more), " ab <s>[INST]1"
    yield "tekken-cut", tekken(every + more, default_vocab_size=256 + 22 + 2), " ab ab"
    yield "tekken-specials", tekken(every, ["<unk>", "<s>", "</s>", "[X]"]), "[X]"
    yield "tekken-twice", tekken(every, ["<unk>", "<unk>"]), ""
    yield "tekken-few-bytes", tekken(every[1:]), ""
    yield "tekken-too-few", tekken(every, default_vocab_size=1000), ""


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
    for name, seeds in [("tokenizer_json", json_seeds), ("sentencepiece", sentencepiece_seeds), ("tiktoken", tiktoken_seeds)]:
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for seed, content, text in seeds():
            if not isinstance(content, bytes):
                content = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
            with open(os.path.join(folder, name, seed), "wb") as out:
                out.write(content + b"\n%%\n" + text.encode("latin-1" if seed == "byte-level" else "utf-8"))


if __name__ == "__main__":
    main()
