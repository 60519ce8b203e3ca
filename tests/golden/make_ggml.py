#!/usr/bin/env python3
"""Writes ggml_golden.inc: sha256 of what ggml makes of the named weight streams, with and without an importance matrix.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt
    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36 && tar xzf llama_cpp_python-0.3.36.tar.gz
    VENV/bin/python make_ggml.py --ggml llama_cpp_python-0.3.36/vendor/llama.cpp/ggml [--dump DIR] [--only Q4_K,IQ3_S]

The bundled ggml-quants.c is built here without FP contraction; that is the origin. A second build with FMA and contraction
is only counted: how many of its blocks are others. --dump writes the hashed arrays to DIR, to find the first block that
differs; --only restricts the run to some types, the lines of the others stay as they are.
"""
import argparse
import ctypes
import hashlib
import pathlib
import re
import subprocess
import tempfile
from importlib.metadata import version

import gguf
import numpy as np

import weight_streams as streams

HERE = pathlib.Path(__file__).resolve().parent
COLS = 1024
# Rows of 1024 weights: 4,423,680 weights a type.
SIZES = {"gaussian": 1536, "heavy": 1536} | {k: 96 for k in (
    "sparse", "constant", "zeros", "zero_runs", "uneven", "negative", "positive", "ties", "subnormal", "vanishing",
    "large", "denormal", "extremes")}
BYTES = 4 << 20  # weights decoded from random bytes

# type -> where its float fields lie, so that random bytes can be kept finite: the byte before the one with the sign
FLOATS = {
    "Q4_0": (0,), "Q4_1": (0, 2), "Q5_0": (0,), "Q5_1": (0, 2), "Q8_0": (0,), "Q8_1": (0, 2), "Q2_K": (80, 82),
    "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "Q8_K": (2,), "TQ1_0": (52,), "TQ2_0": (64,),
    "IQ1_S": (0,), "IQ1_M": (54,), "IQ2_XXS": (0,), "IQ2_XS": (0,), "IQ2_S": (0,), "IQ3_XXS": (0,), "IQ3_S": (0,),
    "IQ4_NL": (0,), "IQ4_XS": (0,), "NVFP4": (), "Q1_0": (0,), "Q2_0": (0,),
}
NEEDS_IMPORTANCE = ("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS")  # llama.cpp refuses them without; here all columns count alike
WEIGHS = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS",
          "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_NL", "IQ4_XS")
ACTIVATIONS = ("Q8_1", "Q8_K")  # no types of a file: no quantize_ function
# What the package does not have right or yet: floats in Q8_1, no Q2_0.
SIZES_OF = {t.name: s for t, s in gguf.GGML_QUANT_SIZES.items()} | {"Q8_1": (32, 36), "Q2_0": (64, 18)}
NUMBERS = {t.name: int(t) for t in gguf.GGML_QUANT_SIZES} | {"Q2_0": 42}

# What ggml-quants.c takes from the rest of ggml.
REST = """
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
size_t ggml_row_size(int type, int64_t n) { switch (type) { %s } abort(); }
size_t ggml_type_size(int type) { (void)type; abort(); }
char const * ggml_type_name(int type) { (void)type; abort(); }
void ggml_abort(const char * file, int line, const char * text, ...) { (void)file; (void)line; (void)text; abort(); }
"""


def c_name(kind):
    return kind.lower().replace("_k", "_K")


