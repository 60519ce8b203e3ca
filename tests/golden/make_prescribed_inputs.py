"""Writes tests/format/prescribed_input_golden.hpp: inputs as compressed-tensors rounds them where a checkpoint prescribes it.

    pip install torch==2.14.0 transformers==5.17.0 compressed-tensors==0.19.0
    TORCHDYNAMO_DISABLE=1 python tests/golden/make_prescribed_inputs.py > tests/format/prescribed_input_golden.hpp

4096 values of all magnitudes from 2^-40 to 2^12, three of four small, with a group of zeros, are a row; SHA-256 of what the
library's fake_quantize makes of it in float32, and the first 8 values in hex.
"""
import hashlib

import numpy as np
import torch
from compressed_tensors.quantization import QuantizationArgs
from compressed_tensors.quantization.lifecycle.forward import fake_quantize
from compressed_tensors.quantization.utils import compute_dynamic_scales_and_zp

COUNT = 4096


def row():
    i = np.arange(COUNT, dtype=np.int64)
    mixed = (i * 2654435761 + 12345) % 1048573
    values = (mixed - 524286).astype(np.float32) * np.float32(2.0**-20)
    values *= np.exp2(np.where(i % 256 < 64, i // 256, -(i // 100)).astype(np.float32)).astype(np.float32)
    values[512:768] = 0
    return torch.from_numpy(values)


def rounded(x, scale=None, zero=None, share=None, **args):
    args = QuantizationArgs(**args)
    share = None if share is None else torch.tensor([share])
    if scale is None:
        scale, zero = compute_dynamic_scales_and_zp(value=x[None], args=args, module=None, global_scale=share)
    else:
        scale, zero = torch.tensor([scale]), None if zero is None else torch.tensor([zero], dtype=torch.int8)
    return fake_quantize(x[None], scale, zero, args, share)[0]


FLOAT8 = dict(num_bits=8, type="float", symmetric=True)
FLOAT4 = dict(FLOAT8, num_bits=4)
WHOLE = dict(strategy="tensor", dynamic=False)
# name: scale, zero, group; arguments
CASES = [
    ("int8:stored", 0.0625, 0, 0, dict(scale=0.0625, num_bits=8, type="int", symmetric=True, **WHOLE)),
    ("int8:stored", 0.171875, -9, 0, dict(scale=0.171875, zero=-9, num_bits=8, type="int", symmetric=False, **WHOLE)),
    ("fp8:stored", 0.0302734375, 0, 0, dict(scale=0.0302734375, **FLOAT8, **WHOLE)),
    ("fp8:groups", 1, 0, 64, dict(strategy="group", group_size=64, dynamic=True, **FLOAT8)),
    ("nvfp4:stored", 90.5, 0, 16,
     dict(share=90.5, strategy="tensor_group", group_size=16, dynamic="local", scale_dtype=torch.float8_e4m3fn, **FLOAT4)),
    ("mxfp4", 1, 0, 32, dict(strategy="group", group_size=32, dynamic=True, scale_dtype=torch.uint8, **FLOAT4)),
    ("mxfp8", 1, 0, 32, dict(strategy="group", group_size=32, dynamic=True, scale_dtype=torch.uint8, **FLOAT8)),
]


def main():
    x = row()
    print("// Written by tests/golden/make_prescribed_inputs.py; do not edit. compressed-tensors 0.19.0, torch "
          + torch.__version__.split("+")[0] + ".")
    print("// clang-format off\n#pragma once\n\nnamespace qeval_test {\n")
    print(f'inline constexpr char const* prescribed_row = "{hashlib.sha256(x.numpy().tobytes()).hexdigest()}";')
    print("struct prescribed_case {\n    char const* name;\n    float scale, zero;\n    int group;\n    char const* sha256;\n"
          "    unsigned first[8];\n};\ninline constexpr prescribed_case prescribed_cases[] = {")
    for name, scale, zero, group, args in CASES:
        made = rounded(x, **args).float().contiguous().numpy() + np.float32(0)  # -0 is 0: no product differs
        first = ", ".join(f"0x{v:08x}u" for v in made[:8].view(np.uint32))
        print(f'    {{"{name}", {float(scale)}f, {float(zero)}f, {group}, "{hashlib.sha256(made.tobytes()).hexdigest()}",\n'
              f"     {{{first}}}}},")
    print("};\n\n} // namespace qeval_test")


if __name__ == "__main__":
    main()
