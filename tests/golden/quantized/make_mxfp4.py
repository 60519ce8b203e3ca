"""gpt-oss in MXFP4: experts in blocks of 32, as OpenAI publishes them; transformers tells the values.

    pip install torch==2.9.1 transformers==4.57.6 safetensors==0.8.0 numpy==2.4.6    (without a GPU)
    python tests/golden/quantized/make_mxfp4.py FOLDER    (in an environment outside this repository)

Codes are rounded to nearest here, exponents are those of OCP's formats: no library for processors writes them. transformers'
convert_moe_packed_tensors makes the values, and its model the logits.
"""
import sys

import numpy as np
import torch
from transformers import GptOssConfig, GptOssForCausalLM
from transformers.integrations.mxfp4 import FP4_VALUES, convert_moe_packed_tensors

import tiny_models as tiny

MADE = f"transformers 4.57.6, torch {torch.__version__.split('+')[0]}"
CONFIG = {"architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "vocab_size": 32, "hidden_size": 64, "intermediate_size": 32,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "hidden_act": "silu",
          "attention_bias": True, "num_local_experts": 3, "num_experts_per_tok": 2, "sliding_window": 16,
          "layer_types": ["sliding_attention", "full_attention"], "max_position_embeddings": 128, "rms_norm_eps": 1e-05,
          "rope_theta": 10000.0, "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": False, "router_aux_loss_coef": 0.9,
          "rope_scaling": {"beta_fast": 32.0, "beta_slow": 1.0, "factor": 4.0, "original_max_position_embeddings": 32, "rope_type": "yarn",
                           "truncate": False}}


def plain(config):
    config = {k: v for k, v in config.items() if k not in ("quantization_config", "torch_dtype")}
    return GptOssForCausalLM._from_config(GptOssConfig.from_dict(config), attn_implementation="eager").float().eval()


def draw(config):
    source, drawn = np.random.Generator(np.random.PCG64(tiny.SEED)), {}
    for name, p in sorted(plain(config).state_dict().items()):
        values = source.standard_normal(tuple(p.shape))
        values = 1 + 0.25 * values if "norm" in name else values * (0.5 if name.endswith(("bias", "sinks")) else 1.5 * p.shape[-1] ** -0.5)
        drawn[name] = torch.from_numpy(values.astype(np.float32)).to(torch.bfloat16).float()
    return drawn


def reference(config, weights):
    """Experts are single matrices [out, in], or transformers' stacks [experts, in, out]."""
    whole = {k: v.float() for k, v in weights.items() if ".experts." not in k or not k.endswith(".weight")}
    for name in weights:
        if name.endswith(".0.weight"):
            stack = name.removesuffix(".0.weight")
            whole[stack] = torch.stack([weights[f"{stack}.{e}.weight"].float().t() for e in range(config["num_local_experts"])])
    built = plain(config)
    built.load_state_dict(whole)
    return built


def rounded(weight):
    """Blocks and scales of [experts, out, in]."""
    cut = weight.reshape(*weight.shape[:2], -1, 32)
    exponent = torch.floor(torch.log2(cut.abs().amax(-1).clamp(min=2.0**-100))) - 2
    levels = torch.tensor(FP4_VALUES)
    codes = ((cut / 2.0 ** exponent[..., None]).unsqueeze(-1) - levels).abs().argmin(-1)
    return (codes[..., 0::2] | codes[..., 1::2] << 4).to(torch.uint8), (exponent + 127).to(torch.uint8)


def main(folder):
    torch.set_num_threads(1)
    drawn = draw(CONFIG)
    stored, matrices, rest = {}, {}, {}
    for name, p in drawn.items():
        if not name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            stored[name] = rest[name] = p
            continue
        blocks, scales = rounded(p.transpose(1, 2))
        stored[f"{name}_blocks"], stored[f"{name}_scales"] = blocks, scales
        values = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
        assert (values - p).abs().max() <= p.abs().max() * 0.26
        matrices.update({f"{name}.{e}.weight": values[e].t().contiguous() for e in range(len(values))})
    single = {f"{n}.{e}.weight": p[e].t() for n, p in drawn.items() if n not in rest for e in range(len(p))}
    tiny.draw, tiny.reference = lambda config: {**rest, **single}, reference
    said = {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}
    tiny.record(f"{folder}/gpt-oss", MADE, dict(CONFIG, torch_dtype="float32", quantization_config=said), stored, rest, matrices)


if __name__ == "__main__":
    main(sys.argv[1])
