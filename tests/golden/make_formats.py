#!/usr/bin/env python3
"""Writes format_golden.inc: sha256 of what the origin implementations make of the named weight streams.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt
    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36 && tar xzf llama_cpp_python-0.3.36.tar.gz
    VENV/bin/python make_formats.py --ggml llama_cpp_python-0.3.36/vendor/llama.cpp/ggml [--dump DIR]

The bundled ggml's quantize_row_*_ref functions are built here without FP contraction, as every x86-64 build of
ggml-base has them (it is compiled without -march, hence without FMA); a second build with plain -O3 must agree.
--dump writes the hashed arrays to DIR, to find the first block that differs.
"""
import argparse
import ctypes
import hashlib
import pathlib
import re
import subprocess
import tempfile

import bitsandbytes
import bitsandbytes.functional as bnb
import gguf
import gguf.quants
import ml_dtypes
import numpy as np
import torch

import weight_streams as streams

HERE = pathlib.Path(__file__).resolve().parent
COLS = 1024
# Rows of 1024 weights per stream: two streams of half a million, the awkward ones smaller. 1,769,472 weights in all.
SIZES = {"gaussian": 512, "heavy": 512} | {k: 64 for k in (
    "sparse", "constant", "zeros", "zero_runs", "uneven", "negative", "positive", "ties", "subnormal", "vanishing",
    "large")}
f32 = np.float32
rows_out = []
notes = []
dump = None


def record(origin, fmt, kind, shape, what, array, head=32):
    """One line of the header. head: bytes shown in hex, for debugging."""
    data = np.ascontiguousarray(array).tobytes()
    rows_out.append((origin, fmt, kind, shape[0], shape[1], what, len(data), hashlib.sha256(data).hexdigest(),
                     data[:min(head, 48)].hex()))
    if dump:
        (dump / f"{fmt.replace(':', '-')}.{kind}.{shape[0]}x{shape[1]}.{what}.{origin}").write_bytes(data)


# ---------------------------------------------------------------- ggml

GGML = {  # format -> block size, block bytes, byte offsets of f16 fields, of e8m0 fields
    "Q4_0": (32, 18, (0,), ()), "Q4_1": (32, 20, (0, 2), ()), "Q5_0": (32, 22, (0,), ()), "Q5_1": (32, 24, (0, 2), ()),
    "Q8_0": (32, 34, (0,), ()), "Q2_K": (256, 84, (80, 82), ()), "Q3_K": (256, 110, (108,), ()),
    "Q4_K": (256, 144, (0, 2), ()), "Q5_K": (256, 176, (0, 2), ()), "Q6_K": (256, 210, (208,), ()),
    "MXFP4": (32, 17, (), (0,)),
}
GGUF_ENCODES = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4")


def build_ggml(source, flags):
    out = pathlib.Path(tempfile.mkdtemp()) / "libquants.so"
    subprocess.run(["gcc", *flags, "-w", "-DNDEBUG", "-D_GNU_SOURCE", "-fPIC", "-shared", f"-I{source}/include",
                    f"-I{source}/src", f"{source}/src/ggml-quants.c", "-o", str(out), "-lm"], check=True)
    return ctypes.CDLL(str(out), mode=ctypes.RTLD_LOCAL | 1)  # 1 = RTLD_LAZY: ggml_abort stays unresolved


def ggml_encode(lib, fmt, w):
    size, nbytes = GGML[fmt][:2]
    w = np.ascontiguousarray(w.reshape(-1))
    out = np.zeros(w.size // size * nbytes, np.uint8)
    name = fmt.lower().replace("_k", "_K")
    f = getattr(lib, f"quantize_row_{name}_ref")
    f.argtypes, f.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64), None
    f(w.ctypes.data, out.ctypes.data, w.size)
    return out


def ggml_decode(lib, fmt, blocks):
    size = GGML[fmt][0]
    out = np.zeros(len(blocks) * size, np.float32)
    f = getattr(lib, f"dequantize_row_{fmt.lower().replace('_k', '_K')}")
    f.argtypes, f.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64), None
    f(blocks.ctypes.data, out.ctypes.data, out.size)
    return out


