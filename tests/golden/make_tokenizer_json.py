#!/usr/bin/env python3
"""Writes a tokenizer.json for a model that ships its vocabulary in a GGUF file only (SentencePiece BPE with byte fallback).

    pip install gguf==0.19.0 tokenizers==0.22.2      (in an environment outside this repository)
    python tests/golden/make_tokenizer_json.py MODEL.gguf DIRECTORY

Also writes tokenizer_config.json. A merge is every pair of pieces whose concatenation is a piece, best score first, as the
converters of transformers make them.
"""
import json
import sys
from pathlib import Path

import gguf


def field(reader, name, default=None):
    f = reader.get_field(name)
    return default if f is None else f.contents()


def convert(path):
    reader = gguf.GGUFReader(path)
    pieces, scores = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.scores")
    kinds = field(reader, "tokenizer.ggml.token_type")
    ids = {name: field(reader, f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos", "unknown")}
    vocabulary = {p: i for i, p in enumerate(pieces)}
    merges = []
    for piece, i in vocabulary.items():
        if kinds[i] != 1:  # control tokens and bytes are made of nothing
            continue
        splits = [(piece[:k], piece[k:]) for k in range(1, len(piece)) if piece[:k] in vocabulary and piece[k:] in vocabulary]
        splits.sort(key=lambda s: (vocabulary[s[0]], vocabulary[s[1]]))
        merges += [(left, right, scores[i]) for left, right in splits]
    merges.sort(key=lambda m: m[2], reverse=True)
    bos, eos, unknown = (pieces[ids[n]] for n in ("bos", "eos", "unknown"))
    special = [{"id": i, "content": pieces[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
               for i in sorted({ids["unknown"], ids["bos"], ids["eos"]})]
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
                                                           {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
        "pre_tokenizer": None,
        "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                           "pair": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                           "special_tokens": {bos: {"id": bos, "ids": [ids["bos"]], "tokens": [bos]}}},
        "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
                                                     {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "dropout": None, "unk_token": unknown, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True,
                  "byte_fallback": True, "ignore_merges": False, "vocab": vocabulary, "merges": [f"{a} {b}" for a, b, _ in merges]},
    }
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True, "bos_token": bos, "eos_token": eos, "unk_token": unknown,
                "clean_up_tokenization_spaces": False, "legacy": True}
    return tokenizer, settings


def write(path, folder):
    tokenizer, settings = convert(path)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[1], sys.argv[2])
