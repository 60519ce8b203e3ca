"""Ascend checkpoints of msModelSlim: W8A8, W8A8S, W8A16, W8A8_DYNAMIC, W8A8_MIX, and C8 keys and values.

    pip install torch==2.9.1 transformers==4.57.6 safetensors accelerate pydantic easydict==1.13 einops wcmatch pygtrie scipy requests
    pip download --no-deps msmodelslim==26.1.0, unpacked, on PYTHONPATH (its modules for NPUs are not needed)
    python tests/golden/quantized/make_ascend.py FOLDER [VARIANT...]    (in an environment outside this repository)

msModelSlim's own quantizers find scales and codes, its own modules compute `source_logits` (in float32), its AscendV1Saver writes the
file and the description. Extremes of inputs, keys and values are those of the prompt. W8A8S is written by an older saver of the same
five tensors, under its name; its codes have four bits here. A file of W8A8 holds deq_scale = input_scale * weight_scale in float32, and
not weight_scale: its values are codes times deq_scale / input_scale, which are within a last bit of what the library had.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import transformers
from msmodelslim import ir as qir
from msmodelslim.core.quant_service.modelslim_v1.save.ascendv1 import AscendV1Config, AscendV1GlobalModelDtypeInterface, AscendV1Saver
from msmodelslim.ir import const
from msmodelslim.ir.api import calculate_qparam, dequantize, fake_quantize, quantize
from msmodelslim.ir.qal import QDType, QScope, QStorage
from msmodelslim.model import IModel
from safetensors.torch import load_file

import tiny_models as tiny

MADE = f"msmodelslim 26.1.0, torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}"
# name: model, type, kind, symmetric weights, group, "quantize" of config.json, keys and values in 8 bits
VARIANTS = {
    "w8a8": (tiny.SHORT, "float16", "W8A8", True, None, "w8a8", False),
    "w8a8-bf16": (tiny.SHORT, "bfloat16", "W8A8", True, None, None, False),
    "w8a8-biases-f32": (tiny.BIASED, "float32", "W8A8", True, None, None, False),
    "w8a8-f32": (tiny.SHORT, "float32", "W8A8", True, None, None, False),
    "w8a8s": (tiny.SHORT, "float16", "W8A8S", True, None, "w8a8s", False),
    "w8a8-mix": (tiny.SHORT, "float16", "W8A8_MIX", True, None, None, False),
    "w8a8-dynamic-f32": (tiny.SHORT, "float32", "W8A8_DYNAMIC", True, None, None, False),
    "w8a16": (tiny.SHORT, "float16", "W8A16", True, None, "w8a16", False),
    "w8a16-asym": (tiny.SHORT, "bfloat16", "W8A16", False, None, None, False),
    "w8a16-64-asym": (tiny.SHORT, "float16", "W8A16", False, 64, None, False),
    "w8a16-32": (tiny.SHORT, "float16", "W8A16", True, 32, None, False),
    "w8a16-c8-f32": (tiny.SHORT, "float32", "W8A16", True, None, None, True),
}


class Adapter(IModel, AscendV1GlobalModelDtypeInterface):
    """What the saver asks of a model."""

    def __init__(self, path, dtype):
        self.path, self.dtype = path, dtype

    model_type, trust_remote_code = "llama", False

    @property
    def model_path(self):
        return self.path

    def get_global_model_torch_dtype(self):
        return self.dtype


def qparam(low, high, dtype, scope, symmetric):
    return calculate_qparam(min_val=low, max_val=high, q_dtype=dtype, q_scope=scope, symmetric=symmetric)


def quantized(weight, symmetric, group, bits):
    """The library's parameters and codes of a matrix [out, in], and its dequantization."""
    cut = weight if group is None else weight.reshape(-1, group)
    scope = QScope.PER_CHANNEL if group is None else QScope.PER_GROUP
    param = qparam(cut.amin(1), cut.amax(1), bits, scope, symmetric)
    if group is not None:
        param.ext["group_size"] = group
        param.ext["scale"], param.ext["offset"] = (param.ext[k].reshape(weight.shape[0], -1) for k in ("scale", "offset"))
    codes = quantize(QStorage(QDType.FLOAT, weight.T), param)
    values = dequantize(QStorage(bits, codes.value.clone()), param).value.T.contiguous()
    return param, QStorage(QDType.INT8, codes.value.T.contiguous().to(torch.int8)), values


def seen(model):
    """Extremes of what each linear layer is given, and of each channel of keys and values, over the prompt."""
    found, hooks = {}, []
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            hooks.append(module.register_forward_pre_hook(lambda m, x, name=name: found.update({name: (x[0].min(), x[0].max())})))
    with torch.no_grad():
        cache = model(tiny.prompt()[None], use_cache=True).past_key_values
    for hook in hooks:
        hook.remove()
    for i, layer in enumerate(cache.layers):
        for base, values in (("key_states", layer.keys), ("value_states", layer.values)):
            flat = values[0].transpose(0, 1).flatten(1)
            found[f"model.layers.{i}.self_attn.{base}"] = (flat.amin(0), flat.amax(0))
    return found


