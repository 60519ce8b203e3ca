"""GPTQ checkpoints of gptqmodel: v1, v2 and the planar gptq_p, 2 to 8 bits, symmetric and not, groups in order and by activation.

    pip install torch==2.14.0 transformers==5.17.0 safetensors==0.8.0 numpy==2.4.6 accelerate==1.15.0 gptqmodel==7.7.0
    (in an environment outside this repository, and with these scripts copied to a folder of their own: packages are imported from theirs)
    GPTQMODEL_CPU_WORKERS=2 python tests/golden/quantized/make_gptq.py FOLDER [VARIANT...]

The grids are those of gptqmodel's quantizer, the codes are rounded to nearest (without a Hessian), and its own module packs them and
tells the values. `desc_act` gives each column a group of its own, drawn here as an order of activations would. Only v1 stores the zero
point minus one, and gptqmodel subtracts whole words: a zero point of 0 borrows from its neighbour, and adding whole words restores it.
"""
import copy
import os
import sys

os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")
os.environ["TORCHDYNAMO_DISABLE"] = "1"
import numpy as np
import torch
from gptqmodel import QuantizeConfig
from gptqmodel.nn_modules.qlinear.torch import TorchLinear
from gptqmodel.quantization import FORMAT
from gptqmodel.quantization.quantizer import Quantizer
from gptqmodel.utils.model import convert_gptq_v1_to_v2_format_module, convert_gptq_v2_to_v1_format_module

import tiny_models as tiny

MADE = f"gptqmodel 7.7.0, torch {torch.__version__.split('+')[0]}"
# name: model, format, bits, group, symmetric, by activation, type of what is not quantized
VARIANTS = {
    "v1-4-128": (tiny.WIDE, FORMAT.GPTQ, 4, 128, True, False, "float16"),
    "v1-4-32-asym": (tiny.UNTIED, FORMAT.GPTQ, 4, 32, False, False, "float16"),
    "v1-4-64-act": (tiny.LLAMA, FORMAT.GPTQ, 4, 64, True, True, "float16"),
    "v1-4-32-act-asym-bf16": (tiny.LLAMA, FORMAT.GPTQ, 4, 32, False, True, "bfloat16"),
    "v1-4-row": (tiny.LLAMA, FORMAT.GPTQ, 4, -1, True, False, "float16"),
    "v1-4-row-act": (tiny.LLAMA, FORMAT.GPTQ, 4, -1, True, True, "float16"),
    "v1-2-32-asym": (tiny.LLAMA, FORMAT.GPTQ, 2, 32, False, False, "float16"),
    "v1-3-32-asym": (tiny.LLAMA, FORMAT.GPTQ, 3, 32, False, False, "float16"),
    "v1-3-64-act": (tiny.LLAMA, FORMAT.GPTQ, 3, 64, True, True, "float16"),
    "v1-8-64-asym": (tiny.SHORT, FORMAT.GPTQ, 8, 64, False, False, "float16"),
    "v1-4-64-biases": (tiny.BIASED, FORMAT.GPTQ, 4, 64, True, False, "float16"),
    "v1-4-32-mixtral": (tiny.MIXTRAL, FORMAT.GPTQ, 4, 32, True, False, "bfloat16"),
    "v2-4-64": (tiny.LLAMA, FORMAT.GPTQ_V2, 4, 64, True, False, "float16"),
    "v2-4-32-act-asym": (tiny.LLAMA, FORMAT.GPTQ_V2, 4, 32, False, True, "float16"),
    "v2-2-64": (tiny.LLAMA, FORMAT.GPTQ_V2, 2, 64, True, False, "float16"),
    "v2-3-32-asym": (tiny.LLAMA, FORMAT.GPTQ_V2, 3, 32, False, False, "float16"),
    "v2-8-row": (tiny.SHORT, FORMAT.GPTQ_V2, 8, -1, True, False, "float16"),
    # Products of codes and scales in 32 bits, which the scales of 16 bits do not need.
    "v1-4-64-f32": (tiny.SHORT, FORMAT.GPTQ, 4, 64, True, False, "float32"),
    "v1-4-32-act-asym-f32": (tiny.SHORT, FORMAT.GPTQ, 4, 32, False, True, "float32"),
    "v2-3-32-asym-f32": (tiny.SHORT, FORMAT.GPTQ_V2, 3, 32, False, False, "float32"),
    "v2-8-row-f32": (tiny.SHORT, FORMAT.GPTQ_V2, 8, -1, True, False, "float32"),
    # Some zero points are 0.
    "v1-2-32-zeros": (tiny.SHORT, FORMAT.GPTQ, 2, 32, False, False, "float16"),
    "v1-4-32-zeros": (tiny.SHORT, FORMAT.GPTQ, 4, 32, False, False, "float16"),
    "v1-8-64-zeros": (tiny.SHORT, FORMAT.GPTQ, 8, 64, False, False, "float16"),
    "planar-3-32": (tiny.LLAMA, FORMAT.GPTQ_P, 3, 32, False, False, "float16"),
    "planar-6-64": (tiny.SHORT, FORMAT.GPTQ_P, 6, 64, False, False, "float16"),
}
MIXED = {r"-:.*k_proj": {}, r"+:.*down_proj": {"bits": 8, "group_size": 32}, r"+:.*o_proj": {"sym": False}}


