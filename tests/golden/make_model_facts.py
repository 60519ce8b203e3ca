"""What transformers makes of the configurations of tests/golden/architectures: facts that `qeval inspect --json` must tell.

    pip install torch==2.9.1 transformers==4.57.6
    python tests/golden/make_model_facts.py      (in an environment outside this repository)

writes tests/golden/model_facts.json: of each checkpoint `facts`; `bare`, what the class takes where config.json leaves out all
that it may leave out: `left_out`, the values of the class for all entries that are not there, and the facts then; and `without`, of
one checkpoint of each class and rule of rotation, the same one entry at a time: whether the checkpoint's tensors still fit a model that
runs, and what the class has for the entry. The facts are attributes of the configuration and shapes of the modules that
transformers builds from it. tests/cli/inspect_checks.py reads it. `classes`: what each class has for every entry;
tests/model/arch/class_defaults_test.cpp reads it.
"""
import copy
import json
import logging
import re
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.models.stablelm.modeling_stablelm import StableLmPreTrainedModel

StableLmPreTrainedModel._init_weights = lambda self, module: None  # fails over qk_layernorm; no weight is looked at
FOLDER = Path(__file__).parent / "architectures"
# Entries that decide numbers and no tensor's shape.
FREE = """rope_theta rotary_emb_base rope_local_base_freq rope_scaling partial_rotary_factor rotary_pct rms_norm_eps layer_norm_eps
    layer_norm_epsilon norm_epsilon hidden_act hidden_activation activation_function activation sliding_window layer_types
    sliding_window_pattern use_sliding_window no_rope_layers no_rope_layer_interval norm_topk_prob topk_method
    routed_scaling_factor logit_scale embedding_multiplier residual_multiplier attention_multiplier logits_scaling query_pre_attn_scalar
    attn_logit_softcapping final_logit_softcapping scale_attn_weights scale_attn_by_inverse_layer_idx rope_interleave
    max_position_embeddings""".split()
# Entries that decide which tensors there are: left out where the class has the checkpoint's value.
SHAPED = """tie_word_embeddings attention_bias mlp_bias use_bias qk_layernorm use_qk_norm use_qkv_bias qkv_bias bias multi_query
    parallel_attn new_decoder_architecture use_parallel_residual num_key_value_heads num_kv_heads decoder_sparse_step q_lora_rank n_inner""".split()
# Sizes, of which a class has some.
SIZES = """hidden_size intermediate_size num_hidden_layers num_attention_heads vocab_size head_dim n_embd n_layer n_head n_positions
    ffn_hidden_size num_experts num_local_experts n_routed_experts num_experts_per_tok n_shared_experts n_group topk_group
    first_k_dense_replace moe_intermediate_size shared_expert_intermediate_size kv_lora_rank qk_rope_head_dim qk_nope_head_dim
    v_head_dim max_window_layers mlp_only_layers position_embedding_type num_ln_in_parallel_attn alibi""".split()


def heads(c):
    count = c.num_attention_heads
    if c.model_type == "falcon":
        return count, c.num_kv_heads if c.new_decoder_architecture else 1 if c.multi_query else count
    if c.model_type == "gpt_bigcode":
        return count, 1 if c.multi_query else count
    if c.model_type in ("gpt2", "gpt_neox"):
        return count, count
    return count, c.num_key_value_heads


def attention(c):
    count, keys = heads(c)
    latent = c.model_type.startswith("deepseek")
    head = c.qk_nope_head_dim + c.qk_rope_head_dim if latent else getattr(c, "head_dim", None) or c.hidden_size // count
    kind = "latent" if latent else "multi-head" if keys == count else "multi-query" if keys == 1 else "grouped"
    return {"kind": kind, "heads": count, "key_value_heads": keys, "head_size": head, "value_size": c.v_head_dim if latent else head,
            "query_rank": c.q_lora_rank if latent else None, "latent_rank": c.kv_lora_rank if latent else None,
            "score_cap": getattr(c, "attn_logit_softcapping", None), "sinks": c.model_type == "gpt_oss"}


def windows(c):
    layers, window = c.num_hidden_layers, getattr(c, "sliding_window", None) or 0
    types = getattr(c, "layer_types", None)
    if types:
        return [window if t == "sliding_attention" else 0 for t in types]
    return [window if c.model_type in ("mistral", "mixtral", "phi3", "starcoder2", "qwen3_moe") else 0] * layers


