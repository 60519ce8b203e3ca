"""The tiny models of make_architectures.py: what each is, and by which readings of its configuration its logits must move.

A model is a `model_type` of transformers and a configuration. `wrong` names readings that an implementation could fall for, as other
values of the configuration, or as a function that changes the built model: each must move the logits, else the golden could not tell
the right reading from the wrong one. `mend` changes the built model where the pinned transformers computes something else than the
published model means; the reason stands beside it. `wide` draws what a name has in it that many times as wide. `config_json` is what
the stored config.json says otherwise than transformers would write it (None: nothing), as older files do, or a function from
one to the other; the meaning is the same. `names` renames the tensors that are stored, likewise.

A model of several parts has a text_config, and only its text is computed: what is said above holds for that part. The other parts are
as small as they can be, and stored.
"""
import dataclasses
import math

import torch

VOCABULARY = 64
SIZES = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, bos_token_id=0, eos_token_id=0)
TWO = dict(SIZES, num_hidden_layers=2)
FOUR = dict(SIZES, num_hidden_layers=4, intermediate_size=24)


@dataclasses.dataclass
class Model:
    kind: str  # model_type
    config: dict
    wrong: dict = dataclasses.field(default_factory=dict)
    mend: callable = None
    wide: dict = dataclasses.field(default_factory=dict)
    config_json: dict = dataclasses.field(default_factory=dict)
    names: callable = None


def changed(condition, **values):
    """A reading that sets attributes of the modules that a condition picks."""
    def change(model):
        found = [module for module in model.modules() if condition(module)]
        assert found, "the reading changes nothing"
        for module in found:
            for name, value in values.items():
                assert hasattr(module, name), name
                setattr(module, name, value(module) if callable(value) and not isinstance(value, torch.nn.Module) else value)
    return change


def named(part):
    return lambda module: type(module).__name__.endswith(part)


def softmax_scale_of_yarn(model):
    """DeepSeek-V2's softmax scale times mscale(factor, mscale_all_dim)^2, which transformers 4.57.6 leaves out"""
    scaling = model.config.rope_scaling or {}
    mscale = 0.1 * scaling.get("mscale_all_dim", 0.0) * math.log(scaling.get("factor", 1.0)) + 1.0
    changed(named("Attention"), scaling=lambda attention: attention.scaling * mscale * mscale)(model)


def tanh_gelu(model):
    """Gemma 1's activation is GELU by tanh whatever hidden_act says, which transformers 4.57.6 follows"""
    changed(named("MLP"), act_fn=torch.nn.GELU(approximate="tanh"))(model)


def norms_without_one(model):
    for module in model.modules():
        if type(module).__name__.endswith("RMSNorm"):
            module.weight.data -= 1.0


def embedding_unscaled(model):
    model.get_input_embeddings().register_forward_hook(lambda module, inputs, rows: rows / model.config.hidden_size ** 0.5)


def unbiased_selection(model):
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            buffer.zero_()


def no_sinks(model):
    for name, p in model.named_parameters():
        if name.endswith("sinks"):
            p.data.fill_(-1e9)


# The two differ by at most 5e-4 of an activation, and so do logits: twice what the tests allow.
EXACT_GELU, TANH_GELU = "exact gelu", "tanh gelu"
SMALL = {EXACT_GELU: 2e-4, TANH_GELU: 2e-4}
exact_gelu = changed(named("MLP"), act_fn=torch.nn.GELU())

# Wavelengths of 8 rotated numbers at this base are 6, 20, 63 and 199 positions: one is kept, one is between, two are scaled by the
# rules that follow; at 10000 none would be between.
BASE = 100.0
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)
# Phi-3's, by its older key.
SHORT = dict(type="longrope", short_factor=[1.0, 1.5, 2.0, 3.0], long_factor=[1.3, 4.0, 9.0, 16.0])
LONG = dict(SHORT, short_factor=SHORT["long_factor"])
# Said by the published files; transformers leaves it out.
V2, V3 = {"scoring_func": "softmax"}, {"scoring_func": "sigmoid", "topk_method": "noaux_tc"}
# Multi-head latent attention: no two sizes are equal.
MLA = dict(TWO, num_key_value_heads=4, kv_lora_rank=16, qk_nope_head_dim=12, qk_rope_head_dim=8, v_head_dim=10, moe_intermediate_size=16,
           n_shared_experts=2, first_k_dense_replace=1)
MULTIPLIERS = {"embedding 1": dict(embedding_multiplier=1.0), "attention of the head": dict(attention_multiplier=8 ** -0.5),
               "residual 1": dict(residual_multiplier=1.0), "logits 1": dict(logits_scaling=1.0)}
NEOX = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=128, bos_token_id=0, eos_token_id=0)
GPT2 = dict(vocab_size=VOCABULARY, n_positions=128, n_ctx=128, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)
# Falcon's feed-forward block is four times as wide as the model in every file.
FALCON = dict(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=128,
              bos_token_id=0, eos_token_id=0)
