"""The tiny models that the scripts of this folder quantize, and how what a library made of them is recorded.

FOLDER/VARIANT/model.safetensors and config.json (and what else the library writes) are the checkpoint. golden.json says with what it
was made, what the library makes of each stored matrix (`matrices`: the type that it computes in, shape, sha256 of the values as float32
in row order, the first 8 of them in hex), and `refused` where nobody is meant to read it. golden.safetensors holds `prompt` I64 [40],
`rows` I64 [3], and `logits` F32 [3, vocabulary]: of transformers in float32, eager, on the dequantized weights, at the last positions
of prompts of 1, 7 and 40 tokens; `source_logits`, too, where the checkpoint prescribes how activations or the cache are quantized.
dequantized.safetensors has the matrices themselves: it is not committed, and helps to look at a difference.

Layer 1 has the matrices of layer 0 in other places (q for o, k for v, gate for up) times a power of two: each place has values of its
own, and a compressed checkpoint stores most codes once. Embeddings are multiples of 1/8, for the same reason.
"""
import copy
import hashlib
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

SEED, PROMPT, ROWS = 21, 40, [0, 6, 39]
LLAMA = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32, "hidden_size": 64, "intermediate_size": 128,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "hidden_act": "silu",
         "max_position_embeddings": 128, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "attention_bias": False, "mlp_bias": False,
         "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": True}
WIDE = dict(LLAMA, hidden_size=128, num_hidden_layers=1, num_key_value_heads=1, head_dim=32, tie_word_embeddings=False)
BIASED = dict(LLAMA, architectures=["Qwen2ForCausalLM"], model_type="qwen2")  # with biases of q, k and v
del BIASED["attention_bias"], BIASED["mlp_bias"], BIASED["head_dim"]
MIXTRAL = {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "vocab_size": 32, "hidden_size": 64,
           "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
           "hidden_act": "silu", "max_position_embeddings": 128, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": None,
           "num_local_experts": 3, "num_experts_per_tok": 2, "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": False}
UNTIED = dict(LLAMA, tie_word_embeddings=False)
SHORT = dict(UNTIED, num_hidden_layers=1)  # for codes of 8 bits
EXCHANGED = {"self_attn.q_proj": "self_attn.o_proj", "self_attn.o_proj": "self_attn.q_proj", "self_attn.k_proj": "self_attn.v_proj",
             "self_attn.v_proj": "self_attn.k_proj", "mlp.gate_proj": "mlp.up_proj", "mlp.up_proj": "mlp.gate_proj",
             "mlp.down_proj": "mlp.down_proj"}


def plain(config):
    """The model that transformers makes of a configuration, in float32, eager, its weights not yet drawn."""
    import transformers
    config = {k: v for k, v in copy.deepcopy(config).items() if k not in ("quantization_config", "torch_dtype", "dtype")}
    kind = getattr(transformers, config["architectures"][0])
    built = kind._from_config(kind.config_class.from_dict(config), attn_implementation="eager").float().eval()
    if config["tie_word_embeddings"]:
        built.tie_weights()
    return built


def shapes(config):
    """{name: shape} of published files; transformers 5 has a Mixtral's experts in one parameter."""
    hidden, between, head = config["hidden_size"], config["intermediate_size"], config["hidden_size"] // config["num_attention_heads"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    found = {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        parts = {"input_layernorm": (hidden,), "post_attention_layernorm": (hidden,), "self_attn.q_proj": (queries, hidden),
                 "self_attn.k_proj": (keys, hidden), "self_attn.v_proj": (keys, hidden), "self_attn.o_proj": (hidden, queries)}
        if config["model_type"] == "mixtral":
            parts["block_sparse_moe.gate"] = (config["num_local_experts"], hidden)
            for e in range(config["num_local_experts"]):
                expert = f"block_sparse_moe.experts.{e}"
                parts.update({f"{expert}.w1": (between, hidden), f"{expert}.w2": (hidden, between), f"{expert}.w3": (between, hidden)})
        else:
            parts.update({"mlp.gate_proj": (between, hidden), "mlp.up_proj": (between, hidden), "mlp.down_proj": (hidden, between)})
        for part, shape in parts.items():
            found[f"model.layers.{layer}.{part}.weight"] = shape
            if config["model_type"] == "qwen2" and part[-6:] in ("q_proj", "k_proj", "v_proj"):
                found[f"model.layers.{layer}.{part}.bias"] = shape[:1]
    return found


