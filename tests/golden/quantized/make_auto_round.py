"""AutoRound checkpoints: the layouts of GPTQ and AWQ under its own quant_method, and modules with other numbers.

    pip install torch==2.14.0 transformers==5.17.0 safetensors==0.8.0 numpy==2.4.6 accelerate==1.15.0 auto-round==0.9.2
    python tests/golden/quantized/make_auto_round.py FOLDER [VARIANT...]    (in an environment outside this repository)

Scales, zero points and codes are those of auto-round's quantizers without tuning; its pack_layer makes the tensors, and its own modules
tell the values (what they multiply an input with).
"""
import os
import sys

os.environ["TORCHDYNAMO_DISABLE"] = "1"
import torch
from auto_round.data_type.int import quant_tensor_asym, quant_tensor_sym
from auto_round.export.export_to_autoround.export import pack_layer
from auto_round.export.export_to_awq.utils import dequantize_gemm

import tiny_models as tiny

MADE = f"auto-round 0.9.2, torch {torch.__version__.split('+')[0]}"
# name: model, packing format, bits, group, symmetric, modules with other numbers
VARIANTS = {
    "gptq-4-64": (tiny.LLAMA, "auto_round:auto_gptq", 4, 64, True, {}),
    "gptq-2-32-asym": (tiny.LLAMA, "auto_round:auto_gptq", 2, 32, False, {}),
    "gptq-3-32": (tiny.SHORT, "auto_round:auto_gptq", 3, 32, True, {}),
    "own-4-32-asym": (tiny.BIASED, "auto_round", 4, 32, False, {}),
    "gptqmodel-8-row-asym": (tiny.SHORT, "auto_round:gptqmodel", 8, -1, False, {}),
    "awq-4-32-asym": (tiny.LLAMA, "auto_round:auto_awq", 4, 32, False, {}),
    "gptq-4-64-mixed": (tiny.UNTIED, "auto_round:auto_gptq", 4, 64, True,
                        {"model.layers.0.self_attn.k_proj": {"bits": 16}, ".*down_proj.*": {"bits": 8, "group_size": 32, "sym": False}}),
    "nvfp4-refused": (tiny.SHORT, "auto_round:llm_compressor", 4, 16, True, {}),
}


def numbers_of(part, settings, others):
    for name, rule in others.items():
        if name == part or (".*" in name and name.replace(".*", "") in part):
            settings = dict(settings, **rule)
    return settings


def multiplied_by(module, width):
    """What a module of auto-round multiplies its input with, [in, out]."""
    found, matmul = [], torch.matmul
    torch.matmul = lambda x, w: found.append(w) or matmul(x, w)
    module(torch.ones(1, width, dtype=torch.float16))
    torch.matmul = matmul
    return found[-1]


def main(folder, names):
    torch.set_num_threads(1)
    for variant, (config, layout, bits, group, sym, others) in VARIANTS.items():
        if names and variant not in names:
            continue
        drawn, stored, matrices = tiny.draw(config), {}, {}
        settings = {"bits": bits, "group_size": group, "sym": sym}
        for name in tiny.quantized_names(drawn) if "refused" not in variant else []:
            part = name.removesuffix(".weight")
            own = numbers_of(part, settings, others)
            if own["bits"] == 16:
                continue
            weight = drawn[name]
            linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=f"{part}.bias" in drawn)
            if linear.bias is not None:
                linear.bias.data = drawn[f"{part}.bias"].clone()
            rounded, scale, zero = (quant_tensor_sym if own["sym"] else quant_tensor_asym)(weight, own["bits"], own["group_size"])
            linear.weight.data = rounded  # as auto-round leaves them
            linear.scale = scale.reshape(weight.shape[0], -1)
            linear.zp = zero.reshape(weight.shape[0], -1) if isinstance(zero, torch.Tensor) else zero
            for key, value in {**own, "act_bits": 16}.items():
                setattr(linear, key, value)
            holder = torch.nn.Module()
            holder.linear = linear
            pack_layer("linear", holder, layout)
            packed = holder.linear
            tensors = {k: v for k, v in packed.state_dict().items() if k in ("qweight", "qzeros", "scales", "bias")}
            if "awq" in layout:
                values = dequantize_gemm(tensors["qweight"], tensors["qzeros"], tensors["scales"], 4, own["group_size"]).t()
            else:
                packed.bias = None
                values = multiplied_by(packed, weight.shape[1]).t()
            matrices[name] = values.contiguous()
            assert values.dtype == torch.float16 and (values - weight).abs().max() < scale.abs().max() * 1.01, part
            stored.update({f"{part}.{k}": v for k, v in tensors.items()})
        rest = {k: v.half() for k, v in drawn.items() if k not in matrices}
        stored.update({k: v for k, v in rest.items() if k not in stored})
        said = dict(settings, data_type="int", autoround_version="0.9.2", quant_method="auto-round", packing_format=layout,
                    block_name_to_quantize="model.layers")
        if others:
            said["extra_config"] = others
        if "refused" in variant:
            said.update(data_type="nv_fp", act_bits=4)
        tiny.record(f"{folder}/{variant}", MADE, dict(config, torch_dtype="float16", quantization_config=said), stored, rest, matrices,
                    refused="nv_fp" if "refused" in variant else None, moves=0.75)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
