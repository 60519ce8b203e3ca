#!/usr/bin/env python3
"""Writes family_golden.inc (and llm_int8_golden.hpp): sha256 of what origins and published formulas make of the named weight streams, for every
family of formats that is not ggml's: bitsandbytes' code books at all block sizes, LLM.int8, integers, fp8, OCP MX, ternary.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt && VENV/bin/pip install --no-deps torchao==0.13.0
    VENV/bin/python make_families.py

Formats carry the names that qeval's command line knows them by. `codes` are one byte a weight, whatever the packing.
"""
import hashlib
import pathlib
import warnings

import bitsandbytes
import bitsandbytes.functional as bnb
import ml_dtypes
import numpy as np
import torch

import weight_streams as streams

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
f32, f64 = np.float32, np.float64
AWKWARD = ("sparse", "constant", "zeros", "zero_runs", "uneven", "negative", "positive", "ties", "coarse", "subnormal",
           "vanishing", "large")
# 5.0 million weights for the first member of a family, half a million for its sisters; the odd shape has groups that end
# early, and bitsandbytes blocks that straddle rows. A sister gets one hash for all streams, called "part".
FULL = [("gaussian", 2048, 1024), ("heavy", 1024, 1024), ("gaussian", 1049, 1001)] + [(k, 64, 1024) for k in AWKWARD]
PART = [("gaussian", 128, 1024), ("heavy", 128, 1024), ("gaussian", 61, 1001)] + [(k, 16, 1024) for k in AWKWARD]
lines, notes, parts = [], [], {}
cache = {}


def weights(stream):
    if stream not in cache:
        cache[stream] = streams.matrix(*stream)
    return cache[stream].copy()


def record(origin, name, stream, what, array, head=16, alone=False):
    data = np.ascontiguousarray(array).tobytes()
    if stream in PART and not alone:
        data = parts.get((origin, name, what), b"") + data
        parts[origin, name, what] = data
        return
    write(origin, name, stream, what, data, head)


def write(origin, name, stream, what, data, head):
    kind, rows, cols = stream
    lines.append(f'{{"{origin}", "{name}", "{kind}", {rows}, {cols}, "{what}", {len(data)}, '
                 f'"{hashlib.sha256(data).hexdigest()}", "{data[:head].hex()}"}},')


# ---------------------------------------------------------------- bitsandbytes

def pack_nibbles(codes):
    codes = np.append(codes, np.zeros(codes.size % 2, np.uint8))
    return (codes[0::2] << 4) | codes[1::2]


def make_code_books():
    torch.set_num_threads(1)
    af4 = bnb.get_4bit_type("af4", device="cpu").numpy()
    record("bitsandbytes", "af4", ("-", 1, 16), "code map", af4, 64)
    order = np.argsort(af4)
    midpoints = (af4[order][:-1] + af4[order][1:]) / f32(2)
    quantize_8bit = torch.ops.bitsandbytes.quantize_blockwise.default
    for kind in ("nf4", "fp4", "af4"):
        for block in (64, 32, 128, 256, 512, 1024, 2048, 4096):
            for stream in FULL if block == 64 else PART:
                w = torch.from_numpy(weights(stream))
                name = kind + (f":{block}" if block != 64 else "")
                if kind == "af4":  # the package has the table, and no kernel: nearest level, the lower one on a midpoint
                    flat = w.numpy().reshape(-1)
                    blocks = np.append(flat, np.zeros(-flat.size % block, f32)).reshape(-1, block)
                    absmax = np.abs(blocks).max(axis=1)
                    x = (blocks * (f32(1) / np.maximum(absmax, f32(1e-38)))[:, None]).reshape(-1)[: flat.size]
                    codes = pack_nibbles(order.astype(np.uint8)[np.searchsorted(midpoints, x, side="left")])
                    if flat.size % 2:  # the padding is a weight of 0.0, whose code is 8
                        codes[-1] |= 8
                else:
                    packed, state = bnb.quantize_4bit(w, blocksize=block, quant_type=kind)
                    codes, absmax = packed.numpy().reshape(-1), state.absmax.numpy()
                record("bitsandbytes", name, stream, "packed", codes)
                record("bitsandbytes", name, stream, "scales", absmax)
                # double quantization, as quantize_4bit does it: offset = mean, then the 8-bit dynamic map in blocks of 256
                alone = [("gaussian", 128, 1024), ("gaussian", 61, 1001), ("coarse", 16, 1024)]
                if block != 64 and stream not in alone:
                    continue
                stat = torch.from_numpy(absmax)
                offset = stat.mean()
                name = name + ":dq" if block == 64 else f"{kind}:{block}:dq"
                if offset.item() != absmax.astype(f64).mean().astype(f32):  # torch's sum depends on its order
                    notes.append(f"{name} {' '.join(map(str, stream))}: the mean of torch is another in the last bit")
                    continue
                codes8, nested = quantize_8bit._op_dk(torch._C.DispatchKey.CompositeExplicitAutograd, stat - offset,
                                                      bnb.create_dynamic_map(), 256)
                record("bitsandbytes", name, stream, "absmax", codes8.numpy(), alone=True)
                record("bitsandbytes", name, stream, "nested_absmax", nested.numpy(), alone=True)
                record("bitsandbytes", name, stream, "nested_offset", offset.numpy().reshape(1), 4, alone=True)