def groups_of(name, width, group, by_activation):
    group = width if group == -1 else group
    order = np.arange(width)
    if by_activation:
        order = np.random.Generator(np.random.PCG64(len(name) + width)).permutation(width)
    return torch.from_numpy(np.argsort(order) // group).to(torch.int32), width // group


def grids(weight, g_idx, count, settings):
    """gptqmodel's range of each row of each group: scales and zeros [out, groups]."""
    scales, zeros = [], []
    for g in range(count):
        quantizer = Quantizer(settings)
        quantizer.configure(perchannel=True)
        quantizer.find_params(weight[:, g_idx == g], weight=True)
        scales.append(quantizer.scale.reshape(-1, 1))
        zeros.append(quantizer.zero.reshape(-1, 1))
    return torch.cat(scales, 1).half().float(), torch.cat(zeros, 1)


def main(folder, names):
    torch.set_num_threads(1)
    mixed = {"v1-dynamic": (tiny.UNTIED, FORMAT.GPTQ, 4, 64, True, False, "float16")}
    for variant, (config, form, bits, group, sym, act, dtype) in {**VARIANTS, **mixed}.items():
        if names and variant not in names:
            continue
        dynamic = MIXED if variant in mixed else None
        settings = QuantizeConfig(bits=bits, group_size=group, sym=sym, desc_act=act, format=form, dynamic=dynamic,
                                  act_group_aware=False, offload_to_disk=False)
        drawn, stored, matrices = tiny.draw(config), {}, {}
        other = getattr(torch, dtype)
        for name in tiny.quantized_names(drawn):
            part, weight = name.removesuffix(".weight"), drawn[name]
            if (dynamic and settings.dynamic_get(part) is False) or part.endswith(".gate"):
                continue
            own = settings if dynamic is None else QuantizeConfig(
                bits=settings.dynamic_get(part, "bits", bits), group_size=settings.dynamic_get(part, "group_size", group),
                sym=settings.dynamic_get(part, "sym", sym), desc_act=act, format=form, act_group_aware=False, offload_to_disk=False)
            g_idx, count = groups_of(part, weight.shape[1], own.group_size, act)
            scales, zeros = grids(weight, g_idx, count, own)
            if variant.endswith("zeros"):
                zeros[::5, 0] = 0
            linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=f"{part}.bias" in drawn)
            linear.weight.data = weight
            if linear.bias is not None:
                linear.bias.data = drawn[f"{part}.bias"]
            packed = TorchLinear(bits=own.bits, group_size=own.group_size, sym=own.sym, desc_act=act, in_features=weight.shape[1],
                                 out_features=weight.shape[0], bias=linear.bias is not None, format=form)
            packed.pack_original(linear, scales, zeros, g_idx)
            packed.eval()
            if dtype == "float32":
                packed.scales = packed.scales.float()
            values = packed.dequantize_weight().t().contiguous()
            assert values.dtype == (torch.float32 if dtype == "float32" else torch.float16)
            assert variant.endswith("zeros") or (values - weight).abs().max() < scales.max() * 0.6, part
            packed.scales = packed.scales.half()
            matrices[name] = values
            v2_zeros = packed.qzeros.clone()
            if form == FORMAT.GPTQ:
                convert_gptq_v2_to_v1_format_module(packed, own)
                again = copy.deepcopy(packed)  # what it makes of a file is what it had
                convert_gptq_v1_to_v2_format_module(again, own.bits, torch.int32)
                assert torch.equal(again.qzeros, v2_zeros), part
            stored.update({f"{part}.{k}": v for k, v in packed.state_dict().items() if not k.startswith("wf_")})
        rest = {k: v.to(other) for k, v in drawn.items() if k not in matrices}
        stored.update({k: v for k, v in rest.items() if k not in stored})
        said = {k: v for k, v in settings.to_dict().items() if k != "meta"}
        written = dict(config, torch_dtype=dtype, quantization_config=dict(said, meta={"quantizer": ["gptqmodel:7.7.0"]}))
        tiny.record(f"{folder}/{variant}", MADE, written, stored, rest, matrices, moves=1.1 if variant.endswith("zeros") else 0.7)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