def build(kind, module, given, symmetric, group):
    fixed = QDType.INT4 if kind == "W8A8S" else QDType.INT8
    param, codes, values = quantized(module.weight.data, symmetric, group, fixed)
    bias = None if module.bias is None else module.bias.data
    if kind in ("W8A8", "W8A8S", "W8A8_MIX"):
        inputs = qparam(*given, QDType.INT8, QScope.PER_TENSOR, False)
        made = qir.W8A8PDMixFakeQuantLinear if kind == "W8A8_MIX" else qir.W8A8StaticFakeQuantLinear
        return made(inputs, param, codes, bias), values
    if kind == "W8A8_DYNAMIC":
        inputs = type(param)(scheme=const.int8_per_token_sym, ext={})
        return qir.W8A8DynamicPerChannelFakeQuantLinear(inputs, param, codes, bias), values
    inputs = type(param)(scheme=const.float_per_tensor_sym, ext={})
    made = qir.W8A16StaticPerChannelFakeQuantLinear if group is None else qir.W8A16StaticPerGroupFakeQuantLinear
    return made(inputs, param, codes, bias), values


def by_token(module, x):
    """W8A8DynamicPerChannelFakeQuantLinear.forward with the extremes of each token, as its name, the devices and the library's class for
    groups have them; version 26.1.0 takes those of each channel over all tokens (dim=0)."""
    rows = x.reshape(-1, x.shape[-1])
    given = qparam(rows.amin(1, keepdim=True), rows.amax(1, keepdim=True), QDType.INT8, QScope.PER_TOKEN, True)
    weights = type(given)(scheme=const.int8_per_channel_sym, ext={"scale": module.weight_scale.data})
    values = dequantize(QStorage(QDType.INT8, module.weight.data).T, weights).T.value
    return torch.nn.functional.linear(fake_quantize(QStorage(QDType.FLOAT, rows), given).value.reshape(x.shape), values, module.bias)


def source_logits(model, caches):
    """Of the library's own modules; keys and values go through those of the cache."""
    update = transformers.cache_utils.DynamicCache.update

    def rounded(self, keys, values, layer, *rest, **more):
        for base in caches and ("key_states", "value_states"):
            module = caches[f"model.layers.{layer}.self_attn.{base}"]
            keys, values = (module(keys), values) if base == "key_states" else (keys, module(values))
        return update(self, keys, values, layer, *rest, **more)

    transformers.cache_utils.DynamicCache.update = rounded
    with torch.no_grad():
        logits = model(tiny.prompt()[None], use_cache=True).logits[0][tiny.ROWS].float().contiguous()
    transformers.cache_utils.DynamicCache.update = update
    return logits


def main(folder, names):
    torch.set_num_threads(1)
    qir.W8A8DynamicPerChannelFakeQuantLinear.forward = by_token
    for variant, (config, dtype, kind, symmetric, group, said, cached) in VARIANTS.items():
        if names and variant not in names:
            continue
        out, stored_type = pathlib.Path(folder, variant).resolve(), getattr(torch, dtype)
        written = dict(config, torch_dtype=dtype, **({} if said is None else {"quantize": said}))
        original = out / "float"
        original.mkdir(parents=True, exist_ok=True)
        (original / "config.json").write_text(json.dumps(written, indent=2) + "\n")
        drawn = tiny.draw(config)
        model = tiny.reference(config, drawn)
        given, matrices, caches = seen(model), {}, {}
        for name in tiny.quantized_names(drawn):
            part = name.removesuffix(".weight")
            made, values = build(kind, model.get_submodule(part), given[part], symmetric, group)
            model.set_submodule(part, made)
            matrices[name] = values
        for name in given if cached else []:
            if name.endswith("_states"):
                caches[name] = qir.FakeQuantDynamicCache(qparam(*given[name], QDType.INT8, QScope.PER_CHANNEL, False))
                model.get_submodule(name.rpartition(".")[0]).register_module(name.rpartition(".")[2], caches[name])
        logits = None if kind == "W8A16" and not cached else source_logits(model, caches)
        for module in model.modules():
            if isinstance(module, (torch.nn.Embedding, torch.nn.Linear)) or type(module).__name__.endswith("RMSNorm"):
                module.to(stored_type)
        parts = 4 if config["tie_word_embeddings"] else 0  # GB a file: shards and an index, which it writes a tied head to, too
        saver = AscendV1Saver(model, AscendV1Config(save_directory=str(out), part_file_size=parts), Adapter(original, stored_type))
        if kind == "W8A8S":
            saver._desc_transform = lambda desc: desc.replace("W8A8", "W8A8S")
        saver.post_run()
        if kind == "W8A8S":  # a type of the older saver
            description = json.loads((out / "quant_model_description.json").read_text())
            (out / "quant_model_description.json").write_text(json.dumps(dict(description, model_quant_type=kind), indent=2))
        for file in out.glob("*"):
            if file.is_file():
                file.chmod(0o644)
        file = load_file(next(out.glob("*.safetensors")))
        for name in matrices if kind in ("W8A8", "W8A8S") else []:
            part = name.removesuffix(".weight")
            scale = file[f"{part}.deq_scale"]
            scale = torch.from_numpy(scale.numpy().astype(np.int32).view(np.float32)) if scale.dtype == torch.int64 else scale
            values = file[name].float() * (scale / file[f"{part}.input_scale"])[:, None]
            assert torch.allclose(values, matrices[name], rtol=2.5e-7, atol=0), name
            matrices[name] = values
        rest = {k: v.to(stored_type) for k, v in drawn.items() if k not in matrices}
        tiny.record(out, MADE, written, None, rest, matrices, source_logits=logits, moves=0.75,
                    refused="W8A8_MIX" if kind == "W8A8_MIX" else None)
        for file in [*original.iterdir(), original]:
            file.rmdir() if file.is_dir() else file.unlink()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