def make_ggml(source):
    lib = build_ggml(source, ["-O2", "-ffp-contract=off"])
    plain = build_ggml(source, ["-O3"])
    for fmt, (size, nbytes, f16_at, e8m0_at) in GGML.items():
        qtype = gguf.GGMLQuantizationType[fmt]
        for kind, rows in SIZES.items():
            w = streams.matrix(kind, rows, COLS)
            blocks = ggml_encode(lib, fmt, w)
            if not np.array_equal(blocks, ggml_encode(plain, fmt, w)):
                notes.append(f"{fmt} {kind}: a plain -O3 build of ggml differs")
            if fmt in GGUF_ENCODES:
                with np.errstate(all="ignore"):
                    ours = gguf.quants.quantize(w, qtype).reshape(-1)
                bad = (ours.reshape(-1, nbytes) != blocks.reshape(-1, nbytes)).any(axis=1)
                if bad.any():
                    notes.append(f"{fmt} {kind}: gguf differs from ggml in {bad.sum()} of {bad.size} blocks, "
                                 f"first {int(bad.argmax())}")
                record("gguf", fmt, kind, w.shape, "blocks", ours, 2 * nbytes)
            record("ggml", fmt, kind, w.shape, "blocks", blocks, min(2 * nbytes, 210))
        count = 1 << 20
        blocks = streams.block_bytes(fmt, count // size, nbytes, f16_at, e8m0_at)
        with np.errstate(all="ignore"):
            y = gguf.quants.dequantize(blocks, qtype)
        if not np.array_equal(y.reshape(-1).view(np.uint32), ggml_decode(lib, fmt, blocks).view(np.uint32)):
            notes.append(f"{fmt}: dequantization of the gguf package and of ggml differ")
        record("gguf", fmt, "bytes", (count // size, size), "values", y, 64)
        record("gguf", fmt, "bytes", (count // size, size), "values, -0 as +0", y + np.float32(0), 64)


# ---------------------------------------------------------------- bitsandbytes

CUDA_NF4 = np.array([  # csrc/kernels.cu dQuantizeNF4: x > threshold, strictly
    -0.8480964004993439, -0.6106329262256622, -0.4599952697753906, -0.33967943489551544, -0.23460740596055984,
    -0.13791173323988914, -0.045525018125772476, 0.03979014977812767, 0.1202552504837513, 0.2035212516784668,
    0.2920137718319893, 0.3893125355243683, 0.5016634166240692, 0.6427869200706482, 0.8614784181118011], np.float32)
CUDA_FP4 = np.array([0.00260417, 0.0859375, 0.20833333, 0.29166667, 0.4166667, 0.583333, 0.8333333], np.float32)
CUDA_FP4_CODE = np.array([0, 1, 6, 7, 4, 5, 2, 3], np.uint8)  # ascending magnitude -> code


def cuda_quantize_4bit(w, kind, block):
    """The CUDA kernel's arithmetic in numpy: one reciprocal per block (the short last one too), strict compares on
    |x| with the sign put back for FP4. A block of zeros: 0 * inf is NaN, no compare holds, code 0."""
    flat = w.reshape(-1)
    pad = -flat.size % block
    blocks = np.concatenate([flat, np.zeros(pad, np.float32)]).reshape(-1, block)
    absmax = np.abs(blocks).max(axis=1)
    with np.errstate(all="ignore"):
        x = (blocks * (np.float32(1) / absmax)[:, None]).reshape(-1)[: flat.size]
    if kind == "nf4":
        code = (x[:, None] > CUDA_NF4).sum(axis=1).astype(np.uint8)
    else:
        code = CUDA_FP4_CODE[(np.abs(x)[:, None] > CUDA_FP4).sum(axis=1)] + np.where(x < 0, 8, 0).astype(np.uint8)
    if code.size % 2:
        code = np.append(code, 0)
    return (code[0::2] << 4) | code[1::2], absmax


def cuda_quantize_8bit(x, table):
    """dQuantize of the CUDA kernels: a binary search over the 256 sorted values, then the nearer neighbour; a tie
    stays with the value the search ended at."""
    absmax = np.abs(x).max()
    x = x * (np.float32(1) / absmax)
    code = np.zeros(x.size, np.uint8)
    for k, v in enumerate(x):
        pivot, up, down, upper, lower = 127, 255, 0, np.float32(1), np.float32(-1)
        for step in (64, 32, 16, 8, 4, 2, 1):
            if v > table[pivot]:
                down, lower, pivot = pivot, table[pivot], pivot + step
            else:
                up, upper, pivot = pivot, table[pivot], pivot - step
        upper = table[255] if up == 255 else upper
        lower = table[0] if down == 0 else lower
        if v > table[pivot]:
            code[k] = up if v > (upper + table[pivot]) * np.float32(0.5) else pivot
        else:
            code[k] = down if v < (lower + table[pivot]) * np.float32(0.5) else pivot
    return code


def make_bitsandbytes():
    torch.set_num_threads(1)
    shapes = [("gaussian", 512, 1024), ("heavy", 512, 1024), ("coarse", 1024, 1024), ("zero_runs", 64, 1024),
              ("sparse", 64, 1024), ("constant", 64, 1024), ("ties", 64, 1024), ("negative", 64, 1024),
              ("large", 64, 1024), ("subnormal", 64, 1024), ("gaussian", 1050, 1000), ("gaussian", 1049, 1001)]
    quantize_blockwise = torch.ops.bitsandbytes.quantize_blockwise.default
    table = bnb.create_dynamic_map().numpy()
    record("bitsandbytes", "dynamic8", "-", (1, 256), "code map", table, 1024)
    for kind4 in ("nf4", "fp4"):
        record("bitsandbytes", kind4, "-", (1, 16), "code map", bnb.get_4bit_type(kind4, device="cpu").numpy(), 64)
    for kind, rows, cols in shapes:
        w = streams.matrix(kind, rows, cols)
        t = torch.from_numpy(w)
        for kind4 in ("nf4", "fp4"):
            for block in (64, 128):
                name = f"{kind4}:{block}"
                packed, state = bnb.quantize_4bit(t, blocksize=block, quant_type=kind4)
                codes, absmax = packed.numpy().reshape(-1), state.absmax.numpy()
                cuda_codes, cuda_absmax = cuda_quantize_4bit(w, kind4, block)
                if not np.array_equal(absmax.view(np.uint32), cuda_absmax.view(np.uint32)):
                    notes.append(f"{name} {kind} {rows}x{cols}: absmax differs from the CUDA arithmetic")
                nibbles = lambda a: np.stack([a >> 4, a & 15], 1).reshape(-1)[: rows * cols]
                a, b = nibbles(codes), nibbles(cuda_codes)
                bad = a != b
                if bad.any():
                    at = int(bad.argmax())
                    zero = ((a & 7) + (b & 7))[bad] == 0 if kind4 == "fp4" else np.zeros(1)
                    notes.append(f"{name} {kind} {rows}x{cols}: {bad.sum()} codes differ between CPU backend and CUDA "
                                 f"arithmetic ({int(zero.sum())}: -0 against +0), first {at}: {a[at]} and {b[at]}")
                shape = (rows, cols)
                record("bitsandbytes", name, kind, shape, "codes", codes)
                record("bitsandbytes-cuda", name, kind, shape, "codes", cuda_codes)
                if kind4 == "fp4":  # which of its two zeros the CPU backend writes is an accident of argsort
                    a[a == 8] = 0
                    a = np.append(a, np.zeros(a.size % 2, np.uint8))
                    record("bitsandbytes", name, kind, shape, "codes, -0 as +0", (a[0::2] << 4) | a[1::2])
                record("bitsandbytes", name, kind, shape, "absmax", absmax)
                # + 0 turns -0 into +0: FP4 code 8 is +0 in the package's table and vector loop, -0 in its scalar loop
                record("bitsandbytes", name, kind, shape, "values", bnb.dequantize_4bit(packed, state).numpy() + f32(0))
                # the same with the absolute maxima quantized once more
                packed2, nested = bnb.quantize_4bit(t, blocksize=block, quant_type=kind4, compress_statistics=True)
                assert torch.equal(packed, packed2)
                offset = nested.offset.numpy().reshape(1)
                exact = np.float32(absmax.astype(np.float64).mean())
                dq = name + ":dq"
                # The CPU library looks its 8-bit code up in a table of 65536 steps, so a few values near a midpoint
                # land on the farther neighbour. The package's portable kernel and the CUDA search agree; they count.
                codes8, _ = quantize_blockwise._op_dk(torch._C.DispatchKey.CompositeExplicitAutograd,
                                                      state.absmax - nested.offset, nested.state2.code, 256)
                cuda8 = np.concatenate([cuda_quantize_8bit(b, table) for b in
                                        np.split(absmax - offset, range(256, absmax.size, 256))])
                assert np.array_equal(codes8.numpy(), cuda8)
                off = int((nested.absmax != codes8).sum())
                if off:
                    notes.append(f"{dq} {kind} {rows}x{cols}: "
                                 f"{off} of {codes8.numel()} absmax codes are others in the CPU library")
                record("bitsandbytes-cpu", dq, kind, shape, "absmax codes", nested.absmax.numpy())
                nested.absmax = codes8
                if offset[0] != exact:  # torch's float32 sum depends on its order: not a value to reproduce
                    notes.append(f"{dq} {kind} {rows}x{cols}: torch's mean {offset[0]:.9g}, exactly {exact:.9g}")
                    continue
                record("bitsandbytes", dq, kind, shape, "offset", offset, 4)
                record("bitsandbytes", dq, kind, shape, "absmax codes", nested.absmax.numpy())
                record("bitsandbytes", dq, kind, shape, "nested absmax", nested.state2.absmax.numpy())
                record("bitsandbytes", dq, kind, shape, "values", bnb.dequantize_4bit(packed2, nested).numpy() + f32(0))
                assert np.array_equal(nested.state2.code.numpy(), table) and nested.state2.blocksize == 256
        for dtype in ("f32", "f16"):
            a = t.half() if dtype == "f16" else t
            if not torch.isfinite(a).all() or (a.abs().amax(dim=1) == 0).any():
                continue
            q, stats, _ = bnb.int8_vectorwise_quant(a.clone())
            record("bitsandbytes", f"llm.int8:{dtype}", kind, (rows, cols), "codes", q.numpy())
            record("bitsandbytes", f"llm.int8:{dtype}", kind, (rows, cols), "row absmax", stats.numpy())


# ---------------------------------------------------------------- formulas without an origin package

def make_formulas():
    for kind, rows, cols in [("gaussian", 512, 1024), ("heavy", 512, 1024), ("ties", 64, 1024), ("negative", 64, 1024),
                             ("positive", 64, 1024), ("sparse", 64, 1024), ("large", 64, 1024), ("gaussian", 61, 1000)]:
        w = streams.matrix(kind, rows, cols)
        shape = (rows, cols)
        if cols % 32 == 0:
            # MXFP4 (OCP MX 1.0): shared exponent floor(log2 amax) - 2; elements to nearest even, saturating at 6;
            # byte 0 is e8m0, then nibbles: weight j low, j + 16 high. A block of zeros: byte 0 is 0.
            # (ggml breaks ties towards zero instead and writes no -0.)
            b = w.reshape(-1, 32)
            top = np.abs(b).max(axis=1)
            e = np.where(top == 0, -127, np.maximum(np.frexp(top)[1] - 1 - 2, -127))
            q = np.clip(np.ldexp(b, -e[:, None]), f32(-6), f32(6)).astype(ml_dtypes.float4_e2m1fn).view(np.uint8) & 15
            out = np.concatenate([(e + 127).astype(np.uint8)[:, None], q[:, :16] | q[:, 16:] << 4], axis=1)
            record("formula", "MXFP4", kind, shape, "blocks", out)
        amax = np.abs(w).max(axis=1, keepdims=True)
        # int8 per channel: scale = amax / 127 in f32; code = round-half-even(w / scale), clamped to +-127
        scale = (amax / f32(127)).astype(f32)
        q = np.clip(np.rint(w / scale), -127, 127).astype(np.int8)
        record("formula", "int8_channel", kind, shape, "codes", q)
        record("formula", "int8_channel", kind, shape, "scales", scale)
        record("formula", "int8_channel", kind, shape, "values", q.astype(f32) * scale)
        # fp8 e4m3 per channel: scale = amax / 448 in f32; code = e4m3fn(clamp(w / scale, +-448)), torch's conversion
        scale = (amax / f32(448)).astype(f32)
        q = torch.from_numpy(np.clip(w / scale, f32(-448), f32(448))).to(torch.float8_e4m3fn)
        record("formula", "fp8_channel", kind, shape, "codes", q.view(torch.uint8).numpy())
        record("formula", "fp8_channel", kind, shape, "scales", scale)
        record("formula", "fp8_channel", kind, shape, "values", q.float().numpy() * scale)
        if cols % 128:
            continue
        # int4, groups of 128, zero-point (llm-awq pseudo_quantize_tensor, in f32):
        #   scale = max(max - min, 1e-5) / 15; zero = clamp(-round(min / scale), 0, 15)
        #   code = clamp(round(w / scale) + zero, 0, 15); value = (code - zero) * scale
        # "scale32": codes from the f32 scale, which is then rounded to f16 for storage.
        # "scale16": the scale is rounded to f16 first, codes and zeros come from the stored scale.
        g = w.reshape(-1, 128)
        hi, lo = g.max(axis=1, keepdims=True), g.min(axis=1, keepdims=True)
        scale = (np.maximum(hi - lo, f32(1e-5)) / f32(15)).astype(f32)
        stored = scale.astype(np.float16)
        for variant, s in (("scale32", scale), ("scale16", stored.astype(f32))):
            zero = np.clip(-np.rint(lo / s), 0, 15).astype(f32)
            q = np.clip(np.rint(g / s) + zero, 0, 15).astype(np.uint8)
            name = "int4_g128:" + variant
            record("formula", name, kind, shape, "codes", q)  # one code per byte
            record("formula", name, kind, shape, "zeros", zero.astype(np.uint8))  # one per byte
            record("formula", name, kind, shape, "scales", stored)  # f16
            record("formula", name, kind, shape, "values", (q.astype(f32) - zero) * stored.astype(f32))


# ---------------------------------------------------------------- header

def write(ggml_version):
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    lines = [
        "// Written by make_formats.py; do not edit. sha256 of what the origins make of the named weight streams.",
        "// {origin, format, stream, rows, cols, what, bytes, sha256, first bytes in hex}",
        f"// gguf {gguf_version}; llama-cpp-python 0.3.36 (ggml {ggml_version}; gcc {gcc} -O2 -ffp-contract=off);",
        f"// bitsandbytes {bitsandbytes.__version__} (CPU backend); torch {torch.__version__}; numpy {np.__version__}.",
        "// bitsandbytes-cuda: the arithmetic of its CUDA kernel in numpy. formula: numpy or torch code in the script.",
    ] + ["//"] * bool(notes) + ["// " + n for n in notes]
    for o, f, k, r, c, w, n, h, head in rows_out:
        lines.append(f'{{"{o}", "{f}", "{k}", {r}, {c}, "{w}", {n}, "{h}", "{head}"}},')
    (HERE / "format_golden.inc").write_text("\n".join(lines) + "\n")


def main():
    global dump, gguf_version
    from importlib.metadata import version
    gguf_version = version("gguf")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ggml", required=True, type=pathlib.Path)
    parser.add_argument("--dump", type=pathlib.Path)
    args = parser.parse_args()
    dump = args.dump
    if dump:
        dump.mkdir(parents=True, exist_ok=True)
    cmake = (args.ggml / "CMakeLists.txt").read_text()
    ggml_version = ".".join(re.search(rf"GGML_VERSION_{p} (\d+)", cmake)[1] for p in ("MAJOR", "MINOR", "PATCH"))
    make_ggml(args.ggml)
    make_bitsandbytes()
    make_formulas()
    write(ggml_version)
    print("\n".join(notes))


if __name__ == "__main__":
    main()
