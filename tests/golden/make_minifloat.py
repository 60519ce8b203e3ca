"""Writes tests/core/minifloat_golden.hpp: what an independent implementation makes of every code, and of 3.1 million floats.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.2.1 ml_dtypes==0.5.1
    VENV/bin/python tests/golden/make_minifloat.py > tests/core/minifloat_golden.hpp

Decoding is a table of binary32 bit patterns (NaN as 7fc00000 with the code's sign). Encoding is the SHA-256 of the codes of
sweep(): every upper half of a binary32 with lower halves that put each rounding decision below, on and above its tie.
"""
import hashlib

import ml_dtypes
import numpy as np


def sweep():
    """3.1 million binary32: all 65536 upper halves x 48 lower halves, lower halves outermost."""
    tails = [(k << 13) | t for k in range(8) for t in (0x0000, 0x0001, 0x0FFF, 0x1000, 0x1001, 0x1FFF)]
    upper = np.arange(1 << 16, dtype=np.uint32) << 16
    return np.concatenate([upper | np.uint32(t) for t in tails]).view(np.float32)


def table(values):
    """f32 values as bit patterns, NaN reduced to sign and 7fc00000."""
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    nan = np.isnan(np.asarray(values, dtype=np.float32))
    return np.where(nan, (bits & 0x80000000) | 0x7FC00000, bits)


def emit(name, bits, codes):
    print(f"inline constexpr std::uint32_t {name}_values[] = {{")
    for i in range(0, len(bits), 8):
        print("    " + " ".join(f"0x{b:08x}," for b in bits[i:i + 8]))
    print("};")
    print(f'inline constexpr char {name}_sweep[] = "{hashlib.sha256(codes.tobytes()).hexdigest()}";\n')


def main():
    print("// Made by tests/golden/make_minifloat.py with numpy 2.2.1 and ml_dtypes 0.5.1.")
    print("#pragma once\n\n#include <cstdint>\n\nnamespace golden {\n")
    x = sweep()
    nan = np.isnan(x)
    sign = (x.view(np.uint32) >> 31).astype(np.uint32)

    # OCP minifloats in their saturating mode: everything beyond the largest finite value becomes it. NaN becomes the
    # format's NaN with all lower bits set, or the largest value where the format has no NaN.
    for name, dtype, bits, largest, nan_code in (
            ("e4m3", ml_dtypes.float8_e4m3fn, 8, 448.0, 0x7F), ("e5m2", ml_dtypes.float8_e5m2, 8, 57344.0, 0x7F),
            ("e3m2", ml_dtypes.float6_e3m2fn, 6, 28.0, 0x1F), ("e2m3", ml_dtypes.float6_e2m3fn, 6, 7.5, 0x1F),
            ("e2m1", ml_dtypes.float4_e2m1fn, 4, 6.0, 0x07)):
        values = np.arange(1 << bits, dtype=np.uint8).view(dtype).astype(np.float32)
        clipped = np.where(nan, np.float32(0), np.clip(x, -np.float32(largest), np.float32(largest)))
        # A zero that was rounded keeps its sign; ml_dtypes does that, a NaN replaced by 0 above is overwritten here.
        codes = clipped.astype(dtype).view(np.uint8)
        codes = np.where(nan, (sign << (bits - 1)) | nan_code, codes).astype(np.uint8)
        emit(name, table(values), codes)

    # e8m0: the exponent of the MX specification, floor(log2 |x|), clamped; not a rounding, so numpy's frexp decides.
    values = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e8m0fnu).astype(np.float32)
    _, exponent = np.frexp(np.where(nan | np.isinf(x) | (x == 0), np.float32(1), np.abs(x)).astype(np.float64))
    codes = np.clip(exponent - 1 + 127, 0, 254)
    codes = np.where(nan, 255, np.where(np.isinf(x), 254, np.where(x == 0, 0, codes))).astype(np.uint8)
    emit("e8m0", table(values), codes)

    # 16 bits: the values are hashed too; NaN is left out (its payload is the hardware's business, tested elsewhere).
    finite = x[~nan]
    with np.errstate(over="ignore"):
        for name, dtype in (("f16", np.float16), ("bf16", ml_dtypes.bfloat16)):
            values = table(np.arange(1 << 16, dtype=np.uint16).view(dtype).astype(np.float32)).astype("<u4")
            print(f'inline constexpr char {name}_values[] = "{hashlib.sha256(values.tobytes()).hexdigest()}";')
            codes = finite.astype(dtype).view(np.uint16).astype("<u2")
            print(f'inline constexpr char {name}_sweep[] = "{hashlib.sha256(codes.tobytes()).hexdigest()}";')
    print("\n} // namespace golden")


if __name__ == "__main__":
    main()