def draw(config):
    """{name: float32 tensor}, values that bf16 and f16 both hold, under the names of the architecture's published files."""
    source, drawn = np.random.Generator(np.random.PCG64(SEED)), {}
    for name, shape in sorted(shapes(config).items()):
        values = source.standard_normal(shape)
        if "norm" in name:
            values = 1 + 0.25 * values
        elif name.endswith("bias"):
            values *= 0.5
        elif name in ("model.embed_tokens.weight", "lm_head.weight"):
            values = np.round(values * 8) / 8 * (1 if "embed" in name else 0.25)
        else:
            values *= 1.5 * shape[-1] ** -0.5
        values = torch.from_numpy(values.astype(np.float32)).to(torch.bfloat16).to(torch.float16)
        drawn[name] = values.to(torch.bfloat16).float()
    for name in list(drawn) if config["num_hidden_layers"] == 2 else []:
        first, _, rest = name.partition("model.layers.1.")
        part = rest.removesuffix(".weight")
        if not first and part in EXCHANGED:
            other = drawn[f"model.layers.0.{EXCHANGED[part]}.weight"]
            drawn[name] = other * (2 if part < EXCHANGED[part] else 0.5)
    return drawn


def prompt():
    return torch.from_numpy(np.random.Generator(np.random.PCG64(SEED + 1)).integers(0, LLAMA["vocab_size"], PROMPT))


def logits_of(built):
    with torch.no_grad():
        return built(prompt()[None], use_cache=False).logits[0][ROWS].float().contiguous()


def in_one(weights):
    """A Mixtral's experts as transformers 5 holds them."""
    out = {}
    for name, p in weights.items():
        name = name.replace("block_sparse_moe.gate", "mlp.gate")
        if ".experts.0.w1" in name:
            experts = [{w: weights[name.replace("0.w1", f"{e}.{w}").replace("mlp.", "block_sparse_moe.")].float() for w in ("w1", "w2", "w3")}
                       for e in range(sum(name.replace(".0.w1", f".{e}.w1") in weights for e in range(64)))]
            prefix = name.partition("block_sparse_moe")[0] + "mlp.experts"
            out[f"{prefix}.gate_up_proj"] = torch.stack([torch.cat([e["w1"], e["w3"]]) for e in experts])
            out[f"{prefix}.down_proj"] = torch.stack([e["w2"] for e in experts])
        elif ".experts." not in name:
            out[name] = p
    return out


def reference(config, weights):
    """transformers' plain model on float32 weights."""
    built = plain(config)
    if "model.layers.0.mlp.experts.gate_up_proj" in built.state_dict():
        weights = in_one(weights)
    missing, unexpected = built.load_state_dict({k: v.float() for k, v in weights.items()}, strict=False)
    assert not unexpected, unexpected
    assert set(missing) <= ({"lm_head.weight"} if config["tie_word_embeddings"] else set()), missing
    return built


def quantized_names(weights):
    """What every library quantizes unless it is told otherwise: the matrices of the layers."""
    return [name for name, p in weights.items() if ".layers." in name and p.dim() == 2]


def record(folder, made_with, config, stored, rest, matrices, source_logits=None, refused=None, moves=0.5, **facts):
    """`stored`: tensors of model.safetensors, or None where the library wrote the file. `rest`: the weights that are not quantized, as
    they are computed with; `matrices`: the values of those that are, by the library."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if stored is not None:
        save_file({k: v.clone().contiguous() for k, v in stored.items()}, folder / "model.safetensors", {"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    golden = {"made_with": made_with, **facts}
    if refused:
        golden["refused"] = refused
    else:
        weights, names = {**rest, **matrices}, {}
        for name, values in sorted(matrices.items()):
            assert torch.isfinite(values.float()).all(), name
            data = values.float().contiguous().numpy().tobytes()
            names[name] = {"dtype": str(values.dtype).removeprefix("torch."), "shape": list(values.shape),
                           "sha256": hashlib.sha256(data).hexdigest(), "head": data[:32].hex()}
        golden["matrices"] = names
        logits = logits_of(reference(config, weights))
        tensors = {"prompt": prompt(), "rows": torch.tensor(ROWS), "logits": logits}
        if source_logits is not None:
            tensors["source_logits"] = source_logits
        save_file(tensors, folder / "golden.safetensors")
        save_file({k: v.clone().contiguous() for k, v in matrices.items()}, folder / "dequantized.safetensors")
        drawn = draw(config)
        far = max(float((matrices[n].float() - drawn[n]).abs().max() / drawn[n].abs().max()) for n in matrices if n in drawn)
        assert far < moves, f"{folder.name}: {far} from the weights that were quantized"
        before = logits_of(reference(config, drawn))
        away = float((logits - before).abs().max() / before.abs().max())
        print(f"{folder.name}: weights differ by at most {far:.3f} of the largest, logits by {away:.3f}", flush=True)
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
