#!/usr/bin/env python3
"""The error of ggml's integer products beside qeval's, on the same weights and inputs.

    python3 -m venv peers && peers/bin/pip install -r bench/peers/requirements.txt
    peers/bin/python bench/peers/product_errors.py --bench build/bench/bench_product_errors [--ggml FOLDER] [--types Q4_K,...]

For each type of ggml that has an integer dot product: the relative root mean square of its product, inputs rounded to the
type's own activation format (Q8_0, Q8_1 or Q8_K), against the product of its decoded weights with the f32 inputs in double;
the larger one of one input and of several, as bench_product_errors has it for qeval's path int8:32. Exit code 1 where
qeval's error is the larger one by more than a thousandth of it. FOLDER holds libggml-base.so and libggml-cpu.so; without
it, llama-cpp-python's are taken.
"""
import argparse
import ctypes
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

TYPES = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S",
         "IQ3_XXS", "IQ3_S", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4")
POINTER, LONG = ctypes.c_void_p, ctypes.c_int64


class TypeTraits(ctypes.Structure):  # ggml.h
    _fields_ = [("name", ctypes.c_char_p), ("block", LONG), ("interleave", LONG), ("size", ctypes.c_size_t),
                ("quantized", ctypes.c_bool), ("to_float", ctypes.CFUNCTYPE(None, POINTER, POINTER, LONG)), ("from_float_ref", POINTER)]


class CpuTraits(ctypes.Structure):  # ggml-cpu.h
    _fields_ = [("from_float", ctypes.CFUNCTYPE(None, POINTER, POINTER, LONG)),
                ("vec_dot", ctypes.CFUNCTYPE(None, ctypes.c_int, POINTER, ctypes.c_size_t, POINTER, ctypes.c_size_t, POINTER,
                                             ctypes.c_size_t, ctypes.c_int)),
                ("vec_dot_type", ctypes.c_int), ("nrows", LONG)]


class Ggml:
    def __init__(self, folder):
        self.base = ctypes.CDLL(str(folder / "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
        self.cpu = ctypes.CDLL(str(folder / "libggml-cpu.so"))
        self.base.ggml_get_type_traits.restype = ctypes.POINTER(TypeTraits)
        self.cpu.ggml_get_type_traits_cpu.restype = ctypes.POINTER(CpuTraits)
        self.base.ggml_quantize_chunk.argtypes = (ctypes.c_int, POINTER, POINTER, LONG, LONG, LONG, POINTER)
        self.base.ggml_quantize_chunk.restype = self.base.ggml_row_size.restype = ctypes.c_size_t
        self.base.ggml_row_size.argtypes = (ctypes.c_int, LONG)
        self.cpu.ggml_cpu_init()

    def product(self, kind, weights, inputs):
        """(ggml's x W^T, the same of its decoded weights in double)"""
        number, (rows, cols) = int(gguf.GGMLQuantizationType[kind]), weights.shape
        alike = np.ones(cols, np.float32)  # importance, for types that insist on it
        packed = np.zeros((rows, self.base.ggml_row_size(number, cols)), np.uint8)
        self.base.ggml_quantize_chunk(number, weights.ctypes.data, packed.ctypes.data, 0, rows, cols, alike.ctypes.data)
        decoded = np.zeros(weights.shape, np.float32)
        self.base.ggml_get_type_traits(number).contents.to_float(packed.ctypes.data, decoded.ctypes.data, weights.size)
        cpu = self.cpu.ggml_get_type_traits_cpu(number).contents
        activations = self.cpu.ggml_get_type_traits_cpu(cpu.vec_dot_type).contents
        y = np.zeros((len(inputs), rows), np.float32)
        for i, x in enumerate(inputs):
            rounded = np.zeros(self.base.ggml_row_size(cpu.vec_dot_type, cols), np.uint8)
            activations.from_float(x.ctypes.data, rounded.ctypes.data, cols)
            for r in range(rows):
                cpu.vec_dot(cols, y.ctypes.data + 4 * (i * rows + r), 0, packed[r].ctypes.data, 0, rounded.ctypes.data, 0, 1)
        return y, inputs.astype(np.float64) @ decoded.astype(np.float64).T


def largest_error(y, exact):
    return max(np.linalg.norm(y[:n] - exact[:n]) / np.linalg.norm(exact[:n]) for n in (1, len(y)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True, help="the program bench_product_errors")
    parser.add_argument("--ggml", type=Path, help="the folder of libggml-base.so and libggml-cpu.so")
    parser.add_argument("--types", type=lambda s: s.split(","), default=TYPES)
    args = parser.parse_args()
    if args.ggml is None:
        import llama_cpp
        args.ggml = Path(llama_cpp.__file__).parent / "lib"
    ggml, worse = Ggml(args.ggml), []
    with tempfile.TemporaryDirectory() as folder:
        table = subprocess.run([args.bench, "--samples", folder, *args.types], capture_output=True, text=True)
        if table.returncode != 0:
            sys.exit(f"{args.bench}: exit code {table.returncode}\n{table.stderr}")
        shape, *lines = table.stdout.splitlines()
        rows, cols = (int(shape.split("; ")[1].split()[i]) for i in (0, 2))
        ours = {line.split()[0]: [float(line.split()[i]) if line.split()[i] != "-" else math.nan for i in (3, 6)] for line in lines[2:]}
        print(f"{'int8 path':<10} {'Gaussian':>29}   {'Laplace':>29}\n{'type':<10}" + f" {'qeval':>9} {'ggml':>9} {'ratio':>9}  " * 2)
        for kind in args.types:
            cells = []
            for s, name in enumerate(("gaussian", "laplace")):
                weights, inputs = (np.fromfile(f"{folder}/{name}.{what}", np.float32).reshape(-1, cols) for what in ("weights", "inputs"))
                assert len(weights) == rows
                mine, its = ours[kind][s], largest_error(*ggml.product(kind, weights, inputs))
                cells.append(f" {mine:9.2e} {its:9.2e} {mine / its:9.3f}  ")
                if mine > 1.001 * its:
                    worse.append(f"{kind} ({name})")
            print(f"{kind:<10}" + "".join(cells), flush=True)
    if worse:
        print("larger than ggml's: " + ", ".join(worse))
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
