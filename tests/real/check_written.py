#!/usr/bin/env python3
"""What `quantize --output-format` writes is loaded by each family's own library, with the values that qeval gives it.

    check_written.py DRIVER [FAMILY[=SCHEME]...]

The bundled model is written in every format of a family. The oracle's side is the family's: its loader where that needs no GPU, else
its code that unpacks. qeval's side are the weights of its own container in the same scheme, written as numbers: two encodings of one
matrix, by one scheme. Libraries round a product to the type that they compute in, which is done here with qeval's values, too.

Versions: gptqmodel 7.7.0, compressed-tensors 0.19.0, transformers 5.17.0, torch 2.14.0; autoawq 0.2.9 with transformers 4.51.3 and torch
2.9.1; bitsandbytes 0.50.2 with transformers 4.57.6 and torch 2.9.1. No interpreter has all: a family whose library is not there is named
and left out. Ascend's format is checked by its definition, which msmodelslim 26.1.0 has in no module that runs without its hardware.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["TORCHDYNAMO_DISABLE"] = "1"
os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "examples/models/qeval-5m"
SCHEMES = {
    "gptq": ["int2:g32", "int3:g64", "int3:g32:sym", "int4", "int4:g32:sym", "int4:channel", "int8:g32:sym", "int8:g64:asym"],
    "awq": ["int4", "int4:g32", "int4:channel", "int4:g64:sym"],
    "compressed-tensors": ["int2:g32", "int3", "int4:g32", "int4:channel", "int4:g128:sym", "int8:g32:sym", "int8:g64:asym", "int8:sym",
                           "int8:asym", "int8:tensor:sym", "w8a8", "fp8", "fp8:tensor", "fp8:128x128", "fp8+a=fp8"],
    "bitsandbytes": ["nf4", "nf4:128", "nf4:dq", "nf4:256:dq", "fp4", "fp4:dq", "int8"],
    "ascend": ["int8:sym", "int8:asym"],
}


def tensors(folder):
    from safetensors.torch import load_file
    all_of_them = {}
    for file in sorted(pathlib.Path(folder).glob("*.safetensors")):
        all_of_them.update(load_file(file))
    return all_of_them


def modules(stored, part):
    return {name.removesuffix(part): name for name in stored if name.endswith(part)}


def gptq(folder, config, stored):
    """GPTQModel.load, whose modules tell their values."""
    import gptqmodel
    import torch
    model = gptqmodel.GPTQModel.load(str(folder), backend=gptqmodel.BACKEND.TORCH, device="cpu", dtype=torch.float16)
    found = {name: m for name, m in model.model.named_modules() if hasattr(m, "dequantize_weight")}
    return {name: m.dequantize_weight().t() for name, m in found.items()}


def awq(folder, config, stored):
    """AutoAWQ reads the configuration, and unpacks."""
    from awq.models._config import AwqConfig
    from awq.utils.packing_utils import dequantize_gemm
    said = AwqConfig.from_pretrained(str(folder))
    assert (said.quant_method, said.w_bit, said.zero_point, said.version) == ("awq", 4, True, "gemm"), said
    values = {}
    for module in modules(stored, ".qweight"):
        q, z, s = (stored[f"{module}.{part}"] for part in ("qweight", "qzeros", "scales"))
        group = said.q_group_size if said.q_group_size > 0 else q.shape[0]
        values[module] = dequantize_gemm(q, z, s, 4, group).t()
    return values


def compressed_tensors(folder, config, stored):
    """The library's configuration, applied to an empty model, and its compressors."""
    import torch
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.quantization import QuantizationConfig, apply_quantization_config
    from transformers import AutoConfig, AutoModelForCausalLM
    said = QuantizationConfig.model_validate(config["quantization_config"])
    plain = AutoConfig.from_pretrained(folder)
    plain.quantization_config = None
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(plain)
    apply_quantization_config(model, said, show_progress=False)
    values = {}
    for name, module in model.named_modules():
        scheme = getattr(module, "quantization_scheme", None)
        if scheme is None or not isinstance(module, torch.nn.Linear):
            continue
        own = {part.removeprefix(f"{name}."): t for part, t in stored.items() if part.startswith(f"{name}.weight")}
        made = BaseCompressor.get_value_from_registry(scheme.format or said.format).decompress(own, scheme)["weight"]
        values[name] = getattr(made, "data", made)
    return values


