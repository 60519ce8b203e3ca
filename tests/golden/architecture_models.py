"""The tiny models of make_architectures.py: what each is, and by which readings of its configuration its logits must move.

A model is a `model_type` of transformers and a configuration. `wrong` names readings that an implementation could fall for, as other
values of the configuration, or as a function that changes the built model: each must move the logits, else the golden could not tell
the right reading from the wrong one. `mend` changes the built model where the pinned transformers computes something else than the
published model means; the reason stands beside it. `wide` draws what a name has in it that many times as wide.
"""
import dataclasses
import math

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


def changed(condition, **values):
    """A reading that sets attributes of the modules that a condition picks."""
    def change(model):
        found = [module for module in model.modules() if condition(module)]
        assert found, "the reading changes nothing"
        for module in found:
            for name, value in values.items():
                assert hasattr(module, name), name
                setattr(module, name, value(module) if callable(value) else value)
    return change


def named(part):
    return lambda module: type(module).__name__.endswith(part)


# Wavelengths of 8 rotated numbers at this base are 6, 20, 63 and 199 positions: one is kept, one is between, two are scaled by the
# rules that follow; at 10000 none would be between.
BASE = 100.0
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)

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
}
