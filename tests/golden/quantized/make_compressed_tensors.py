"""compressed-tensors checkpoints of llm-compressor's preset schemes and what lies beside them: packed integers, W8A8, fp8, NVFP4, MX.

    pip install torch==2.14.0 transformers==5.17.0 safetensors==0.8.0 numpy==2.4.6 accelerate==1.15.0 compressed-tensors==0.19.0
    python tests/golden/quantized/make_compressed_tensors.py FOLDER [VARIANT...]    (in an environment outside this repository)

Scales are those of the library's calculate_qparams over the extremes (rounded to nearest, no calibration but for what is static in
activations and the cache: the extremes of the prompt). `source_logits` are of the library's own forward pass in float32: dequantized
weights, activations and cache quantized as the file prescribes.
"""
import copy
import json
import os
import pathlib
import sys

os.environ["TORCHDYNAMO_DISABLE"] = "1"
import torch
from compressed_tensors.compressors import BaseCompressor, ModelCompressor
from compressed_tensors.quantization import QuantizationArgs, QuantizationConfig, QuantizationScheme, QuantizationStatus
from compressed_tensors.quantization import apply_quantization_config, preset_name_to_scheme
from compressed_tensors.quantization.utils import calculate_qparams, generate_gparam, maybe_pad_tensor_for_block_quant

import tiny_models as tiny

MADE = f"compressed-tensors 0.19.0, torch {torch.__version__.split('+')[0]}, transformers 5.17.0"
BF16, F16, F32 = torch.bfloat16, torch.float16, torch.float32
TOKEN = dict(num_bits=8, type="int", strategy="token", symmetric=True, dynamic=True)
FP8_CACHE = dict(num_bits=8, type="float", strategy="tensor", symmetric=True, dynamic=False)
HEADS = ["lm_head"]


def integers(bits, group=None, symmetric=True, strategy=None, inputs=None):
    strategy = strategy or ("group" if group else "channel")
    return {"weights": dict(num_bits=bits, type="int", strategy=strategy, group_size=group, symmetric=symmetric), "input_activations": inputs}


def static(kind, symmetric=True):
    return dict(num_bits=8, type=kind, strategy="tensor", symmetric=symmetric, dynamic=False)


def blocks(rows, cols):
    return {"weights": dict(num_bits=8, type="float", strategy="block", symmetric=True, block_structure=[rows, cols]),
            "input_activations": dict(num_bits=8, type="float", strategy="group", group_size=cols, symmetric=True, dynamic=True)}


MIXED = [("W8A8", ["re:.*down_proj$"]), ("FP8_DYNAMIC", ["re:.*(gate|up)_proj$"]),
         (integers(4, 64, False), ["model.layers.0.self_attn.q_proj", "re:.*v_proj"]), ("MXFP4A16", ["Linear"])]