def make_llm_int8():
    for stream in FULL:
        w = torch.from_numpy(weights(stream)).half()  # as Int8Params casts
        if not torch.isfinite(w).all() or (w.abs().amax(dim=1) == 0).any():
            continue  # NaN to int8
        q, stats, _ = bnb.int8_vectorwise_quant(w.clone())
        record("bitsandbytes", "int8", stream, "codes", q.numpy())
        record("bitsandbytes", "int8", stream, "scales", stats.numpy())


def make_llm_int8_products():
    """y = x W^T by the package's own matmul, threshold 6, CPU backend: a batch of 4 rows, and every row alone."""
    w = torch.from_numpy(streams.matrix("gaussian", 16, 1024)).half()
    x = torch.from_numpy(streams.matrix("heavy", 4, 1024) * f32(8)).half()
    cb, scb, _ = bnb.int8_vectorwise_quant(w.clone())
    def product(a):
        ca, sca, outliers = bnb.int8_vectorwise_quant(a.clone(), threshold=6.0)
        return torch.ops.bitsandbytes.int8_mixed_scaled_mm(a, ca, cb, sca, scb, outliers, None)[0].float().numpy().reshape(-1)
    count = [int((x[i].abs() >= 6).sum()) for i in range(4)]
    batch, alone = product(x), np.concatenate([product(x[i:i + 1]) for i in range(4)])
    text = lambda a: ",\n    ".join(", ".join(f"{v:.7g}f" for v in row) for row in a.reshape(-1, 8))
    (HERE / "llm_int8_golden.hpp").write_text(
        f"// Written by make_families.py; do not edit. bitsandbytes {bitsandbytes.__version__} int8_mixed_scaled_mm (CPU backend) of\n"
        f"// 8 * heavy [4, 1024] ({count} outliers a row) and gaussian [16, 1024], both cast to f16; y [4, 16] in f16.\n#pragma once\n\n"
        f"inline constexpr float llm_int8_batch[64] = {{\n    {text(batch)}}};\ninline constexpr float llm_int8_alone[64] = {{\n    {text(alone)}}};\n")


# ---------------------------------------------------------------- groups of a matrix

def groups(w, shape):
    """(slice of rows, slice of columns) of every group in row order: "g128", "channel", "tensor" or "128x128"."""
    rows, cols = w.shape
    height, width = {"channel": (1, cols), "tensor": (rows, cols)}.get(shape) or (
        (1, int(shape[1:])) if shape[0] == "g" else map(int, shape.split("x")))
    return [(slice(r, min(r + height, rows)), slice(c, min(c + width, cols)))
            for r in range(0, rows, height) for c in range(0, cols, width)]


def by_groups(w, shape, fit):
    """fit(values) -> codes, then parameters, for every group; the matrix of codes and one array for each parameter."""
    codes, parameters = np.zeros(w.shape, np.uint8), []
    rows, cols = w.shape
    if shape[0] == "g" and cols % int(shape[1:]) == 0 or shape == "channel":  # all groups at once
        q, *p = fit(w.reshape(-1, cols if shape == "channel" else int(shape[1:])))
        return q.reshape(w.shape), *[x.reshape(-1) for x in p]
    for r, c in groups(w, shape):
        q, *p = fit(w[r, c].reshape(1, -1))
        codes[r, c] = q.reshape(codes[r, c].shape)
        parameters.append([x.reshape(-1)[0] for x in p])
    return codes, *[np.array(x) for x in zip(*parameters)]


# ---------------------------------------------------------------- integers

def awq(bits):
    """llm-awq and AutoAWQ, pseudo_quantize_tensor with zero_point=True."""
    def fit(g):
        hi, lo = g.max(axis=1, keepdims=True), g.min(axis=1, keepdims=True)
        top = f32(2 ** bits - 1)
        scale = np.maximum(hi - lo, f32(1e-5)) / top
        zero = np.clip(-np.rint(lo / scale), 0, top)
        return np.clip(np.rint(g / scale) + zero, 0, top).astype(np.uint8), scale, zero.astype(np.uint8)
    return fit


