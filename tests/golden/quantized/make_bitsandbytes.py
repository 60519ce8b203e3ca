"""bitsandbytes' checkpoints: NF4 and FP4 of several block sizes, plain and doubly quantized, and LLM.int8.

    pip install torch==2.9.1 transformers==4.57.6 safetensors==0.8.0 numpy==2.4.6 accelerate==1.15.0 bitsandbytes==0.50.2
    python tests/golden/quantized/make_bitsandbytes.py FOLDER [VARIANT...]     (in an environment outside this repository)

transformers quantizes and writes them, as it does for those who publish; block sizes other than 64 have no setting there, so that
Params4bit gets them before the model is saved.
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ["TORCHDYNAMO_DISABLE"] = "1"  # the package compiles its generic code, which takes minutes and changes nothing

import bitsandbytes as bnb
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, logging

import tiny_models as tiny

MADE = f"bitsandbytes {bnb.__version__}, transformers 4.57.6, torch {torch.__version__.split('+')[0]}"
BF16, F16, F32 = torch.bfloat16, torch.float16, torch.float32
# name: model, type of the weights, kind, block size, double quantization, what is left alone
VARIANTS = {
    "nf4": (tiny.LLAMA, BF16, "nf4", 64, False, None),
    "nf4-double": (tiny.UNTIED, BF16, "nf4", 64, True, None),
    "nf4-double-f16": (tiny.LLAMA, F16, "nf4", 64, True, None),
    "nf4-f32": (tiny.LLAMA, F32, "nf4", 64, False, None),
    "nf4-32": (tiny.LLAMA, BF16, "nf4", 32, False, None),
    "nf4-128": (tiny.LLAMA, BF16, "nf4", 128, False, None),  # a block of two rows
    "nf4-256-double": (tiny.LLAMA, BF16, "nf4", 256, True, None),
    "nf4-4096-double": (tiny.LLAMA, BF16, "nf4", 4096, True, None),  # longer than the smallest matrix
    "nf4-biases": (tiny.BIASED, BF16, "nf4", 64, False, None),
    "nf4-mixtral-skip": (tiny.MIXTRAL, BF16, "nf4", 64, True, ["lm_head", "gate", "o_proj"]),
    "fp4": (tiny.LLAMA, BF16, "fp4", 64, False, None),
    "fp4-double": (tiny.LLAMA, F16, "fp4", 64, True, None),
    "fp4-512": (tiny.LLAMA, BF16, "fp4", 512, False, None),
    "int8": (dict(tiny.SHORT, tie_word_embeddings=True), F16, "int8", 0, False, None),
    "int8-skip": (tiny.SHORT, BF16, "int8", 0, False, ["lm_head", "k_proj"]),
}


def values_of(weight):
    """By the package's generic code. Its CPU kernels, checked where they can be right, take the scale of a block from the row alone:
    wrong where a block is longer than a row."""
    packed, state = weight.data, weight.quant_state
    absmax = state.absmax
    if state.nested:
        absmax = bnb.functional.dequantize_blockwise(absmax, state.state2) + state.offset
    values = torch.ops.bitsandbytes.dequantize_4bit.default._op_dk(
        torch._C.DispatchKey.CompositeExplicitAutograd, packed, absmax, state.blocksize, state.quant_type, state.shape, state.dtype)
    if state.shape[-1] % state.blocksize == 0:
        assert torch.equal(values, bnb.functional.dequantize_4bit(packed, state))
    return values


def settings(kind, double, dtype, skipped):
    if kind == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=skipped)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type=kind, bnb_4bit_use_double_quant=double,
                              bnb_4bit_compute_dtype=dtype, llm_int8_skip_modules=skipped)


def main(folder, names):
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    for variant, (config, dtype, kind, block, double, skipped) in VARIANTS.items():
        if names and variant not in names:
            continue
        drawn = tiny.draw(config)
        with tempfile.TemporaryDirectory() as source:
            save_file({k: v.to(dtype) for k, v in drawn.items()}, f"{source}/model.safetensors", {"format": "pt"})
            (pathlib.Path(source) / "config.json").write_text(json.dumps(dict(config, torch_dtype=str(dtype).removeprefix("torch."))))
            model = AutoModelForCausalLM.from_pretrained(source, quantization_config=settings(kind, double, dtype, skipped),
                                                         torch_dtype=dtype, device_map={"": "cpu"})
        matrices = {}
        for name, module in model.named_modules():
            if isinstance(module, bnb.nn.Linear4bit):
                if block != 64:
                    module.weight = bnb.nn.Params4bit(drawn[f"{name}.weight"].to(dtype), requires_grad=False, blocksize=block,
                                                      quant_type=kind, compress_statistics=double).to("cpu")
                    module.weight.module = module
                    module.quant_state = module.weight.quant_state
                assert module.weight.quant_state.blocksize == block and module.weight.quant_state.nested == double
                matrices[f"{name}.weight"] = values_of(module.weight)
            elif isinstance(module, bnb.nn.Linear8bitLt):
                matrices[f"{name}.weight"] = bnb.functional.int8_vectorwise_dequant(module.weight.data, module.weight.SCB)
        out = pathlib.Path(folder) / variant
        model.save_pretrained(out, safe_serialization=True)
        (out / "generation_config.json").unlink(missing_ok=True)
        rest = {k: v.to(dtype) for k, v in drawn.items() if k not in matrices}
        assert matrices, variant
        tiny.record(out, MADE, config, None, rest, matrices)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