def rotations(c, built):
    """(rule, base, factor, magnitude, rotated elements) of each layer; None: not rotated."""
    if c.model_type in ("gpt2", "gpt_bigcode"):
        return [None] * c.num_hidden_layers
    scaling = getattr(c, "rope_scaling", None) or {}
    rule = scaling.get("rope_type", scaling.get("type", "default"))
    factor = scaling.get("factor", 1.0)
    if rule == "longrope":
        factor = c.max_position_embeddings / c.original_max_position_embeddings
    base = c.rotary_emb_base if c.model_type == "gpt_neox" else c.rope_theta
    module = next(m for n, m in built.named_modules() if n.endswith("rotary_emb") and "visual" not in n and "vision" not in n)
    rotated = 2 * module.inv_freq.numel()
    all_layers = (rule, base, factor, float(getattr(module, "attention_scaling", 1.0)), rotated)
    if c.model_type == "gemma3_text":
        near = ("default", c.rope_local_base_freq, 1.0, 1.0, rotated)
        return [near if t == "sliding_attention" else all_layers for t in c.layer_types]
    if c.model_type == "smollm3":
        return [all_layers if rotates else None for rotates in c.no_rope_layers]
    if c.model_type == "cohere2":
        return [all_layers if t == "sliding_attention" else None for t in c.layer_types]
    return [all_layers] * c.num_hidden_layers


def experts(c, built):
    layers = sorted({int(m.group(1)) for n, _ in built.named_parameters() if (m := re.search(r"\.layers\.(\d+)\..*(expert|output_linear)", n))})
    if not layers:
        return None
    kind = c.model_type
    deepseek, qwen = kind.startswith("deepseek"), kind.startswith("qwen")
    chosen = kind in ("gpt_oss", "granitemoe")
    grouped = deepseek and (kind == "deepseek_v3" or c.topk_method == "group_limited_greedy")
    return {"experts": c.n_routed_experts if deepseek else c.num_experts if qwen else c.num_local_experts, "used": c.num_experts_per_tok,
            "width": c.moe_intermediate_size if deepseek or qwen else c.intermediate_size,
            "shared_width": c.moe_intermediate_size * c.n_shared_experts if deepseek else getattr(c, "shared_expert_intermediate_size", 0),
            "shared_gated": kind == "qwen2_moe", "scores": "softmax of those chosen" if chosen else "sigmoid" if kind == "deepseek_v3" else "softmax",
            "normalised": kind == "mixtral" or not chosen and c.norm_topk_prob,
            "scale": c.routed_scaling_factor if deepseek else 1.0,
            "groups": c.n_group if grouped else 0, "groups_used": c.topk_group if grouped else 0,
            "group_worth": ("best two" if kind == "deepseek_v3" else "best") if grouped else None,
            "choice_bias": kind == "deepseek_v3", "layers": layers}


def stored(built):
    """What is stored of the text part."""
    texts = (".language_model.", ".text_model.")
    parts = any(t in n for n, _ in built.named_parameters() for t in texts)
    for name, p in built.named_parameters():
        if not parts or any(t in name for t in texts) or name.startswith("lm_head"):
            yield p
    yield from (b for n, b in built.named_buffers() if n.endswith("e_score_correction_bias"))


def built_from(said):
    c = AutoConfig.for_model(**json.loads(json.dumps(said)))
    kind = AutoModelForImageTextToText if c.get_text_config() is not c else AutoModelForCausalLM
    return kind.from_config(c, attn_implementation="eager")


def text_of(said):
    """The configuration of a model, or of the text part of one that has several."""
    return AutoConfig.for_model(**said).get_text_config()


def facts(said):
    c, built = text_of(said), built_from(said)
    rotation = []
    for at, one in enumerate(rotations(c, built)):
        if one is None:
            continue
        if rotation and (same := [r for r in rotation if r[0] == one]):
            same[0][1].append(at)
        else:
            rotation.append((one, [at]))
    names = ("rule", "base", "factor", "magnitude", "rotated")
    return {"layers": c.num_hidden_layers, "width": c.hidden_size, "vocabulary": c.vocab_size,
            "parameters": sum(p.numel() for p in stored(built)), "tied_head": bool(c.tie_word_embeddings),
            "attention": attention(c), "position_embeddings": c.model_type in ("gpt2", "gpt_bigcode"),
            "rotation": [dict(zip(names, one), layers=layers) for one, layers in rotation], "windows": windows(c), "experts": experts(c, built),
            "logit_cap": getattr(c, "final_logit_softcapping", None)}


