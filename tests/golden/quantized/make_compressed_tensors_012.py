"""compressed-tensors checkpoints as 0.12.2 wrote them, with what later versions do not write: 2:4 storage and weight_g_idx.

    pip install torch==2.9.1 transformers==4.56.2 safetensors==0.8.0 numpy==2.4.6 accelerate==1.15.0 compressed-tensors==0.12.2
    python tests/golden/quantized/make_compressed_tensors_012.py FOLDER [VARIANT...]    (in an environment outside this repository)

Of four weights of a row the two largest are kept where a variant is sparse. Scales are those of the library over the extremes; a sixteenth
more where a variant is sparse, since its storage leaves out the code -128, which has no magnitude in int8.
"""
import json
import pathlib
import sys

import torch
from compressed_tensors.compressors import ModelCompressor
from compressed_tensors.compressors.sparse_compressors.sparse_24_bitmask import sparse24_bitmask_decompress
from compressed_tensors.config.sparse_24_bitmask import Sparse24BitMaskConfig
from compressed_tensors.quantization import QuantizationArgs, QuantizationConfig, QuantizationScheme, QuantizationStatus
from compressed_tensors.quantization import apply_quantization_config
from compressed_tensors.quantization.lifecycle.forward import dequantize, quantize
from compressed_tensors.quantization.utils import calculate_qparams

import tiny_models as tiny

MADE = f"compressed-tensors 0.12.2, torch {torch.__version__.split('+')[0]}, transformers 4.56.2"
BF16, F32 = torch.bfloat16, torch.float32
TOKEN8 = dict(num_bits=8, strategy="token", symmetric=True, dynamic=True)
PLAIN = dict(symmetric=True, dynamic=False)
INT8 = dict(num_bits=8, type="int", strategy="channel", **PLAIN)
FP8 = dict(num_bits=8, type="float", strategy="channel", **PLAIN)
ORDERED = dict(num_bits=4, type="int", strategy="group", group_size=32, actorder="group", **PLAIN)
# name: model, type, arguments of weights and of inputs (None: not quantized), whether it is sparse
VARIANTS = {
    "sparse24-bf16": (tiny.SHORT, BF16, None, None, True),
    "sparse24-int8": (tiny.SHORT, BF16, INT8, None, True),
    "sparse24-fp8-f32": (tiny.SHORT, F32, FP8, None, True),
    "pack4-g-idx": (tiny.LLAMA, BF16, ORDERED, None, False),
    "pack4-g-idx-f32": (tiny.SHORT, F32, ORDERED, None, False),
}


def two_of_four(weight):
    cut = weight.reshape(-1, 4)
    mask = torch.zeros_like(cut, dtype=torch.bool).scatter_(1, cut.abs().topk(2, dim=1).indices, True)
    return (cut * mask).reshape(weight.shape)


def fill(module, args, seed, room):
    weight = module.weight.data
    if args.actorder is not None:
        order = torch.randperm(weight.shape[1], generator=torch.Generator().manual_seed(seed))
        module.weight_g_idx.data.copy_((order // args.group_size).to(module.weight_g_idx.dtype))
        weight = weight[:, torch.argsort(module.weight_g_idx, stable=True)]
    cut = weight.reshape(weight.shape[0], -1, args.group_size or weight.shape[1])
    scale, zero = calculate_qparams(cut.amin(-1), cut.amax(-1), args)
    module.weight_scale.data.copy_(scale * room)
    return dict(scale=module.weight_scale.data, args=args, g_idx=getattr(module, "weight_g_idx", None))


def main(folder, names):
    torch.set_num_threads(1)
    for variant, (config, dtype, said, inputs, sparse) in VARIANTS.items():
        if names and variant not in names:
            continue
        drawn = tiny.draw(config)
        for name in tiny.quantized_names(drawn) if sparse else []:
            drawn[name] = two_of_four(drawn[name])
        model = tiny.reference(config, drawn).to(dtype)
        matrices = {}
        if said:
            scheme = QuantizationScheme(targets=["Linear"], weights=QuantizationArgs(**said))
            apply_quantization_config(model, QuantizationConfig(config_groups={"group_0": scheme}, ignore=["lm_head"],
                                                                quantization_status=QuantizationStatus.INITIALIZED))
            for seed, (name, module) in enumerate(model.named_modules()):
                if getattr(module, "quantization_scheme", None) is not None:
                    how = fill(module, module.quantization_scheme.weights, seed, 1.0625 if sparse else 1)
                    kind = torch.float8_e4m3fn if said["type"] == "float" else torch.int8
                    codes = quantize(module.weight.data, zero_point=None, dtype=kind, **how)
                    matrices[f"{name}.weight"] = dequantize(codes, how["scale"], None, args=how["args"], g_idx=how["g_idx"])
                    module.quantization_status = QuantizationStatus.FROZEN
        else:
            matrices = {n: drawn[n].to(dtype) for n in tiny.quantized_names(drawn)}
        storage = Sparse24BitMaskConfig(targets=["Linear"], ignore=["lm_head"], global_sparsity=0.5) if sparse else None
        kinds = {"int": "int-quantized", "float": "float-quantized"}
        kind = None if not said else "pack-quantized" if said["num_bits"] == 4 else kinds[said["type"]]
        compressor = ModelCompressor.from_pretrained_model(model, sparsity_config=storage, quantization_format=kind)
        stored = compressor.compress(model)
        for name in matrices if sparse else []:  # what is stored is what counts
            module = name.removesuffix(".weight")
            whole = sparse24_bitmask_decompress(stored[f"{module}.compressed"], stored[f"{module}.bitmask"], matrices[name].shape)
            scale = stored.get(f"{module}.weight_scale")
            matrices[name] = whole if scale is None else dequantize(whole, scale, None, args=scheme.weights)
        stored = {k: v for k, v in stored.items() if not (config["tie_word_embeddings"] and k.startswith("lm_head"))}
        rest = {k: v.to(dtype) for k, v in drawn.items() if k not in matrices}
        out = pathlib.Path(folder) / variant
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.json").write_text(json.dumps(dict(config, torch_dtype=str(dtype).removeprefix("torch."))))
        compressor.update_config(str(out))
        written = json.loads((out / "config.json").read_text())
        tiny.record(out, MADE, written, stored, rest, matrices, moves=0.75)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