class Ggml:
    def __init__(self, source, flags):
        folder = pathlib.Path(tempfile.mkdtemp())
        sizes = " ".join(f"case {NUMBERS[t]}: return n / {n} * {b};" for t, (n, b) in SIZES_OF.items())
        (folder / "rest.c").write_text(REST % sizes)
        subprocess.run(["gcc", *flags, "-w", "-DNDEBUG", "-D_GNU_SOURCE", "-fPIC", "-shared", f"-I{source}/include",
                        f"-I{source}/src", f"{source}/src/ggml-quants.c", str(folder / "rest.c"), "-o", str(folder / "q.so"),
                        "-lm"], check=True)
        self.lib = ctypes.CDLL(str(folder / "q.so"), mode=ctypes.RTLD_LOCAL)
        for kind in ("IQ1_S", "IQ2_XXS", "IQ2_XS", "IQ2_S"):
            self.lib.iq2xs_init_impl(int(gguf.GGMLQuantizationType[kind]))
        self.lib.iq3xs_init_impl(256)
        self.lib.iq3xs_init_impl(512)

    def encode(self, kind, w, importance=None):
        size, nbytes = SIZES_OF[kind]
        w = np.ascontiguousarray(w)
        out = np.zeros(w.size // size * nbytes, np.uint8)
        if kind in ACTIVATIONS:
            f = getattr(self.lib, f"quantize_row_{c_name(kind)}_ref")
            f.argtypes, f.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64), None
            f(w.ctypes.data, out.ctypes.data, w.size)
        else:
            f = getattr(self.lib, f"quantize_{c_name(kind)}")
            f.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
            f.restype = ctypes.c_size_t
            f(w.ctypes.data, out.ctypes.data, w.shape[0], w.shape[1], None if importance is None else importance.ctypes.data)
        return out

    def decode(self, kind, blocks):
        out = np.zeros(len(blocks) * SIZES_OF[kind][0], np.float32)
        f = getattr(self.lib, f"dequantize_row_{c_name(kind)}")
        f.argtypes, f.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64), None
        f(blocks.ctypes.data, out.ctypes.data, out.size)
        return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ggml", required=True, type=pathlib.Path)
    parser.add_argument("--dump", type=pathlib.Path)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    if args.dump:
        args.dump.mkdir(parents=True, exist_ok=True)
    origin = Ggml(args.ggml, ["-O2", "-ffp-contract=off"])
    contracted = Ggml(args.ggml, ["-O3", "-mfma", "-mavx2", "-ffp-contract=fast"])
    importance = np.ascontiguousarray(streams.weights("importance", COLS))
    rows_out, notes = [], []

    def record(kind, stream, rows, cols, what, array):
        data = np.ascontiguousarray(array).tobytes()
        rows_out.append(f'{{"ggml", "{kind}", "{stream}", {rows}, {cols}, "{what}", {len(data)}, '
                        f'"{hashlib.sha256(data).hexdigest()}", "{data[:64].hex()}"}},')
        if args.dump:
            (args.dump / f"{kind}.{stream}.{rows}x{cols}.{what}.ggml").write_bytes(data)

    for kind, floats in FLOATS.items():
        if args.only and kind not in args.only.split(","):
            continue
        size, nbytes = SIZES_OF[kind]
        for what, vector in (("blocks", None), ("blocks, importance", importance)):
            if vector is not None and kind not in WEIGHS:
                continue
            if vector is None and kind in NEEDS_IMPORTANCE:
                vector = np.ones(COLS, np.float32)
            total, other = 0, 0
            for stream, rows in SIZES.items():
                w = streams.matrix(stream, rows, COLS)
                blocks = origin.encode(kind, w, vector)
                record(kind, stream, rows, COLS, what, blocks)
                differs = (contracted.encode(kind, w, vector) != blocks).reshape(-1, nbytes).any(axis=1)
                total, other = total + differs.size, other + int(differs.sum())
            notes.append(f"{kind} {what}: a contracted build differs in {other} of {total} blocks")
        if kind != "Q8_1":
            blocks = streams.block_bytes(kind, BYTES // size, nbytes, floats)
            record(kind, "bytes", BYTES // size, size, "values", origin.decode(kind, blocks))
    print("\n".join(notes))
    out = HERE / "ggml_golden.inc"
    if args.only:
        format_of = lambda line: re.match(r'(?:{"ggml", "|// )(\w+)', line)[1]
        old = [line for line in out.read_text().splitlines()[4:] if format_of(line) not in args.only.split(",")]
        notes = [n.removeprefix("// ") for n in old if n[0] == "/"] + notes
        rows_out = [r for r in old if r[0] == "{"] + rows_out
    cmake = (args.ggml / "CMakeLists.txt").read_text()
    number = ".".join(re.search(rf"GGML_VERSION_{p} (\d+)", cmake)[1] for p in ("MAJOR", "MINOR", "PATCH"))
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    out.write_text("\n".join([
        "// Written by make_ggml.py; do not edit. sha256 of what ggml makes of the named weight streams.",
        "// {origin, format, stream, rows, cols, what, bytes, sha256, first bytes in hex}",
        f"// ggml {number} of llama-cpp-python 0.3.36, gcc {gcc} -O2 -ffp-contract=off; gguf {version('gguf')}; numpy {np.__version__}.",
        "//"] + ["// " + n for n in notes] + rows_out) + "\n")


if __name__ == "__main__":
    main()
