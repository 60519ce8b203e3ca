"""AutoAWQ's checkpoints: gemm, and gemv and gemv_fast, which name themselves in `version`.

    pip install torch==2.9.1 transformers==4.51.3 safetensors==0.8.0 "numpy<2.4" datasets==2.21.0 zstandard accelerate==1.15.0
    pip install --no-deps --no-build-isolation autoawq==0.2.9
    python tests/golden/quantized/make_awq.py FOLDER [VARIANT...]     (in an environment outside this repository)

The codes are AutoAWQ's rounding without its search for scales, packed by its own modules; the configuration is what AwqConfig writes.
AutoAWQ reads a group of -1 as a whole row but fails to write it (it divides an index by it): here the length of the row is passed.
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
from awq.models._config import AwqConfig
from awq.modules.linear import WQLinear_GEMM, WQLinear_GEMV, WQLinear_GEMVFast
from awq.quantize.quantizer import AwqQuantizer
from awq.utils.packing_utils import dequantize_gemm

import tiny_models as tiny

MADE = f"autoawq 0.2.9, torch {torch.__version__.split('+')[0]}"
KINDS = {"gemm": WQLinear_GEMM, "gemv": WQLinear_GEMV, "gemv_fast": WQLinear_GEMVFast}
# name: model, version, group, what is left alone
VARIANTS = {
    "gemm-32": (tiny.LLAMA, "gemm", 32, None),
    "gemm-64-untied": (tiny.UNTIED, "gemm", 64, None),
    "gemm-128": (tiny.WIDE, "gemm", 128, None),
    "gemm-row": (tiny.LLAMA, "gemm", -1, None),
    "gemm-biases": (tiny.BIASED, "gemm", 64, None),
    "gemm-mixtral-skip": (tiny.MIXTRAL, "gemm", 32, ["gate", "o_proj"]),
    "gemv-32": (tiny.LLAMA, "gemv", 32, None),
    "gemv-64": (tiny.LLAMA, "gemv", 64, None),
    "gemv-128": (tiny.WIDE, "gemv", 128, None),
    # Products of codes and scales in 32 bits, which the scales of 16 bits do not need.
    "gemm-32-f32": (tiny.SHORT, "gemm", 32, None),
    "gemv-64-f32": (tiny.SHORT, "gemv", 64, None),
    "gemv_fast-64": (tiny.LLAMA, "gemv_fast", 64, None),
}


def rounded(weight, group):
    """AutoAWQ's pseudo_quantize_tensor of the half weight: values, scales [out, in / group], zeros."""
    class Settings:
        group_size, zero_point, w_bit = group, True, 4
    return AwqQuantizer.pseudo_quantize_tensor(Settings, weight.half())


def main(folder, names):
    torch.set_num_threads(1)
    for variant, (config, version, group, skipped) in VARIANTS.items():
        if names and variant not in names:
            continue
        drawn, stored, matrices = tiny.draw(config), {}, {}
        for name in tiny.quantized_names(drawn):
            part = name.removesuffix(".weight")
            if skipped and any(f".{s}" in f".{part}" for s in skipped):
                continue
            weight = drawn[name]
            values, scales, zeros = rounded(weight, group)
            linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=f"{part}.bias" in drawn).half()
            linear.weight.data = values
            if linear.bias is not None:
                linear.bias.data = drawn[f"{part}.bias"].half()
            if version == "gemm":  # as AwqQuantizer hands them over
                scales, zeros = scales.t().contiguous(), zeros.t().contiguous()
            packed = KINDS[version].from_linear(linear, 4, group if group > 0 else weight.shape[1], False, scales, zeros)
            stored.update({f"{part}.{k}": v for k, v in packed.state_dict().items()})
            by = packed.scales.float() if variant.endswith("f32") else packed.scales
            if version == "gemm":
                matrices[name] = dequantize_gemm(packed.qweight, packed.qzeros, by, 4, packed.group_size).t()
            elif version == "gemv":  # its only code is for CUDA: each nibble in its place
                shifts, wide = torch.arange(0, 32, 4), weight.shape[1] // packed.group_size
                codes = ((packed.qweight[:, :, None] >> shifts) & 15).flatten(1)
                z = ((packed.qzeros[:, :, None] >> shifts) & 15).flatten(1)[:, :wide].repeat_interleave(packed.group_size, 1)
                matrices[name] = (codes - z) * by[:, :wide].repeat_interleave(packed.group_size, 1)
            if version != "gemv_fast":
                assert torch.equal(matrices[name], values) or (matrices[name] - values).abs().max() <= 2e-3, part
        other = torch.float32 if variant.endswith("f32") else torch.float16
        rest = {k: v.to(other) for k, v in drawn.items() if k not in matrices}
        stored.update({k: v for k, v in rest.items() if not k.removesuffix(".weight") + ".qweight" in stored})
        settings = AwqConfig(version=version, q_group_size=group, modules_to_not_convert=skipped).to_transformers_dict()
        written = dict(config, torch_dtype=str(other).removeprefix("torch."), quantization_config=settings)
        refused = "gemv_fast" if version == "gemv_fast" else None
        tiny.record(f"{folder}/{variant}", MADE, written, stored, rest, matrices, refused=refused)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