STABLELM = dict(TWO, num_attention_heads=2, partial_rotary_factor=0.25)

# Of models of several parts.
SEES = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, image_size=4, patch_size=2)


def text_at_the_top(config):
    """As older files of Qwen2-VL have it."""
    inner = config.pop("text_config")
    scaling = dict(type="mrope", mrope_section=inner["rope_scaling"]["mrope_section"])
    return {**inner, **config, "model_type": config["model_type"], "rope_scaling": scaling}


def names_in_memory(name):
    """As transformers calls the tensors since 4.52, where it stores them under the older names."""
    inner = name.removeprefix("language_model.model.")
    if inner != name:
        return "model.language_model." + inner
    return name.removeprefix("language_model.") if name.startswith("language_model.lm_head") else "model." + name


MODELS = {
    # The window is shorter than the text; a head of its own.
    "starcoder2": Model("starcoder2", dict(SIZES, sliding_window=11, tie_word_embeddings=False, rope_theta=1e5),
                        {"no window": dict(sliding_window=None), "base 10000": dict(rope_theta=1e4)}),
    # What StarCoder2-3B has: the embedding is the head.
    "starcoder2-tied": Model("starcoder2", dict(SIZES, sliding_window=None, tie_word_embeddings=True, norm_epsilon=1e-3),
                             {"a window": dict(sliding_window=11), "epsilon 1e-1": dict(norm_epsilon=1e-1)}),
    "starcoder2-unbiased": Model("starcoder2", dict(SIZES, sliding_window=None, use_bias=False)),
    "qwen2": Model("qwen2", dict(SIZES, rope_theta=1e6), {"base 10000": dict(rope_theta=1e4)}),
    # Layers from max_window_layers on have a window.
    "qwen2-windows": Model("qwen2", dict(SIZES, tie_word_embeddings=True, use_sliding_window=True, sliding_window=9, max_window_layers=1),
                           {"no window": dict(use_sliding_window=False), "windows everywhere": dict(max_window_layers=0),
                            "one window less": dict(max_window_layers=2), "window 8": dict(sliding_window=8)}),

    "llama-llama3": Model("llama", dict(TWO, rope_theta=BASE, rope_scaling=LLAMA3, tie_word_embeddings=False),
                          {"no scaling": dict(rope_scaling=None), "linear": dict(rope_scaling=dict(rope_type="linear", factor=8.0)),
                           "no smoothing": dict(rope_scaling=dict(LLAMA3, low_freq_factor=3.999)),
                           "factor 4": dict(rope_scaling=dict(LLAMA3, factor=4.0))}),
    # The older key, "type"; as many heads of keys as of queries.
    "llama-linear": Model("llama", dict(TWO, rope_scaling=dict(type="linear", factor=2.5), num_key_value_heads=4, tie_word_embeddings=True),
                          {"no scaling": dict(rope_scaling=None), "factor 2": dict(rope_scaling=dict(type="linear", factor=2.0))}),
    # Texts below max_position_embeddings, where dynamic scaling has no effect: whoever takes it for another kind is seen.
    "llama-dynamic": Model("llama", dict(TWO, rope_scaling=dict(rope_type="dynamic", factor=4.0), tie_word_embeddings=True),
                           {"linear": dict(rope_scaling=dict(rope_type="linear", factor=4.0)),
                            "yarn": dict(rope_scaling=dict(YARN))}),
    "llama-yarn": Model("llama", dict(TWO, rope_theta=BASE, rope_scaling=YARN),
                        {"no scaling": dict(rope_scaling=None), "linear": dict(rope_scaling=dict(rope_type="linear", factor=4.0)),
                         "attention factor 1": dict(rope_scaling=dict(YARN, attention_factor=1.0)),
                         "not truncated": dict(rope_scaling=dict(YARN, truncate=False)),
                         "original length 128": dict(rope_scaling=dict(YARN, original_max_position_embeddings=128))}),
    # Every number of YaRN given.
    "llama-yarn-given": Model("llama", dict(TWO, rope_theta=BASE, rope_scaling=dict(YARN, beta_fast=4.0, beta_slow=0.5,
                                                                                  attention_factor=0.8, truncate=False)),
                              {"beta_fast 32": dict(rope_scaling=dict(YARN, beta_slow=0.5, attention_factor=0.8, truncate=False)),
                               "beta_slow 1": dict(rope_scaling=dict(YARN, beta_fast=4.0, attention_factor=0.8, truncate=False)),
                               "attention factor 1.14": dict(rope_scaling=dict(YARN, beta_fast=4.0, beta_slow=0.5, truncate=False)),
                               "truncated": dict(rope_scaling=dict(YARN, beta_fast=4.0, beta_slow=0.5, attention_factor=0.8))}),
    # Heads wider than the model is by their number; one head of keys; every bias.
    "llama-biases": Model("llama", dict(TWO, attention_bias=True, mlp_bias=True, head_dim=12, num_key_value_heads=1, rms_norm_eps=1e-2),
                          {"no attention bias": dict(attention_bias=False), "no mlp bias": dict(mlp_bias=False),
                           "epsilon 1e-6": dict(rms_norm_eps=1e-6)}),

    "mistral": Model("mistral", dict(TWO, sliding_window=9, head_dim=12, tie_word_embeddings=False, rope_theta=1e6),
                     {"no window": dict(sliding_window=None), "window 10": dict(sliding_window=10)}),
    "mistral-full": Model("mistral", dict(TWO, sliding_window=None, num_key_value_heads=4, tie_word_embeddings=True), {"a window": dict(sliding_window=9)}),

    "mixtral": Model("mixtral", dict(TWO, intermediate_size=16, num_local_experts=6, num_experts_per_tok=2, sliding_window=None),
                     {"one expert": dict(num_experts_per_tok=1), "three experts": dict(num_experts_per_tok=3)}),
    "mixtral-window": Model("mixtral", dict(TWO, intermediate_size=16, num_local_experts=5, num_experts_per_tok=3, sliding_window=9,
                                            tie_word_embeddings=True, head_dim=12),
                            {"no window": dict(sliding_window=None), "two experts": dict(num_experts_per_tok=2)}),

    "qwen3": Model("qwen3", dict(TWO, head_dim=12, tie_word_embeddings=True, rope_theta=1e6), {"base 10000": dict(rope_theta=1e4)}),
    "qwen3-yarn": Model("qwen3", dict(TWO, head_dim=8, rope_theta=BASE, rope_scaling=YARN, attention_bias=True, use_sliding_window=True,
                                      sliding_window=9, max_window_layers=1),
                        {"no scaling": dict(rope_scaling=None), "no bias": dict(attention_bias=False),
                         "no window": dict(use_sliding_window=False), "windows everywhere": dict(max_window_layers=0)}),

    "qwen3-moe": Model("qwen3_moe", dict(TWO, head_dim=12, moe_intermediate_size=16, num_experts=6, num_experts_per_tok=3,
                                         norm_topk_prob=True),
                       {"not normalised": dict(norm_topk_prob=False), "two experts": dict(num_experts_per_tok=2)}),
    # Layers 1 and 3 would have experts by their step; layer 1 is named as dense.
    "qwen3-moe-sparse": Model("qwen3_moe", dict(FOUR, head_dim=8, moe_intermediate_size=16, num_experts=5, num_experts_per_tok=2,
                                                norm_topk_prob=False, decoder_sparse_step=2, mlp_only_layers=[1],
                                                attention_bias=True, tie_word_embeddings=True),
                              {"normalised": dict(norm_topk_prob=True), "no bias": dict(attention_bias=False)}),

    "qwen2-moe": Model("qwen2_moe", dict(TWO, moe_intermediate_size=16, shared_expert_intermediate_size=40, num_experts=6,
                                         num_experts_per_tok=3, norm_topk_prob=False),
                       {"normalised": dict(norm_topk_prob=True), "no bias": dict(qkv_bias=False)}),
    "qwen2-moe-sparse": Model("qwen2_moe", dict(FOUR, moe_intermediate_size=16, shared_expert_intermediate_size=24,
                                                num_experts=5, num_experts_per_tok=2, norm_topk_prob=True, decoder_sparse_step=2,
                                                mlp_only_layers=[1], tie_word_embeddings=True),
                              {"not normalised": dict(norm_topk_prob=False)}),

    # The embedding is scaled by sqrt(hidden_size) and stored small enough for that.
    "gemma": Model("gemma", dict(TWO, head_dim=12, num_key_value_heads=1, pad_token_id=None),
                   {"norms without one": norms_without_one, "embedding unscaled": embedding_unscaled, EXACT_GELU: exact_gelu},
                   wide={"embed_tokens": 0.3, "down_proj": 2.0, "gate_proj": 0.8}),
    # As Gemma 1 was published: hidden_act says one thing, hidden_activation means it.
    "gemma-published": Model("gemma", dict(TWO, head_dim=8, num_key_value_heads=4, pad_token_id=None, hidden_act="gelu",
                                           hidden_activation="gelu_pytorch_tanh", rope_theta=1e5),
                             {EXACT_GELU: exact_gelu, "base 10000": dict(rope_theta=1e4)}, mend=tanh_gelu,
                             wide={"embed_tokens": 0.3, "down_proj": 2.0, "gate_proj": 0.8}),
    "gemma2": Model("gemma2", dict(SIZES, head_dim=12, query_pre_attn_scalar=12, sliding_window=9, attn_logit_softcapping=4.0,
                                   final_logit_softcapping=3.0, pad_token_id=None),
                    {"no cap in attention": dict(attn_logit_softcapping=None), "no final cap": dict(final_logit_softcapping=None),
                     "no windows": dict(layer_types=["full_attention"] * 3),
                     "windows in the other layers": dict(layer_types=["full_attention", "sliding_attention", "full_attention"]),
                     "norms without one": norms_without_one, "embedding unscaled": embedding_unscaled, EXACT_GELU: exact_gelu},
                    wide={"embed_tokens": 0.12, "down_proj": 2.0, "gate_proj": 0.8}),
    # Without caps; older files do not list the kinds of their layers.
    "gemma2-uncapped": Model("gemma2", dict(SIZES, head_dim=8, num_key_value_heads=1, query_pre_attn_scalar=5, sliding_window=7,
                                            attn_logit_softcapping=None, final_logit_softcapping=None, pad_token_id=None),
                             {"scale of the head": dict(query_pre_attn_scalar=8), "caps": dict(attn_logit_softcapping=4.0, final_logit_softcapping=3.0),
                              "no windows": dict(layer_types=["full_attention"] * 3), "window 8": dict(sliding_window=8)},
                             wide={"embed_tokens": 0.12}, config_json={"layer_types": None}),
    "gemma3": Model("gemma3_text", dict(FOUR, num_hidden_layers=7, head_dim=12, query_pre_attn_scalar=12, sliding_window=9,
                                        sliding_window_pattern=6, rope_theta=1e6, rope_local_base_freq=1e4, rope_scaling=dict(rope_type="linear", factor=4.0),
                                        pad_token_id=None),
                    {"no scaling": dict(rope_scaling=None), "local base everywhere": dict(rope_theta=1e4, rope_scaling=None),
                     "global base everywhere": dict(rope_local_base_freq=1e6), "pattern of 2": dict(sliding_window_pattern=2),
                     "norms without one": norms_without_one,
                     "embedding unscaled": changed(named("ScaledWordEmbedding"), embed_scale=torch.tensor(1.0))},
                    wide={"embed_tokens": 0.12}, config_json={"layer_types": None, "_sliding_window_pattern": None}),
    # The kinds of the layers listed; no scaling; a head of its own.
    "gemma3-listed": Model("gemma3_text", dict(SIZES, head_dim=8, num_key_value_heads=1, query_pre_attn_scalar=5, sliding_window=7,
                                               layer_types=["full_attention", "sliding_attention", "full_attention"], rope_theta=1e5,
                                               rope_local_base_freq=100.0, tie_word_embeddings=False, pad_token_id=None),
                           {"windows in the other layers": dict(layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
                            "local base everywhere": dict(rope_theta=100.0), "scale of the head": dict(query_pre_attn_scalar=8)},
                           wide={"embed_tokens": 0.12}),

    # Texts of 72 tokens are below the original length of 300: the short factors. llama.cpp, which chooses by the length of the context
    # instead, has no context below 256.
    "phi3": Model("phi3", dict(TWO, num_key_value_heads=4, max_position_embeddings=1200, original_max_position_embeddings=300,
                               rope_scaling=SHORT, pad_token_id=None),
                  {"no scaling": dict(rope_scaling=None), "long factors": dict(rope_scaling=LONG),
                   "attention factor 1": changed(named("RotaryEmbedding"), attention_scaling=1.0)}),
    # Both the prompt and the text are longer than the original length: the long factors throughout.
    "phi3-long": Model("phi3", dict(TWO, num_key_value_heads=4, max_position_embeddings=1200, original_max_position_embeddings=38,
                                    rope_scaling=SHORT, pad_token_id=None),
                       {"no scaling": dict(rope_scaling=None), "short factors": dict(rope_scaling=dict(SHORT, long_factor=SHORT["short_factor"])),
                        "attention factor 1": changed(named("RotaryEmbedding"), attention_scaling=1.0)}),
    # What Phi-4-mini has: three quarters of a head are rotated; the embedding is the head.
    "phi3-partial": Model("phi3", dict(TWO, partial_rotary_factor=0.75, max_position_embeddings=1200, original_max_position_embeddings=300,
                                       rope_scaling=dict(SHORT, short_factor=[1.0, 1.7, 3.0], long_factor=[1.5, 4.0, 9.0]),
                                       tie_word_embeddings=True, pad_token_id=None),
                          {"no scaling": dict(rope_scaling=None), "all rotated": dict(rope_scaling=None, partial_rotary_factor=1.0),
                           "attention factor 1": changed(named("RotaryEmbedding"), attention_scaling=1.0)}),
    # What Phi-3-mini-4k has: a window and no scaling.
    "phi3-window": Model("phi3", dict(TWO, num_key_value_heads=4, sliding_window=9, pad_token_id=None),
                         {"no window": dict(sliding_window=None), "window 10": dict(sliding_window=10)}),
    # What Phi-4 has: neither scaling nor window.
    "phi4": Model("phi3", dict(TWO, num_key_value_heads=1, rope_theta=250000.0, pad_token_id=None), {"base 10000": dict(rope_theta=1e4)}),

    # What DeepSeek-V2-Lite has: queries without a factorization, the best experts of all.
    "deepseek-v2-lite": Model("deepseek_v2", dict(MLA, q_lora_rank=None, n_routed_experts=6, num_experts_per_tok=3, topk_method="greedy",
                                                  rope_theta=BASE, rope_scaling=dict(YARN, factor=8.0, mscale=0.707, mscale_all_dim=0.707)),
                              {"no scaling": dict(rope_scaling=None), "scaling factor 2": dict(routed_scaling_factor=2.0),
                               "no mscale in the softmax": changed(named("Attention"), scaling=20 ** -0.5),
                               "two experts": dict(num_experts_per_tok=2)},
                              mend=softmax_scale_of_yarn, config_json=V2),
    # What DeepSeek-V2 has: factorized queries, the best groups, then the best experts of these.
    "deepseek-v2": Model("deepseek_v2", dict(MLA, q_lora_rank=24, n_routed_experts=8, num_experts_per_tok=3, n_group=4, topk_group=2,
                                             topk_method="group_limited_greedy", routed_scaling_factor=2.5, rope_theta=BASE,
                                             rope_scaling=dict(YARN, factor=8.0, mscale=1.0, mscale_all_dim=0.5)),
                         {"greedy": dict(topk_method="greedy"), "three groups": dict(topk_group=3), "two groups of two": dict(n_group=2),
                          "scaling factor 1": dict(routed_scaling_factor=1.0),
                          "rotation of one mscale": changed(named("RotaryEmbedding"), attention_scaling=1.0),
                          "no mscale in the softmax": changed(named("Attention"), scaling=20 ** -0.5)},
                         mend=softmax_scale_of_yarn, config_json=V2),
    # Factorized queries, the best experts of all; one shared expert; the embedding is the head; two dense layers.
    "deepseek-v2-greedy": Model("deepseek_v2", dict(MLA, q_lora_rank=24, n_routed_experts=5, num_experts_per_tok=2, topk_method="greedy",
                                                    n_shared_experts=1, first_k_dense_replace=2, num_hidden_layers=3,
                                                    tie_word_embeddings=True, rope_theta=BASE,
                                                    rope_scaling=dict(YARN, factor=8.0, mscale=0.707, mscale_all_dim=0.707)),
                                {"no scaling": dict(rope_scaling=None),
                                 "no mscale in the softmax": changed(named("Attention"), scaling=20 ** -0.5)},
                                mend=softmax_scale_of_yarn, config_json=V2),

    "granite": Model("granite", dict(TWO, embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4, logits_scaling=0.5,
                                     tie_word_embeddings=True),
                     MULTIPLIERS, wide={"embed_tokens": 0.15}),
    "granite-biases": Model("granite", dict(TWO, num_key_value_heads=1, embedding_multiplier=2.0, attention_multiplier=0.5,
                                            residual_multiplier=0.7, logits_scaling=0.7, tie_word_embeddings=False, attention_bias=True,
                                            mlp_bias=True),
                            dict(MULTIPLIERS, **{"no attention bias": dict(attention_bias=False), "no mlp bias": dict(mlp_bias=False)}),
                            wide={"embed_tokens": 0.3}),
    "granite-moe": Model("granitemoe", dict(TWO, intermediate_size=16, num_local_experts=5, num_experts_per_tok=2, embedding_multiplier=3.0,
                                            attention_multiplier=0.2, residual_multiplier=0.5, logits_scaling=2.0, tie_word_embeddings=True),
                         dict(MULTIPLIERS, **{"one expert": dict(num_experts_per_tok=1)}), wide={"embed_tokens": 0.3}),
    "granite-moe-untied": Model("granitemoe", dict(TWO, intermediate_size=24, num_local_experts=4, num_experts_per_tok=3,
                                                   embedding_multiplier=2.0, attention_multiplier=0.5, residual_multiplier=0.7,
                                                   logits_scaling=0.7, tie_word_embeddings=False, num_key_value_heads=4),
                                dict(MULTIPLIERS, **{"two experts": dict(num_experts_per_tok=2)}), wide={"embed_tokens": 0.3}),

    "olmo2": Model("olmo2", dict(TWO, tie_word_embeddings=False, rope_theta=5e5, pad_token_id=None), {"base 10000": dict(rope_theta=1e4)}),
    "olmo2-tied": Model("olmo2", dict(TWO, num_key_value_heads=4, tie_word_embeddings=True, rms_norm_eps=1e-2, pad_token_id=None,
                                      rope_scaling=dict(type="linear", factor=2.5)),
                        {"no scaling": dict(rope_scaling=None), "epsilon 1e-6": dict(rms_norm_eps=1e-6)}, wide={"embed_tokens": 0.3}),

    # A quarter of a head is rotated, which is 4 numbers; every linear layer is biased.
    "gpt-neox": Model("gpt_neox", dict(NEOX, rotary_pct=0.25, use_parallel_residual=True),
                      {"one after the other": dict(use_parallel_residual=False), "all rotated": dict(rotary_pct=1.0),
                       "half rotated": dict(rotary_pct=0.5), "base 100": dict(rotary_emb_base=100), TANH_GELU: dict(hidden_act="gelu_new")},
                      wide={"4h_to_h": 3.0, "h_to_4h": 0.7}),
    "gpt-neox-sequential": Model("gpt_neox", dict(NEOX, num_attention_heads=4, rotary_pct=1.0, use_parallel_residual=False, layer_norm_eps=5e-2),
                                 {"at once": dict(use_parallel_residual=True), "half rotated": dict(rotary_pct=0.5),
                                  "epsilon 1e-5": dict(layer_norm_eps=1e-5)}),
    "gpt-neox-tied": Model("gpt_neox", dict(NEOX, rotary_pct=0.5, rotary_emb_base=100, attention_bias=False, tie_word_embeddings=True),
                           {"base 10000": dict(rotary_emb_base=10000), "one after the other": dict(use_parallel_residual=False)}),

    "gpt2": Model("gpt2", GPT2, {"unscaled": dict(scale_attn_weights=False), EXACT_GELU: dict(activation_function="gelu")},
                  wide={"mlp.c_proj": 3.0, "mlp.c_fc": 0.7}),
    "gpt2-scaled": Model("gpt2", dict(GPT2, n_layer=3, n_inner=40, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True,
                                      tie_word_embeddings=False, layer_norm_epsilon=5e-2),
                         {"one scale": dict(scale_attn_by_inverse_layer_idx=False), "unscaled": dict(scale_attn_weights=False),
                          "epsilon 1e-5": dict(layer_norm_epsilon=1e-5)}),

    # What Falcon-7B has: one head of keys, attention and feed-forward block read one norm.
    "falcon": Model("falcon", dict(FALCON, multi_query=True, parallel_attn=True),
                    {TANH_GELU: dict(activation="gelu_new"), "base 100": dict(rope_theta=100.0)}, wide={"4h_to_h": 3.0, "h_to_4h": 0.7},
                    config_json={"num_kv_heads": None}),
    # What Falcon-40B has: groups of queries beside their key and value, a norm for each block.
    "falcon-40b": Model("falcon", dict(FALCON, new_decoder_architecture=True, num_kv_heads=2)),
    # What Falcon2-11B has: the groups, and one norm.
    "falcon2": Model("falcon", dict(FALCON, new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1, tie_word_embeddings=False),
                     {"base 100": dict(rope_theta=100.0)}),

    "cohere": Model("cohere", dict(TWO, logit_scale=0.5, use_qk_norm=False), {"logit scale 1": dict(logit_scale=1.0)},
                    wide={"embed_tokens": 0.3}),
    # What Command-R+ has.
    "cohere-qk-norm": Model("cohere", dict(TWO, logit_scale=0.8, use_qk_norm=True, rope_theta=BASE, layer_norm_eps=5e-2),
                            {"no norm": dict(use_qk_norm=False), "base 10000": dict(rope_theta=1e4), "epsilon 1e-5": dict(layer_norm_eps=1e-5)},
                            wide={"embed_tokens": 0.3}),
    # Layers with a window are rotated, the others are not.
    "cohere2": Model("cohere2", dict(SIZES, rotary_pct=1.0, logit_scale=0.5, sliding_window=9, layer_types=["sliding_attention", "full_attention"] * 2,
                                     num_hidden_layers=4, intermediate_size=24),
                     {"no windows": dict(layer_types=["full_attention"] * 4), "all windows": dict(layer_types=["sliding_attention"] * 4),
                      "window 10": dict(sliding_window=10), "logit scale 1": dict(logit_scale=1.0)}, wide={"embed_tokens": 0.3}),
    # Three with a window to one without, which older files do not say.
    "cohere2-pattern": Model("cohere2", dict(SIZES, rotary_pct=1.0, logit_scale=0.25, sliding_window=7, num_hidden_layers=4, intermediate_size=24,
                                             num_key_value_heads=4, rope_theta=BASE),
                             {"all windows": dict(layer_types=["sliding_attention"] * 4), "base 10000": dict(rope_theta=1e4)},
                             wide={"embed_tokens": 0.3}, config_json={"layer_types": None, "_sliding_window_pattern": None}),

    # What StableLM 2 1.6B has: biased queries, keys and values; a quarter of a head is rotated.
    "stablelm": Model("stablelm", dict(STABLELM, use_qkv_bias=True),
                      {"no bias": dict(use_qkv_bias=False), "all rotated": dict(partial_rotary_factor=1.0),
                       "half rotated": dict(partial_rotary_factor=0.5)}),
    # What StableLM 2 12B has: a norm for each head of queries and keys, both blocks at once.
    "stablelm-12b": Model("stablelm", dict(STABLELM, num_key_value_heads=1, qk_layernorm=True, use_parallel_residual=True,
                                           tie_word_embeddings=True),
                          {"no norm": dict(qk_layernorm=False)}),
    "stablelm-plain": Model("stablelm", dict(STABLELM, partial_rotary_factor=0.5, layer_norm_eps=5e-2),
                            {"epsilon 1e-5": dict(layer_norm_eps=1e-5), "a quarter rotated": dict(partial_rotary_factor=0.25)}),

    # The last layer of four is not rotated, which is the class's default.
    "smollm3": Model("smollm3", dict(FOUR, tie_word_embeddings=True, rope_theta=5e6, pad_token_id=None),
                     {"all rotated": dict(no_rope_layers=[1] * 4), "none rotated": dict(no_rope_layers=[0] * 4),
                      "the first one not": dict(no_rope_layers=[0, 1, 1, 1]), "base 10000": dict(rope_theta=1e4)},
                     config_json={"no_rope_layers": None, "layer_types": None}),
    # Listed, with windows in the layers that are not rotated, YaRN in the others, and biases.
    "smollm3-listed": Model("smollm3", dict(SIZES, no_rope_layers=[0, 1, 0], use_sliding_window=True, sliding_window=9, attention_bias=True,
                                            mlp_bias=True, rope_theta=BASE, rope_scaling=YARN, tie_word_embeddings=False, pad_token_id=None),
                            {"all rotated": dict(no_rope_layers=[1] * 3, layer_types=["sliding_attention", "full_attention"] * 1 + ["sliding_attention"]),
                             "no windows": dict(use_sliding_window=False), "no scaling": dict(rope_scaling=None),
                             "no attention bias": dict(attention_bias=False), "no mlp bias": dict(mlp_bias=False)}),

    "deepseek-v3": Model("deepseek_v3", dict(MLA, q_lora_rank=24, n_routed_experts=8, num_experts_per_tok=3, n_group=4, topk_group=2,
                                             n_shared_experts=1, norm_topk_prob=True, routed_scaling_factor=2.5, rope_theta=BASE,
                                             rope_scaling=dict(YARN, factor=8.0, mscale=1.0, mscale_all_dim=1.0)),
                         {"not normalised": dict(norm_topk_prob=False), "three groups": dict(topk_group=3),
                          "scaling factor 1": dict(routed_scaling_factor=1.0), "no scaling": dict(rope_scaling=None),
                          "rotation by halves": dict(rope_interleave=False), "no bias": unbiased_selection,
                          "no mscale in the softmax": changed(named("Attention"), scaling=20 ** -0.5)}, config_json=V3),
    # What Moonlight has: queries without a factorization, one group, no YaRN.
    "deepseek-v3-lite": Model("deepseek_v3", dict(MLA, q_lora_rank=None, n_routed_experts=5, num_experts_per_tok=2, n_group=1, topk_group=1,
                                                  norm_topk_prob=False, routed_scaling_factor=1.5, tie_word_embeddings=True),
                              {"normalised": dict(norm_topk_prob=True), "no bias": unbiased_selection,
                               "scaling factor 1": dict(routed_scaling_factor=1.0)}, config_json=V3),

    # Gates are wide enough to be clamped.
    "gpt-oss": Model("gpt_oss", dict(SIZES, intermediate_size=16, head_dim=12, num_local_experts=5, num_experts_per_tok=2, sliding_window=9,
                                     rope_theta=BASE, rope_scaling=dict(YARN, beta_fast=32.0, beta_slow=1.0, truncate=False)),
                     {"no sinks": no_sinks, "no clamp": changed(named("Experts"), limit=1e9),
                      "alpha 1": changed(named("Experts"), alpha=1.0), "one expert": dict(num_experts_per_tok=1),
                      "no windows": dict(layer_types=["full_attention"] * 3),
                      "windows in the other layers": dict(layer_types=["full_attention", "sliding_attention", "full_attention"]),
                      "truncated": dict(rope_scaling=dict(YARN, truncate=True)), "no scaling": dict(rope_scaling=None),
                      "attention factor 1": dict(rope_scaling=dict(YARN, truncate=False, attention_factor=1.0))},
                     wide={"gate_up_proj": 4.0, "sinks": 4.0}),
    "gpt-oss-plain": Model("gpt_oss", dict(TWO, intermediate_size=24, head_dim=8, num_key_value_heads=1, num_local_experts=4,
                                           num_experts_per_tok=3, sliding_window=7, rope_scaling=None, rope_theta=150000.0),
                           {"no sinks": no_sinks, "alpha 1": changed(named("Experts"), alpha=1.0),
                            "windows in the other layers": dict(layer_types=["full_attention", "sliding_attention"])},
                           config_json={"layer_types": None}, wide={"gate_up_proj": 2.0, "sinks": 4.0}),

    # What Phi-2 has; its head is biased, too.
    "phi": Model("phi", dict(TWO, intermediate_size=128, num_key_value_heads=4, partial_rotary_factor=0.5),
                 {"all rotated": dict(partial_rotary_factor=1.0), EXACT_GELU: dict(hidden_act="gelu")}, wide={"fc2": 3.0, "fc1": 0.7}),
    "phi-qk-norm": Model("phi", dict(TWO, num_key_value_heads=2, partial_rotary_factor=0.75, qk_layernorm=True, rope_theta=BASE,
                                     layer_norm_eps=5e-2),
                         {"all rotated": dict(partial_rotary_factor=1.0), "no norm": dict(qk_layernorm=False),
                          "base 10000": dict(rope_theta=1e4), "epsilon 1e-5": dict(layer_norm_eps=1e-5)}),

    "gpt-bigcode": Model("gpt_bigcode", dict(GPT2, multi_query=True), {"unscaled": dict(scale_attn_weights=False),
                                                                      EXACT_GELU: dict(activation_function="gelu")},
                         wide={"mlp.c_proj": 3.0, "mlp.c_fc": 0.7}),
    "gpt-bigcode-heads": Model("gpt_bigcode", dict(GPT2, multi_query=False, n_inner=40, layer_norm_epsilon=5e-2, tie_word_embeddings=False),
                               {"epsilon 1e-5": dict(layer_norm_epsilon=1e-5)}),

    "gemma3-parts": Model("gemma3", dict(text_config=dict(SIZES, head_dim=8, query_pre_attn_scalar=12, sliding_window=9, rope_theta=1e5, pad_token_id=None,
                                                          rope_scaling=dict(rope_type="linear", factor=4.0),
                                                          layer_types=["full_attention", "sliding_attention", "full_attention"]),
                                         vision_config=dict(SEES, model_type="siglip_vision_model"), mm_tokens_per_image=4),
                          {"no scaling": dict(rope_scaling=None), "window 10": dict(sliding_window=10), "query scale of the head": dict(query_pre_attn_scalar=8),
                           "local base everywhere": dict(rope_theta=1e4)}, wide={"embed_tokens": 0.12}),
    # Vicuna's class; what the text's class has by default is left out.
    "llava": Model("llava", dict(text_config=dict(TWO, model_type="llama", rope_theta=1e5, rms_norm_eps=1e-2, max_position_embeddings=2048),
                                 vision_config=dict(SEES, model_type="clip_vision_model", projection_dim=8), image_token_index=1),
                   {"base 10000": dict(rope_theta=1e4), "epsilon 1e-6": dict(rms_norm_eps=1e-6)}),
    "llava-next": Model("llava_next", dict(text_config=dict(TWO, model_type="mistral", sliding_window=9), image_token_index=1,
                                           vision_config=dict(SEES, model_type="clip_vision_model", projection_dim=8), image_grid_pinpoints=[[4, 4]]),
                        {"no window": dict(sliding_window=None)}, names=names_in_memory),
    "llava-onevision": Model("llava_onevision", dict(text_config=dict(TWO, model_type="qwen2", rope_theta=1e6, tie_word_embeddings=True),
                                                     vision_config=dict(SEES, model_type="siglip_vision_model", vision_use_head=False),
                                                     image_grid_pinpoints=[[4, 4]], image_token_index=1, video_token_index=2),
                             {"base 10000": dict(rope_theta=1e4)}),
    "mistral3": Model("mistral3", dict(text_config=dict(TWO, model_type="mistral", head_dim=12, sliding_window=None, rope_theta=1e6),
                                       vision_config=dict(SEES, model_type="pixtral", head_dim=8), image_token_index=1),
                      {"a window": dict(sliding_window=9), "base 10000": dict(rope_theta=1e4)}),
    "idefics3": Model("idefics3", dict(text_config=dict(TWO, model_type="llama", rope_theta=BASE), vision_config=SEES, image_token_id=1, pad_token_id=None),
                      {"base 10000": dict(rope_theta=1e4)}),
    "smolvlm": Model("smolvlm", dict(text_config=dict(TWO, model_type="llama", head_dim=12, num_key_value_heads=1), vision_config=SEES,
                                     image_token_id=1, pad_token_id=None), {"base 100": dict(rope_theta=BASE)}),
    # Three positions of each token, which are equal; text fields as they were published, and in a text_config.
    "qwen2-vl": Model("qwen2_vl", dict(text_config=dict(TWO, rope_scaling=dict(type="mrope", mrope_section=[1, 1, 2]), tie_word_embeddings=True,
                                                        use_sliding_window=True, sliding_window=9, max_window_layers=1),
                                       vision_config=dict(depth=1, embed_dim=8, hidden_size=32, mlp_ratio=1, num_heads=1, patch_size=2, spatial_merge_size=1)),
                      {"no window": dict(use_sliding_window=False), "windows everywhere": dict(max_window_layers=0), "base 10000": dict(rope_theta=1e4)},
                      config_json=text_at_the_top),
    "qwen2.5-vl": Model("qwen2_5_vl", dict(text_config=dict(TWO, rope_scaling=dict(type="mrope", mrope_section=[1, 1, 2])),
                                           vision_config=dict(depth=1, hidden_size=8, intermediate_size=8, out_hidden_size=32, num_heads=1, patch_size=2,
                                                              spatial_merge_size=1, fullatt_block_indexes=[0], window_size=4)),
                        {"base 10000": dict(rope_theta=1e4), "epsilon 1e-2": dict(rms_norm_eps=1e-2)},
                        # Which transformers 4.57.6 writes into the text_config.
                        config_json={"architectures": ["Qwen2_5_VLForConditionalGeneration"]}),
}
