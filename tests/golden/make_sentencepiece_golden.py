"""Token ids by SentencePiece and by Hugging Face's tokenizers library, for tests/io/tokenizer/algorithm/unigram_test.cpp.

usage: make_sentencepiece_golden.py [OUT]      needs sentencepiece==0.2.3, tokenizers==0.22.1

Small models are trained here. OUT (default: tokenizer/sentencepiece.json, beside this script) has
  models      files of SentencePiece (base64) with their ids for TEXTS, and what they decode to
  sums        ids that depend on how SentencePiece adds scores
  tokenizers  tokenizer.json files of kinds that make_tokenizer_golden.py does not have, with their ids for TEXTS
"""
import base64
import hashlib
import io
import json
import os
import sys
import tempfile

import sentencepiece as spm
from tokenizers import Tokenizer, models, pre_tokenizers, trainers, __version__

from tokenizer_texts import TEXTS

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fuzz"))
import make_tokenizer_corpus as form

assert __version__ == "0.22.1" and spm.__version__ == "0.2.3", (__version__, spm.__version__)
HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = [
    "the cat sat on the mat and the other cat sat on the hat", "a word and another word, and words of words",
    "def f(x): return x + 1", "caf\u00e9 na\u00efve \u00fcber stra\u00dfe d\u00e9j\u00e0 vu caf\u00e9", "1 12 123 1234 10 100 1000 2000 3.14",
    "\u4f60\u597d \u4e16\u754c \u4f60\u597d", "don't can't I'll we've it's they're", "hello world hello there general world", "abababab abab aaaa aaaaaaaa",
]
# source code points, tab, what they become: a table as SentencePiece compiles it, small
RULES = "\n".join(["41\t61", "42\t62", "41 30A\t61", "FB01\t66 69", "20 20\t20", "A\t20", "9\t20", "E9\t65 301", "200B\t", "3000\t20", "65 301\t65", "FF21\t61 61 61"])


def trained(rules, **options):
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="ascii") as f:
        f.write(rules or "")
        f.flush()
        if rules:
            options["normalization_rule_tsv"] = f.name
        else:
            options["normalization_rule_name"] = "identity"
        spm.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS * 3), model_writer=model, minloglevel=2, hard_vocab_limit=False,
                                       **options)
    return model.getvalue()


def library_models():
    kinds = {
        "unigram": dict(rules=RULES, model_type="unigram", vocab_size=120),
        "unigram, bytes": dict(rules=RULES, model_type="unigram", vocab_size=400, byte_fallback=True,
                               user_defined_symbols=["<x>", "the cat", "  ", "word"]),
        "unigram, spaces kept": dict(rules=None, model_type="unigram", vocab_size=380, byte_fallback=True,
                                     remove_extra_whitespaces=False, add_dummy_prefix=False),
        "unigram, suffix": dict(rules=RULES, model_type="unigram", vocab_size=120, treat_whitespace_as_suffix=True),
        "bpe": dict(rules=RULES, model_type="bpe", vocab_size=150, user_defined_symbols=["<x>", "the cat"]),
        "bpe, extra spaces go": dict(rules=None, model_type="bpe", vocab_size=380, byte_fallback=True),
    }
    out = []
    for name, options in kinds.items():
        model = trained(**options)
        p = spm.SentencePieceProcessor(model_proto=model)
        out.append({"name": name, "model": base64.b64encode(model).decode(), "ids": [p.encode(t) for t in TEXTS]})
    return out


def whole(model, **parts):
    out = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None,
           "post_processor": None, "decoder": None}
    return {**out, **parts, "model": model}


def bpe(pre, **options):
    t = Tokenizer(models.BPE(unk_token="<unk>", **options))
    t.pre_tokenizer = pre
    kept = {k: options[k] for k in ("continuing_subword_prefix", "end_of_word_suffix") if k in options}
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=200, show_progress=False, special_tokens=["<unk>"], **kept))
    return json.loads(t.to_str())["model"]