def awq_symmetric(bits):
    """... with zero_point=False; codes with the offset 2^(b-1)."""
    def fit(g):
        top = np.maximum(np.abs(g).max(axis=1, keepdims=True), f32(1e-5))
        scale = top / f32(2 ** (bits - 1) - 1)
        return (np.clip(np.rint(g / scale), -2 ** (bits - 1), 2 ** (bits - 1) - 1) + 2 ** (bits - 1)).astype(np.uint8), scale
    return fit


def compressed_tensors(bits):
    """calculate_qparams of compressed-tensors, symmetric: scale = max|w| / ((qmax - qmin) / 2); offset 2^(b-1)."""
    def fit(g):
        scale = np.abs(g).max(axis=1, keepdims=True) * f32(2) / f32(2 ** bits - 1)
        q = np.rint(np.divide(g, scale, out=np.zeros_like(g), where=scale != 0))
        return (np.clip(q, -2 ** (bits - 1), 2 ** (bits - 1) - 1) + 2 ** (bits - 1)).astype(np.uint8), scale
    return fit


def gptq(bits, symmetric):
    """Quantizer.find_params and quantize of GPTQ's quant.py, in torch, perchannel=True, no mse."""
    def fit(g):
        x, maxq = torch.from_numpy(np.ascontiguousarray(g)), 2 ** bits - 1
        tmp = torch.zeros(x.shape[0])
        xmin, xmax = torch.minimum(x.min(1)[0], tmp), torch.maximum(x.max(1)[0], tmp)
        if symmetric:
            xmax = torch.maximum(torch.abs(xmin), xmax)
            xmin[xmin < 0] = -xmax[xmin < 0]
        tmp = (xmin == 0) & (xmax == 0)
        xmin[tmp], xmax[tmp] = -1, +1
        scale = (xmax - xmin) / maxq
        zero = torch.full_like(scale, (maxq + 1) / 2) if symmetric else torch.round(-xmin / scale)
        q = torch.clamp(torch.round(x / scale[:, None]) + zero[:, None], 0, maxq)
        return q.numpy().astype(np.uint8), scale.numpy()[:, None], zero.numpy().astype(np.uint8)[:, None]
    return fit


def int8(g):
    scale = np.abs(g).max(axis=1, keepdims=True) / f32(127)
    q = np.rint(np.divide(g, scale, out=np.zeros_like(g), where=scale != 0))
    return np.clip(q, -127, 127).astype(np.int8).view(np.uint8), scale


def ternary(g):
    """BitNet b1.58 weight_quant, a scale for each group; the mean in double."""
    scale = np.abs(g).astype(f64).mean(axis=1, keepdims=True).astype(f32)
    inverse = f32(1) / np.maximum(scale, f32(1e-5))
    return (np.clip(np.rint(g * inverse), -1, 1) + 1).astype(np.uint8), scale


def make_integers():
    def both(name, shape, stream, fit, scale_type=np.float16, alone=False):
        codes, scale, *zero = by_groups(weights(stream), shape, fit)
        with np.errstate(over="ignore"):
            record("formula", name, stream, "codes", codes, alone=alone)
            record("formula", name, stream, "scales", scale.astype(scale_type), alone=alone)
            if zero:
                record("formula", name, stream, "zeros", zero[0], alone=alone)
    for bits in (4, 2, 3, 5, 6):
        for shape in ("g128", "g32", "channel", "tensor"):
            suffix = "" if shape == "g128" else ":" + shape
            for stream in FULL if (bits, shape) == (4, "g128") else PART:
                both(f"int{bits}" + suffix, shape, stream, awq(bits))
                both(f"int{bits}:sym" + suffix, shape, stream, compressed_tensors(bits))
    for shape in ("channel", "tensor", "g128"):
        suffix = "" if shape == "channel" else ":" + shape
        for stream in FULL if shape == "channel" else PART:
            both("int8:sym" + suffix, shape, stream, int8, f32)
            both("int8:asym" + suffix, shape, stream, awq(8), f32)
    for shape in ("channel", "tensor", "g128"):
        for stream in FULL if shape == "channel" else PART:
            both("ternary" + ("" if shape == "channel" else ":" + shape), shape, stream, ternary)
    # fits by themselves, on groups of 128 with f32 scales: what calibration methods start from
    for bits in (4, 3, 8):
        for name, fit in ((f"gptq{bits}", gptq(bits, False)), (f"gptq{bits}:sym", gptq(bits, True)), (f"awq{bits}:sym", awq_symmetric(bits))):
            for stream in [s for s in (FULL if bits == 4 else PART[:2]) if s[2] % 128 == 0]:
                w = weights(stream)
                if name.endswith(":sym"):
                    g = w.reshape(-1, 128)
                    if name.startswith("gptq") and (g.min(axis=1) >= 0).any():
                        continue  # GPTQ clips groups without a negative weight at half their range; we do not
                    if name.startswith("awq") and (np.abs(g).max(axis=1) < 1e-5).any():
                        continue  # AWQ's floor of 1e-5
                both(name, "g128", stream, fit, f32, alone=True)