def bitsandbytes(folder, config, stored):
    """transformers loads the model; the package's generic code gives the values (its CPU kernels are wrong for long blocks)."""
    import bitsandbytes as bnb
    import torch
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(folder, device_map={"": "cpu"})
    values = {}
    for name, module in model.named_modules():
        if isinstance(module, bnb.nn.Linear4bit):
            packed, state = module.weight.data, module.weight.quant_state
            absmax = state.absmax
            if state.nested:
                absmax = bnb.functional.dequantize_blockwise(absmax, state.state2) + state.offset
            values[name] = torch.ops.bitsandbytes.dequantize_4bit.default._op_dk(
                torch._C.DispatchKey.CompositeExplicitAutograd, packed, absmax, state.blocksize, state.quant_type, state.shape, state.dtype)
        elif isinstance(module, bnb.nn.Linear8bitLt):  # code times magnitude times 1/127: its products have this order
            values[name] = module.weight.data.float() * (module.weight.SCB.view(-1, 1) * (1 / 127))
    return values


def ascend(folder, config, stored):
    said = json.loads((folder / "quant_model_description.json").read_text())
    assert config["quantize"] == "w8a16" and said["model_quant_type"] == "W8A16"
    assert {k for k in said if k in stored} == set(stored), set(stored) - set(said)
    values = {}
    for module in modules(stored, ".weight_offset"):
        assert said[f"{module}.weight"] == "W8A16"
        values[module] = (stored[f"{module}.weight"].float() - stored[f"{module}.weight_offset"]) * stored[f"{module}.weight_scale"]
    return values


LOADERS = {"gptq": (gptq, "gptqmodel"), "awq": (awq, "awq"), "compressed-tensors": (compressed_tensors, "compressed_tensors"),
           "bitsandbytes": (bitsandbytes, "bitsandbytes"), "ascend": (ascend, "torch")}


def wanted(driver, folder, family, scheme):
    run = lambda *a: subprocess.run([driver, "quantize", "--quiet", *a], check=True)
    run("--model", str(MODEL), "--scheme", scheme, "--output-path", f"{folder}/own")
    # GPTQ has no place for scales of 32 bits: what qeval reads there (how near that is, tests/scheme/output/outputs_test.cpp says).
    source = f"{folder}/written" if (family, scheme[:4]) == ("gptq", "int8") else f"{folder}/own"
    run("--model", source, "--scheme", "all:f32", "--output-path", f"{folder}/numbers")
    return tensors(f"{folder}/numbers")


def check(driver, family, scheme):
    import torch
    load, _ = LOADERS[family]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "written"
        subprocess.run([driver, "quantize", "--quiet", "--model", str(MODEL), "--scheme", scheme, "--output-format", family,
                        "--output-path", str(folder)], check=True)
        config, stored = json.loads((folder / "config.json").read_text()), tensors(folder)
        want, found = wanted(driver, scratch, family, scheme), load(folder, config, stored)
        linears = [n for n in want if n.endswith("_proj.weight")]
        compared = different = 0
        for name in linears:
            values = found[name.removesuffix(".weight")]
            same = torch.equal(want[name].to(values.dtype), values.contiguous())
            different += 0 if same else int((want[name].to(values.dtype) != values).sum())
            compared += values.numel()
        extra = len(found) - len(linears)
        print(f"{family} {scheme}: {len(linears)} matrices, {compared} values in {values.dtype}, {different} different")
        return different == 0 and extra == 0


def main(driver, families):
    good = True
    for family in families or SCHEMES:
        family, _, only = family.partition("=")
        try:
            __import__(LOADERS[family][1])
        except ImportError as missing:
            print(f"SKIPPED {family}: {missing}")
            continue
        for scheme in [only] if only else SCHEMES[family]:
            good = check(os.path.abspath(driver), family, scheme) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