def added(i, content, special=True, **more):
    return {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": special, **more}


def tokenizer_files():
    proto = spm.SentencePieceProcessor(model_proto=trained(RULES, model_type="unigram", vocab_size=120))
    scores = [[proto.id_to_piece(i), proto.get_score(i)] for i in range(proto.get_piece_size())]
    unigram = {"type": "Unigram", "unk_id": 0, "vocab": scores, "byte_fallback": False}
    with_bytes = {"type": "Unigram", "unk_id": 0, "byte_fallback": True,
                  "vocab": scores + [["<0x%02X>" % b, -30.0] for b in range(256)]}
    meta = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    table = spm.SentencePieceProcessor(model_proto=trained(RULES, model_type="unigram", vocab_size=120)).serialized_model_proto()
    table = base64.b64encode(charsmap_of(table)).decode()
    alphabet = {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    letters = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
               "fuse_unk": False, "byte_fallback": False, "vocab": {**alphabet, "\u0120t": 256, "he": 257, "1\u0142": 258},
               "merges": ["\u0120 t", "h e", "1 \u0142"]}
    few = {**letters, "vocab": {k: i for i, (k, _) in enumerate(kv for kv in alphabet.items() if kv[0] not in "q\u0119\u0142")},
           "merges": []}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    words = bpe(pre_tokenizers.Whitespace(), continuing_subword_prefix="##")
    ends = bpe(pre_tokenizers.Whitespace(), end_of_word_suffix="</w>")
    small = {**letters, "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []}
    files = {
        "unigram": whole(unigram, pre_tokenizer=meta, decoder=meta),
        "unigram, one piece": whole(unigram, normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}),
        "unigram, bytes": whole(with_bytes, pre_tokenizer=meta),
        "precompiled": whole(unigram, pre_tokenizer=meta, normalizer={"type": "Precompiled", "precompiled_charsmap": table}),
        "falcon": whole(letters, decoder=byte_level, pre_tokenizer={"type": "Sequence", "pretokenizers": [
            {"type": "Punctuation", "behavior": "Contiguous"}, byte_level, {"type": "Digits", "individual_digits": False},
            {"type": "Split", "pattern": {"Regex": "[0-9][0-9][0-9]"}, "behavior": "Isolated", "invert": False}]}),
        "bytes without letters": whole(few, pre_tokenizer=byte_level, decoder=byte_level),
        "continuing prefix": whole(words, pre_tokenizer={"type": "Whitespace"}),
        "ending suffix": whole(ends, pre_tokenizer={"type": "WhitespaceSplit"}, decoder={"type": "BPEDecoder", "suffix": "</w>"}),
        "delimiter": whole(words, pre_tokenizer={"type": "CharDelimiterSplit", "delimiter": "-"}),
        "added: a gap": whole(small, added_tokens=[added(5, "<s>"), added(9, "</s>", False)]),
        "added: listed twice": whole(small, added_tokens=[added(3, "<s>"), added(3, "<s>", False)]),
        "added: two ids": whole(small, added_tokens=[added(3, "<s>", False), added(4, "<s>", False), added(5, "</s>", False)]),
        "added: another id than the vocabulary's": whole(small, added_tokens=[added(7, "b", False)]),
        "added: order": whole(small, added_tokens=[added(5, "</s>", False), added(3, "<s>", False)]),
    }
    out = []
    for name, file in files.items():
        t = Tokenizer.from_str(json.dumps(file))
        special = [t.encode(x, add_special_tokens=False).ids for x in TEXTS]
        t.encode_special_tokens = True
        out.append({"name": name, "tokenizer": json.dumps(file, separators=(",", ":")), "ids": [t.encode(x, add_special_tokens=False).ids for x in TEXTS],
                    "with_specials": special})
    return out, table


def sums():
    """A model whose user-defined pieces and long texts depend on how scores are added; long lists of ids as their digest."""
    pieces = [("<unk>", 0.0, form.UNKNOWN), ("\u2581", -1.0, form.NORMAL), ("a", -1.1, form.NORMAL), ("b", -1.3, form.NORMAL),
              ("ab", -5.0, form.USER), ("bab", -5.0, form.USER), ("aa", -2.2, form.NORMAL), ("aab", -3.5, form.NORMAL)]
    model = form.sentencepiece(pieces, [(3, 1)])
    p = spm.SentencePieceProcessor(model_proto=model)
    out = []
    for text, times in [("ab", 1), ("aab", 1), ("bab", 1), ("babab", 1), ("aabb", 1), ("aaab", 1), ("abbba", 60000), ("a", 250003), ("bba", 90000)]:
        ids = p.encode(text * times)
        out.append({"text": text, "times": times, "count": len(ids), "sha256": hashlib.sha256(" ".join(map(str, ids)).encode()).hexdigest()})
    return {"model": base64.b64encode(model).decode(), "texts": out}


def charsmap_of(model):
    """Field 2 of field 3 of a model file."""
    def fields(data):
        at = 0
        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value
        while at < len(data):
            key = varint()
            if key & 7 == 0:
                yield key >> 3, varint()
            else:
                size = {1: 8, 5: 4}.get(key & 7) or varint()
                yield key >> 3, data[at:at + size]
                at += size
    return dict(fields(dict(fields(model))[3]))[2]


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "tokenizer/sentencepiece.json")
    files, table = tokenizer_files()
    with open(out, "w", encoding="ascii") as f:
        json.dump({"sentencepiece": spm.__version__, "tokenizers": __version__, "texts": TEXTS, "models": library_models(),
                   "files": files, "charsmap": table, "sums": sums()}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