# ---------------------------------------------------------------- small floats

def make_fp8():
    for name, dtype, other, top in (("fp8_e4m3", torch.float8_e4m3fn, ml_dtypes.float8_e4m3fn, 448),
                                    ("fp8_e5m2", torch.float8_e5m2, ml_dtypes.float8_e5m2, 57344)):
        def fit(g):
            scale = np.abs(g).max(axis=1, keepdims=True) / f32(top)
            x = np.clip(np.divide(g, scale, out=np.zeros_like(g), where=scale != 0), f32(-top), f32(top))
            q = torch.from_numpy(x).to(dtype).view(torch.uint8).numpy()
            assert np.array_equal(q, x.astype(other).view(np.uint8))
            return q, scale
        for shape in ("channel", "tensor", "128x128"):
            for stream in FULL if shape == "channel" else PART:
                codes, scale = by_groups(weights(stream), shape, fit)
                full = name + ("" if shape == "channel" else ":" + shape)
                record("torch", full, stream, "codes", codes)
                record("torch", full, stream, "scales", scale.astype(f32))


def make_mx():
    """Rule of OCP MX 1.0: X = 2^(floor(log2 max|w|) - emax), elements to nearest even, saturating. Element codes from
    ml_dtypes; torchao's to_mx must agree where it keeps the scale (it has none below 2^-126)."""
    from torchao.prototype.mx_formats.mx_tensor import to_mx
    from torchao.prototype.mx_formats import constants
    kinds = {  # name -> emax, largest element, ml_dtypes type, torchao's name
        "MXFP4": (2, 6, ml_dtypes.float4_e2m1fn, torch.float4_e2m1fn_x2),
        "MXFP6_E2M3": (2, 7.5, ml_dtypes.float6_e2m3fn, constants.DTYPE_FP6_E2M3),
        "MXFP6_E3M2": (4, 28, ml_dtypes.float6_e3m2fn, constants.DTYPE_FP6_E3M2),
        "MXFP8_E4M3": (8, 448, ml_dtypes.float8_e4m3fn, torch.float8_e4m3fn),
        "MXFP8_E5M2": (15, 57344, ml_dtypes.float8_e5m2, torch.float8_e5m2),
        "MXINT8": (0, 127 / 64, None, None),
    }
    for name, (emax, top, dtype, theirs) in kinds.items():
        compared = 0
        for stream in [s for s in FULL if s[2] % 32 == 0]:
            b = weights(stream).reshape(-1, 32)
            largest = np.abs(b).max(axis=1)
            e = np.where(largest == 0, -127, np.maximum(np.frexp(largest)[1] - 1 - emax, -127))
            x = np.clip(np.ldexp(b, -e[:, None]), f32(-top), f32(top))
            if dtype is None:
                q = np.rint(x * f32(64)).astype(np.int8).view(np.uint8)
            else:
                q = x.astype(dtype).view(np.uint8)
            if theirs is not None and name != "MXFP4" and (e > -126).all():
                scale, data = to_mx(torch.from_numpy(b), theirs, 32, pack_fp6=False)
                data = data.view(torch.uint8).numpy().reshape(q.shape)
                assert np.array_equal(scale.view(torch.uint8).numpy().reshape(-1), (e + 127).astype(np.uint8)), name
                assert np.array_equal(data, q), (name, stream)
                compared += q.size
            record("OCP", name, stream, "codes", q)
            record("OCP", name, stream, "scales", (e + 127).astype(np.uint8))
        notes.append(f"{name}: torchao agrees on {compared} weights")


def main():
    make_code_books()
    make_llm_int8()
    make_llm_int8_products()
    make_integers()
    make_fp8()
    make_mx()
    for (origin, name, what), data in parts.items():
        write(origin, name, ("part", 0, 0), what, data, 16)
    import torchao
    head = ["// Written by make_families.py; do not edit. sha256 of what the origins make of the named weight streams.",
            "// {origin, format, stream, rows, cols, what, bytes, sha256, first bytes in hex}",
            f"// bitsandbytes {bitsandbytes.__version__} (CPU backend); torch {torch.__version__}; torchao {torchao.__version__}; "
            f"ml_dtypes {ml_dtypes.__version__}; numpy {np.__version__}."]
    (HERE / "family_golden.inc").write_text("\n".join(head + ["// " + n for n in notes] + lines) + "\n")
    print("\n".join(notes))


if __name__ == "__main__":
    main()