# name: model, type, scheme (a preset's name, or arguments, or schemes with their targets), ignored, scheme of the cache
VARIANTS = {
    "pack4-32": (tiny.LLAMA, BF16, integers(4, 32), HEADS, None),
    "pack4-128": (tiny.WIDE, BF16, "W4A16", HEADS, None),
    "pack4-channel": (tiny.LLAMA, F16, integers(4), HEADS, None),
    "pack4-32-asym": (tiny.UNTIED, BF16, integers(4, 32, False), HEADS, None),
    "pack4-channel-asym": (tiny.LLAMA, F16, integers(4, None, False), HEADS, None),
    "pack4-64-head": (tiny.UNTIED, F32, integers(4, 64), [], None),
    "pack4-64-biases": (tiny.BIASED, BF16, integers(4, 64), HEADS, None),
    "pack8-64": (tiny.SHORT, BF16, integers(8, 64), HEADS, None),
    "pack8-channel-asym": (tiny.SHORT, BF16, integers(8, None, False), HEADS, None),
    "pack3-32": (tiny.LLAMA, BF16, integers(3, 32), HEADS, None),
    "pack2-32-asym": (tiny.LLAMA, BF16, integers(2, 32, False), HEADS, None),
    "pack6-channel": (tiny.SHORT, BF16, integers(6), HEADS, None),
    "pack4-kv-fp8": (tiny.LLAMA, BF16, integers(4, 64), HEADS, FP8_CACHE),
    "int8-dynamic": (tiny.SHORT, BF16, "W8A8", HEADS, None),
    "int8-static": (tiny.SHORT, BF16, integers(8, inputs=static("int")), HEADS, None),
    "int8-static-asym": (tiny.SHORT, F16, integers(8, inputs=static("int", False)), HEADS, None),
    "int8-tensor-asym": (tiny.SHORT, BF16, integers(8, None, False, "tensor", TOKEN), HEADS, None),
    "int4-in-int8": (tiny.SHORT, BF16, integers(4, 64, inputs=TOKEN), HEADS, None),
    "fp8-static": (tiny.SHORT, BF16, "FP8", HEADS, None),
    "fp8-dynamic": (tiny.SHORT, BF16, "FP8_DYNAMIC", HEADS, None),
    "fp8-dynamic-kv": (tiny.SHORT, BF16, "FP8_DYNAMIC", HEADS, FP8_CACHE),
    "fp8-block-32x64": (tiny.LLAMA, BF16, blocks(32, 64), HEADS, None),
    "fp8-block-128": (tiny.WIDE, BF16, "FP8_BLOCK", HEADS, None),
    # Where the model is in 32 bits nothing is rounded but what the scheme rounds.
    "int8-dynamic-f32": (tiny.SHORT, F32, "W8A8", HEADS, None),
    "fp8-dynamic-f32": (tiny.SHORT, F32, "FP8_DYNAMIC", HEADS, None),
    "fp8-block-128-f32": (tiny.WIDE, F32, "FP8_BLOCK", HEADS, None),
    "int8-tensor-asym-f32": (tiny.SHORT, F32, integers(8, None, False, "tensor", TOKEN), HEADS, None),
    "pack8-channel-f32": (tiny.SHORT, F32, integers(8), HEADS, None),
    "int8-static-f32": (tiny.SHORT, F32, integers(8, inputs=static("int")), HEADS, None),
    "int8-static-asym-f32": (tiny.SHORT, F32, integers(8, inputs=static("int", False)), HEADS, None),
    "fp8-static-f32": (tiny.SHORT, F32, "FP8", HEADS, None),
    "fp8-block-32x64-f32": (tiny.SHORT, F32, blocks(32, 64), HEADS, None),
    "pack4-kv-fp8-f32": (tiny.LLAMA, F32, integers(4, 64), HEADS, FP8_CACHE),
    "int8-dynamic-kv-int8-f32": (tiny.SHORT, F32, "W8A8", HEADS, dict(FP8_CACHE, type="int")),
    "nvfp4a16": (tiny.LLAMA, BF16, "NVFP4A16", HEADS, None),
    "nvfp4": (tiny.LLAMA, BF16, "NVFP4", HEADS, None),
    "mxfp4a16": (tiny.LLAMA, BF16, "MXFP4A16", HEADS, None),
    "mxfp4": (tiny.LLAMA, BF16, "MXFP4", HEADS, None),
    "mxfp8": (tiny.LLAMA, BF16, "MXFP8", HEADS, None),
    "mixed": (tiny.LLAMA, BF16, MIXED, ["lm_head", "re:.*o_proj", "model.layers.1.mlp.gate_proj"], None),
}


def scheme_of(said, targets):
    if isinstance(said, str):
        return preset_name_to_scheme(said, targets)
    return QuantizationScheme(targets=targets, **{k: v and QuantizationArgs(**v) for k, v in said.items()})


def settings_of(said, ignored, cache):
    groups = said if isinstance(said, list) else [(said, ["Linear"])]
    return QuantizationConfig(config_groups={f"group_{i}": scheme_of(s, t) for i, (s, t) in enumerate(groups)}, ignore=ignored,
                              kv_cache_scheme=cache and QuantizationArgs(**cache), quantization_status=QuantizationStatus.INITIALIZED)


