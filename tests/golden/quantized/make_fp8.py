"""FP8 in blocks, as DeepSeek-V3 is published (`quant_method: fp8`); transformers tells the values.

    pip install torch==2.14.0 transformers==5.17.0 safetensors==0.8.0 numpy==2.4.6    (without a GPU)
    python tests/golden/quantized/make_fp8.py FOLDER    (in an environment outside this repository)

Codes are rounded to nearest here under the scale of a block's largest value: transformers quantizes on GPUs only. Its Fp8Dequantize makes
the values; `source_logits` are of its model in float32 on these, with inputs rounded as its kernel does it (act_quant: the largest of 128
values of a token is 448).
"""
import sys

import torch
from transformers.integrations.finegrained_fp8 import Fp8Dequantize

import tiny_models as tiny

MADE = f"transformers 5.17.0, torch {torch.__version__.split('+')[0]}"
BLOCK, MOST = 128, 448.0
VARIANTS = {"blocks-128": tiny.WIDE, "blocks-64x128": dict(tiny.WIDE, hidden_size=256, num_key_value_heads=2, intermediate_size=128)}


def as_fp8(values):
    return values.clamp(-MOST, MOST).to(torch.float8_e4m3fn)


def rounded(x):
    cut = x.reshape(*x.shape[:-1], -1, BLOCK)
    scale = cut.abs().amax(-1, keepdim=True) / MOST
    return (as_fp8(cut / scale).float() * scale).reshape(x.shape)


def main(folder):
    torch.set_num_threads(1)
    for variant, config in VARIANTS.items():
        config = dict(config, head_dim=config["hidden_size"] // config["num_attention_heads"])
        high = 64 if "64x" in variant else BLOCK
        drawn, stored, matrices = tiny.draw(config), {}, {}
        for name in tiny.quantized_names(drawn):
            weight = drawn[name]
            rows, cols = max(1, weight.shape[0] // high), max(1, weight.shape[1] // BLOCK)
            cut = weight.reshape(rows, weight.shape[0] // rows, cols, weight.shape[1] // cols)
            scales = cut.abs().amax((1, 3)) / MOST
            codes = as_fp8(cut / scales[:, None, :, None]).reshape(weight.shape)
            stored[name], stored[name + "_scale_inv"] = codes, scales
            matrices[name] = Fp8Dequantize(None).convert({"weight$": codes, "weight_scale_inv": scales})["weight"]
        rest = {k: v for k, v in drawn.items() if k not in matrices}
        stored.update(rest)
        model = tiny.reference(config, {**rest, **matrices})
        for name in matrices:
            model.get_submodule(name.removesuffix(".weight")).register_forward_pre_hook(lambda m, x: (rounded(x[0]),))
        said = {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": [high, BLOCK]}
        tiny.record(f"{folder}/{variant}", MADE, dict(config, torch_dtype="float32", quantization_config=said), stored, rest, matrices,
                    source_logits=tiny.logits_of(model))


if __name__ == "__main__":
    main(sys.argv[1])