def bare(said):
    """config.json without what it may leave out, what the class has for that, and the facts."""
    part, out = "text_config" if "text_config" in said else None, []
    left = dict(said[part] if part else said)
    stated = dict(left)

    def whole(inner):
        return dict(said, **{part: inner}) if part else inner

    for key in FREE + SHAPED:
        if key not in left:
            continue
        without = {k: v for k, v in left.items() if k != key}
        if key in SHAPED and getattr(text_of(whole(without)), key, None) != stated[key]:
            continue
        left = without
        out.append(key)
    config = text_of(whole(left))
    known = [key for key in FREE + SHAPED if key not in left and (key in out or hasattr(config, key))]
    taken = {key: getattr(config, key, None) for key in sorted(known)}
    if hasattr(config, "_sliding_window_pattern"):  # Gemma 3's and Cohere 2's name for what a file calls
        taken["sliding_window_pattern"] = config._sliding_window_pattern
    return {"left_out": taken, "facts": facts(whole(left))}


def shapes(said):
    """Names and shapes of all tensors of the model."""
    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in built_from(said).state_dict().items()}


def accepted(said, wanted):
    """Whether the class takes the configuration, with tensors of these shapes, and its model reads a text."""
    try:
        if shapes(said) != wanted:
            return False
        built = built_from(said).eval()
        built.get_decoder()(input_ids=torch.zeros(1, 4, dtype=torch.long))
    except (TypeError, ValueError, KeyError, AttributeError, RuntimeError, ZeroDivisionError):
        return False
    return True


def without(said):
    """Of each entry of config.json and of its rope_scaling: "refused", or what the class takes instead of it."""
    said = copy.deepcopy(said)  # transformers adds to the dictionaries that it is given
    part, wanted, out = "text_config" if "text_config" in said else None, shapes(copy.deepcopy(said)), {}
    assert accepted(copy.deepcopy(said), wanted)
    inner = said[part] if part else said
    scaling = inner.get("rope_scaling") or {}
    for key in [*FREE, *SHAPED, *SIZES, *(f"rope_scaling.{k}" for k in scaling)]:
        outer, _, nested = key.partition(".")
        if outer not in inner:
            continue
        left = {k: v for k, v in inner.items() if k != outer}
        if nested:
            left[outer] = {k: v for k, v in scaling.items() if k != nested}
        left = dict(said, **{part: left}) if part else left
        left = copy.deepcopy(left)
        taken = accepted(left, wanted)
        out[key] = {"takes": None if nested else getattr(text_of(left), key, None)} if taken else "refused"
    return out


def rule_of(said):
    scaling = said.get("text_config", said).get("rope_scaling") or {}
    return scaling.get("rope_type", scaling.get("type"))


def class_values(model_type):
    config = AutoConfig.for_model(model_type)
    values = {key: getattr(config, key) for key in FREE + SHAPED + SIZES if hasattr(config, key)}
    if hasattr(config, "_sliding_window_pattern"):
        values["sliding_window_pattern"] = config._sliding_window_pattern
    return values


def main():
    logging.disable()
    lines, classes, seen = {}, set(), set()
    for folder in sorted(FOLDER.iterdir()):
        said = json.loads((folder / "config.json").read_text())
        lines[folder.name] = {"facts": facts(copy.deepcopy(said)), "bare": bare(copy.deepcopy(said))}
        kind = text_of(copy.deepcopy(said)).model_type
        classes.add(kind)
        if (kind, rule_of(said)) not in seen:
            lines[folder.name]["without"] = without(said)
        seen.add((kind, rule_of(said)))
        print(folder.name, lines[folder.name]["bare"]["left_out"], flush=True)
    with open(FOLDER.parent / "model_facts.json", "w") as out:  # a line for each checkpoint
        out.write(f'{{"made_with": "transformers {transformers.__version__}", "models": {{\n')
        out.write(",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in lines.items()) + '\n}, "classes": {\n')
        out.write(",\n".join(f"{json.dumps(name)}: {json.dumps(class_values(name))}" for name in sorted(classes)) + "\n}}\n")


if __name__ == "__main__":
    main()
