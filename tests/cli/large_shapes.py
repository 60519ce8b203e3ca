"""Checkpoints of the true shapes of large models: headers over holes, which take no room on a disk, or with made-up weights.

    python3 large_shapes.py FOLDER [LAYERS]      writes all of them there, as shards of safetensors and as GGUF

Shapes and configurations are those of the published models; with LAYERS they have so many layers and weights that are not zero.
Only the standard library is used.
"""
import json
import os
import random
import struct
import sys
from pathlib import Path

SHARD = 5 * 10**9
STARCODER2_15B = {
    "architectures": ["Starcoder2ForCausalLM"], "model_type": "starcoder2", "hidden_act": "gelu_pytorch_tanh", "hidden_size": 6144,
    "intermediate_size": 24576, "max_position_embeddings": 16384, "norm_epsilon": 1e-05, "num_attention_heads": 48, "num_hidden_layers": 40,
    "num_key_value_heads": 4, "rope_theta": 100000, "sliding_window": 4096, "tie_word_embeddings": False, "use_bias": True,
    "vocab_size": 49152, "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "bfloat16"}
DEEPSEEK_V2_LITE = {
    "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", "hidden_act": "silu", "hidden_size": 2048,
    "intermediate_size": 10944, "moe_intermediate_size": 1408, "first_k_dense_replace": 1, "n_routed_experts": 64, "n_shared_experts": 2,
    "num_experts_per_tok": 6, "n_group": 1, "topk_group": 1, "topk_method": "greedy", "norm_topk_prob": False, "routed_scaling_factor": 1.0,
    "scoring_func": "softmax", "kv_lora_rank": 512, "q_lora_rank": None, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
    "v_head_dim": 128, "num_attention_heads": 16, "num_key_value_heads": 16, "num_hidden_layers": 27, "max_position_embeddings": 163840,
    "rms_norm_eps": 1e-06, "rope_theta": 10000, "attention_bias": False, "tie_word_embeddings": False, "vocab_size": 102400,
    "rope_scaling": {"type": "yarn", "factor": 40, "mscale": 0.707, "mscale_all_dim": 0.707, "beta_fast": 32, "beta_slow": 1,
                     "original_max_position_embeddings": 4096},
    "bos_token_id": 100000, "eos_token_id": 100001, "torch_dtype": "bfloat16"}

MISTRAL_7B = {
    "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
    "max_position_embeddings": 32768, "rms_norm_eps": 1e-05, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
    "rope_theta": 1000000.0, "sliding_window": None, "tie_word_embeddings": False, "vocab_size": 32768, "bos_token_id": 1, "eos_token_id": 2,
    "torch_dtype": "bfloat16"}
MIXTRAL_8X22B = {
    "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_act": "silu", "hidden_size": 6144, "intermediate_size": 16384,
    "max_position_embeddings": 65536, "rms_norm_eps": 1e-05, "num_attention_heads": 48, "num_hidden_layers": 56, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "rope_theta": 1000000, "sliding_window": None, "tie_word_embeddings": False,
    "vocab_size": 32000, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"}
GPT_OSS_20B = {
    "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "hidden_act": "silu", "hidden_size": 2880, "intermediate_size": 2880,
    "attention_bias": True, "head_dim": 64, "num_attention_heads": 64, "num_key_value_heads": 8, "num_hidden_layers": 24,
    "num_local_experts": 32, "num_experts_per_tok": 4, "experts_per_token": 4, "max_position_embeddings": 131072, "initial_context_length": 4096,
    "rms_norm_eps": 1e-05, "rope_theta": 150000, "sliding_window": 128, "swiglu_limit": 7.0, "tie_word_embeddings": False,
    "layer_types": ["sliding_attention", "full_attention"] * 12, "vocab_size": 201088, "eos_token_id": 200002, "pad_token_id": 199999,
    "rope_scaling": {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
                     "original_max_position_embeddings": 4096},
    "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": [
        "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}}


def starcoder2(c, at):
    """name in safetensors, name in GGUF, shape; the same number of bytes follows for both."""
    w, inner, kv = c["hidden_size"], c["intermediate_size"], c["num_key_value_heads"] * c["hidden_size"] // c["num_attention_heads"]
    hf, gguf = f"model.layers.{at}.", f"blk.{at}."
    for name, short, rows, cols in (("self_attn.q_proj", "attn_q", w, w), ("self_attn.k_proj", "attn_k", kv, w), ("self_attn.v_proj", "attn_v", kv, w),
                                    ("self_attn.o_proj", "attn_output", w, w), ("mlp.c_fc", "ffn_up", inner, w), ("mlp.c_proj", "ffn_down", w, inner)):
        yield hf + name + ".weight", gguf + short + ".weight", [rows, cols]
        yield hf + name + ".bias", gguf + short + ".bias", [rows]
    for name, short in (("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm")):
        for end in (".weight", ".bias"):
            yield hf + name + end, gguf + short + end, [w]


def deepseek_v2(c, at):
    w, heads, rope, nope, value, rank = (c[k] for k in ("hidden_size", "num_attention_heads", "qk_rope_head_dim", "qk_nope_head_dim",
                                                         "v_head_dim", "kv_lora_rank"))
    hf, gguf = f"model.layers.{at}.", f"blk.{at}."
    for name, short, shape in (("self_attn.q_proj", "attn_q", [heads * (nope + rope), w]),
                               ("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa", [rank + rope, w]),
                               ("self_attn.kv_a_layernorm", "attn_kv_a_norm", [rank]),
                               ("self_attn.kv_b_proj", "attn_kv_b", [heads * (nope + value), rank]),
                               ("self_attn.o_proj", "attn_output", [w, heads * value]),
                               ("input_layernorm", "attn_norm", [w]), ("post_attention_layernorm", "ffn_norm", [w])):
        yield hf + name + ".weight", gguf + short + ".weight", shape
    dense = at < c["first_k_dense_replace"]
    inner = c["intermediate_size"] if dense else c["moe_intermediate_size"]
    experts = c["n_routed_experts"]
    if not dense:
        yield hf + "mlp.gate.weight", gguf + "ffn_gate_inp.weight", [experts, w]
    for name in ("gate", "up", "down"):
        def of(size):
            return [w, size] if name == "down" else [size, w]
        if dense:
            yield hf + f"mlp.{name}_proj.weight", gguf + f"ffn_{name}.weight", of(inner)
            continue
        # One tensor of all experts in a GGUF, one for each in safetensors.
        yield [hf + f"mlp.experts.{e}.{name}_proj.weight" for e in range(experts)], gguf + f"ffn_{name}_exps.weight", [experts, *of(inner)]
        shared = inner * c["n_shared_experts"]
        yield hf + f"mlp.shared_experts.{name}_proj.weight", gguf + f"ffn_{name}_shexp.weight", of(shared)


def mixtral(c, at):
    """Also Mistral's, where there are no experts. Without names in GGUF: only directories are written."""
    w, inner, kv = c["hidden_size"], c["intermediate_size"], c["num_key_value_heads"] * c["hidden_size"] // c["num_attention_heads"]
    hf, experts = f"model.layers.{at}.", c.get("num_local_experts", 0)
    for name, shape in (("self_attn.q_proj", [w, w]), ("self_attn.k_proj", [kv, w]), ("self_attn.v_proj", [kv, w]), ("self_attn.o_proj", [w, w]),
                        ("input_layernorm", [w]), ("post_attention_layernorm", [w])):
        yield hf + name + ".weight", None, shape
    if experts:
        yield hf + "block_sparse_moe.gate.weight", None, [experts, w]
    for e in range(experts):
        for name, shape in (("w1", [inner, w]), ("w2", [w, inner]), ("w3", [inner, w])):
            yield hf + f"block_sparse_moe.experts.{e}.{name}.weight", None, shape
    if not experts:
        for name, shape in (("gate_proj", [inner, w]), ("down_proj", [w, inner]), ("up_proj", [inner, w])):
            yield hf + f"mlp.{name}.weight", None, shape


def gpt_oss(c, at):
    w, inner, size, experts = c["hidden_size"], c["intermediate_size"], c["head_dim"], c["num_local_experts"]
    hf, heads = f"model.layers.{at}.", c["num_attention_heads"]
    for name, rows, cols in (("q", heads * size, w), ("k", c["num_key_value_heads"] * size, w), ("v", c["num_key_value_heads"] * size, w),
                             ("o", w, heads * size)):
        yield hf + f"self_attn.{name}_proj.weight", None, [rows, cols]
        yield hf + f"self_attn.{name}_proj.bias", None, [rows]
    yield hf + "self_attn.sinks", None, [heads]
    yield hf + "input_layernorm.weight", None, [w]
    yield hf + "post_attention_layernorm.weight", None, [w]
    yield hf + "mlp.router.weight", None, [experts, w]
    yield hf + "mlp.router.bias", None, [experts]
    for name, rows, cols in (("gate_up_proj", 2 * inner, w), ("down_proj", w, inner)):
        yield hf + f"mlp.experts.{name}_blocks", None, [experts, rows, cols // 32, 16], "U8"
        yield hf + f"mlp.experts.{name}_scales", None, [experts, rows, cols // 32], "U8"
        yield hf + f"mlp.experts.{name}_bias", None, [experts, rows]


def tensors(c, layer_of):
    w, vocab = c["hidden_size"], c["vocab_size"]
    yield "model.embed_tokens.weight", "token_embd.weight", [vocab, w]
    for at in range(c["num_hidden_layers"]):
        yield from layer_of(c, at)
    yield "model.norm.weight", "output_norm.weight", [w]
    if layer_of is starcoder2:
        yield "model.norm.bias", "output_norm.bias", [w]
    yield "lm_head.weight", "output.weight", [vocab, w]


def count(shape):
    n = 1
    for s in shape:
        n *= s
    return n


def numbers(kind):
    """About 2^18 made-up weights, over and over."""
    source = random.Random(1)
    raw = struct.pack("<65521f", *(source.gauss(0, 0.02) for _ in range(65521)))
    return raw if kind == "F32" else b"".join(raw[i + 2:i + 4] for i in range(0, len(raw), 4))  # bf16: the upper half


def fill(file, at, size, kind):
    block, file_at = numbers(kind) * 64, at
    while file_at < at + size:
        file.seek(file_at)
        file.write(block[:at + size - file_at])
        file_at += len(block)


def write_safetensors(folder, config, layer_of, filled):
    """Shards and their index. Everything is BF16 but for what says otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shards, sizes = [[]], [0]
    for names, _, shape, *other in tensors(config, layer_of):
        each, kind = shape[1:] if isinstance(names, list) else shape, other[0] if other else "BF16"
        size = count(each) * (2 if kind == "BF16" else 1)
        for name in names if isinstance(names, list) else [names]:
            if sizes[-1] + size > SHARD:
                shards.append([])
                sizes.append(0)
            shards[-1].append((name, kind, each, size))
            sizes[-1] += size
    index = {"metadata": {"total_size": sum(sizes)}, "weight_map": {}}
    for n, shard in enumerate(shards, 1):
        file, header, at = f"model-{n:05}-of-{len(shards):05}.safetensors", {}, 0
        for name, kind, shape, size in shard:
            header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
            at += size
            index["weight_map"][name] = file
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)  # numbers lie where their type may, as in files of the safetensors library
        with open(folder / file, "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            if filled:
                fill(out, 8 + len(text), at, "BF16")
            out.truncate(8 + len(text) + at)
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def gguf_value(value):
    if isinstance(value, str):
        raw = value.encode()
        return 8, struct.pack("<Q", len(raw)) + raw
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    return 4, struct.pack("<I", value)


def write_gguf(path, config, layer_of, metadata, filled):
    """Matrices are BF16, all else is F32, as llama.cpp's converter writes them."""
    listed, at = [], 0
    for _, name, shape in tensors(config, layer_of):
        matrix = len(shape) > 1 and "ffn_gate_inp" not in name
        size = count(shape) * (2 if matrix else 4)
        listed.append((name, shape, 30 if matrix else 0, at, size))
        at += (size + 31) // 32 * 32
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(listed), len(metadata))
    for key, value in metadata.items():
        kind, raw = gguf_value(value)
        head += struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind) + raw
    for name, shape, kind, offset, _ in listed:
        head += struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *reversed(shape)) + struct.pack("<IQ", kind, offset)
    head += b"\0" * (-len(head) % 32)
    with open(path, "wb") as out:
        out.write(head)
        for _, _, kind, offset, size in listed if filled else []:
            fill(out, len(head) + offset, size, "BF16" if kind == 30 else "F32")
        out.truncate(len(head) + at)


def gguf_metadata(c):
    a = {"starcoder2": "starcoder2", "deepseek_v2": "deepseek2"}[c["model_type"]]
    said = {"general.architecture": a, "general.name": "made-up weights", f"{a}.block_count": c["num_hidden_layers"],
            f"{a}.context_length": c["max_position_embeddings"], f"{a}.embedding_length": c["hidden_size"],
            f"{a}.feed_forward_length": c["intermediate_size"], f"{a}.attention.head_count": c["num_attention_heads"],
            f"{a}.attention.head_count_kv": c["num_key_value_heads"], f"{a}.rope.freq_base": float(c["rope_theta"]),
            f"{a}.vocab_size": c["vocab_size"]}
    if a == "starcoder2":
        return {**said, f"{a}.attention.layer_norm_epsilon": c["norm_epsilon"]}
    scaling = c["rope_scaling"]
    return {**said, f"{a}.attention.layer_norm_rms_epsilon": c["rms_norm_eps"], f"{a}.attention.kv_lora_rank": c["kv_lora_rank"],
            f"{a}.attention.key_length": c["qk_nope_head_dim"] + c["qk_rope_head_dim"], f"{a}.attention.value_length": c["v_head_dim"],
            f"{a}.rope.dimension_count": c["qk_rope_head_dim"], f"{a}.leading_dense_block_count": c["first_k_dense_replace"],
            f"{a}.expert_feed_forward_length": c["moe_intermediate_size"], f"{a}.expert_count": c["n_routed_experts"],
            f"{a}.expert_used_count": c["num_experts_per_tok"], f"{a}.expert_shared_count": c["n_shared_experts"],
            f"{a}.expert_weights_scale": c["routed_scaling_factor"], f"{a}.rope.scaling.type": "yarn",
            f"{a}.rope.scaling.factor": float(scaling["factor"]),
            f"{a}.rope.scaling.original_context_length": scaling["original_max_position_embeddings"],
            f"{a}.rope.scaling.yarn_log_multiplier": 0.1 * scaling["mscale_all_dim"]}


SHAPES = {"starcoder2-15b": (STARCODER2_15B, starcoder2), "deepseek-v2-lite": (DEEPSEEK_V2_LITE, deepseek_v2)}
DIRECTORIES = {"mistral-7b": (MISTRAL_7B, mixtral), "mixtral-8x22b": (MIXTRAL_8X22B, mixtral), "gpt-oss-20b": (GPT_OSS_20B, gpt_oss)}


def write(folder, name, layers=None, gguf=False, **changes):
    """The path of the model, once it is written. With `layers` its weights are made up, without they are holes."""
    config, layer_of = {**SHAPES, **DIRECTORIES}[name]
    config = dict(config, **({"num_hidden_layers": layers} if layers else {}), **changes)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not gguf:
        write_safetensors(folder / name, config, layer_of, layers is not None)
        return folder / name
    write_gguf(folder / f"{name}.gguf", config, layer_of, gguf_metadata(config), layers is not None)
    return folder / f"{name}.gguf"


if __name__ == "__main__":
    for shape in SHAPES:
        for kind in (False, True):
            print(write(sys.argv[1], shape, int(sys.argv[2]) if len(sys.argv) > 2 else None, kind))