def extremes(weight, args):
    if args.strategy == "tensor":
        cut = weight.reshape(1, -1)
    elif args.strategy == "channel":
        cut = weight
    elif args.strategy == "block":
        rows, cols = args.block_structure
        padded = maybe_pad_tensor_for_block_quant(weight, (rows, cols))
        cut = padded.reshape(padded.shape[0] // rows, rows, padded.shape[1] // cols, cols).transpose(1, 2).flatten(2)
        return cut.amin(-1), cut.amax(-1)
    else:
        cut = weight.reshape(weight.shape[0], -1, args.group_size)
        return cut.amin(-1), cut.amax(-1)
    low, high = cut.amin(1, keepdim=True), cut.amax(1, keepdim=True)
    return (low[0], high[0]) if args.strategy == "tensor" else (low, high)


def fill(module, base, low, high, args, whole_low, whole_high):
    share = None
    if args.strategy == "tensor_group":
        share = generate_gparam(whole_low.reshape(1), whole_high.reshape(1))
        getattr(module, f"{base}_global_scale").data.copy_(share)
    if args.dynamic:
        return
    scale, zero = calculate_qparams(low, high, args, share)
    stored = getattr(module, f"{base}_scale")
    assert stored.shape == scale.shape, (stored.shape, scale.shape)
    stored.data.copy_(scale)
    if hasattr(module, f"{base}_zero_point"):
        getattr(module, f"{base}_zero_point").data.copy_(zero)


def seen_inputs(model):
    """Extremes of what each linear layer is given, and of keys and values, over the prompt."""
    seen, hooks = {}, []
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            hooks.append(module.register_forward_pre_hook(lambda m, x, name=name: seen.update({name: (x[0].amin(), x[0].amax())})))
    with torch.no_grad():
        cache = model(tiny.prompt()[None], use_cache=True).past_key_values
    for hook in hooks:
        hook.remove()
    for i, layer in enumerate(cache.layers):
        for base, values in (("k", layer.keys), ("v", layer.values)):
            seen[f"{i}.{base}"] = (values.amin(), values.amax())
    return seen


def activations_only(settings):
    only = copy.deepcopy(settings)
    for group in only.config_groups.values():
        group.weights = None
        group.format = None
    only.config_groups = {k: g for k, g in only.config_groups.items() if g.input_activations is not None}
    return only


def source_logits(config, weights, settings, given):
    model = tiny.reference(config, weights)
    apply_quantization_config(model, activations_only(settings), show_progress=False)
    for name, p in model.named_parameters():
        if name in given:
            p.data.copy_(given[name])
    for module in model.modules():
        if getattr(module, "quantization_scheme", None) is not None:
            module.quantization_status = QuantizationStatus.FROZEN
    with torch.no_grad():
        return model(tiny.prompt()[None], use_cache=True).logits[0][tiny.ROWS].float().contiguous()


def main(folder, names):
    torch.set_num_threads(1)
    for variant, (config, dtype, said, ignored, cache) in VARIANTS.items():
        if names and variant not in names:
            continue
        drawn, settings = tiny.draw(config), settings_of(said, ignored, cache)
        seen = seen_inputs(tiny.reference(config, drawn))
        model = tiny.reference(config, drawn).to(dtype)
        apply_quantization_config(model, settings, show_progress=False)
        for name, module in model.named_modules():
            scheme = getattr(module, "quantization_scheme", None)
            if scheme is None:
                continue
            if isinstance(module, torch.nn.Linear):
                weight = module.weight.data
                if scheme.weights is not None:
                    fill(module, "weight", *extremes(weight, scheme.weights), scheme.weights, weight.amin(), weight.amax())
                if scheme.input_activations is not None and scheme.input_activations.dynamic is not True:
                    low, high = (x.to(dtype).reshape(1) for x in seen[name])
                    fill(module, "input", low, high, scheme.input_activations, low, high)
            else:
                layer = name.split(".")[2]
                for base in "kv":
                    low, high = (x.to(dtype).reshape(1) for x in seen[f"{layer}.{base}"])
                    fill(module, base, low, high, scheme.input_activations, low, high)
            module.quantization_status = QuantizationStatus.FROZEN
        compressor = ModelCompressor.from_pretrained_model(model)
        compressor.compress_model(model)
        matrices = {}
        for name, module in model.named_modules():
            scheme = getattr(module, "quantization_scheme", None)
            if scheme is not None and isinstance(module, torch.nn.Linear):
                own = {k: v.data for k, v in list(module.named_parameters(recurse=False)) + list(module.named_buffers(recurse=False))}
                values = BaseCompressor.get_value_from_registry(scheme.format.value).decompress(own, scheme)["weight"]
                matrices[f"{name}.weight"] = values.data if hasattr(values, "data") else values
        stored = {k: v for k, v in model.state_dict().items() if not (config["tie_word_embeddings"] and k.startswith("lm_head"))}
        rest = {k: v.to(dtype) for k, v in drawn.items() if k not in matrices}
        given = {k: v.float() for k, v in stored.items() if k.endswith(("input_scale", "input_zero_point", "input_global_scale", "k_scale", "v_scale"))}
        prescribed = cache or any(g.input_activations for g in settings.config_groups.values())
        found = source_logits(config, {**rest, **matrices}, settings, given) if prescribed else None
        out = pathlib.Path(folder) / variant
        written = dict(config, torch_dtype=str(dtype).removeprefix("torch."))
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.json").write_text(json.dumps(written))
        compressor.update_config(str(out))
        written = json.loads((out / "config.json").read_text())
        tiny.record(out, MADE, written, stored, rest, matrices, source_logits=found, moves=0.75)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
