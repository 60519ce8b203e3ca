"""Tiny random checkpoints as transformers saves them, and what transformers computes with them in float32.

    pip install torch==2.9.1 transformers==4.57.6 safetensors==0.8.0
    python tests/golden/make_architectures.py FOLDER [NAME...]     (in an environment outside this repository)

What is committed in tests/golden/architectures:

FOLDER/NAME/config.json, model.safetensors (bf16), golden.safetensors: `prompt` I64 [40], `logits` F32 [40, vocabulary] of the whole
prompt at once, `steps` I64 [32] the greedy continuation, `step_logits` F32 [32, vocabulary] of each step with a key-value cache: row
i follows the prompt and i + 1 tokens of `steps`. Weights are drawn wide enough that every part of a layer moves the logits, biases
and norm weights included, and seeds are chosen so that the greedy token leads by more than 0.02 everywhere.
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM, Starcoder2Config, Starcoder2ForCausalLM

PROMPT, STEPS, VOCABULARY, LEAD = 40, 32, 64, 0.02
SIZES = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, bos_token_id=0, eos_token_id=0)

MODELS = {
    # The window is shorter than the text; a head of its own.
    "starcoder2": (Starcoder2ForCausalLM, Starcoder2Config(**SIZES, sliding_window=11, tie_word_embeddings=False, rope_theta=1e5)),
    # What StarCoder2-3B has: the embedding is the head.
    "starcoder2-tied": (Starcoder2ForCausalLM, Starcoder2Config(**SIZES, sliding_window=None, tie_word_embeddings=True, norm_epsilon=1e-3)),
    "starcoder2-unbiased": (Starcoder2ForCausalLM, Starcoder2Config(**SIZES, sliding_window=None, use_bias=False)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**SIZES, rope_theta=1e6)),
    # Layers from max_window_layers on have a window.
    "qwen2-windows": (Qwen2ForCausalLM, Qwen2Config(**SIZES, tie_word_embeddings=True, use_sliding_window=True, sliding_window=9,
                                                    max_window_layers=1)),
}


def draw(model, seed):
    """Matrices around 0, norm weights around 1, biases around 0: nothing may be left out without being seen."""
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            values = torch.randn(p.shape, generator=source)
            if p.dim() == 2:
                p.copy_(values * (1.0 if "embed_tokens" in name else p.shape[1] ** -0.5 * 1.5))
            else:
                p.copy_((1.0 if name.endswith("norm.weight") else 0.0) + 0.3 * values)


def golden_of(model, seed):
    """None where a greedy token does not lead clearly."""
    source = torch.Generator().manual_seed(seed + 1)
    prompt = torch.randint(0, VOCABULARY, (1, PROMPT), generator=source)
    with torch.no_grad():
        first = model(prompt, use_cache=True)
        logits, cache, steps, rows = first.logits[0], first.past_key_values, [], []
        last = logits[-1]
        for _ in range(STEPS):
            best = torch.topk(last, 2).values
            if best[0] - best[1] <= LEAD:
                return None
            steps.append(int(last.argmax()))
            out = model(torch.tensor([[steps[-1]]]), past_key_values=cache, use_cache=True)
            cache, last = out.past_key_values, out.logits[0, -1]
            rows.append(last)
        whole = model(torch.cat([prompt, torch.tensor([steps])], 1), use_cache=False).logits[0]
    rows = torch.stack(rows)
    error = (whole[PROMPT:] - rows).abs().max() / rows.abs().max()
    assert error <= 1e-5, f"cached and uncached logits differ by {error}"
    return {"prompt": prompt[0], "logits": logits, "steps": torch.tensor(steps), "step_logits": rows}


def main(folder, names):
    for name in names or MODELS:
        kind, config = MODELS[name]
        for seed in range(1000):
            model = kind._from_config(config, attn_implementation="eager").float().eval()
            draw(model, seed)
            with torch.no_grad():
                for p in model.parameters():  # as it will be read; model.to() would round the rotary frequencies, too
                    p.copy_(p.to(torch.bfloat16))
            golden = golden_of(model, seed)
            if golden and len(set(golden["steps"].tolist())) >= 6:  # a continuation, no loop of one word
                break
        else:
            sys.exit(f"{name}: no seed of 1000 has clear greedy tokens")
        path = os.path.join(folder, name)
        os.makedirs(path, exist_ok=True)
        model.to(torch.bfloat16).save_pretrained(path, safe_serialization=True)
        os.remove(os.path.join(path, "generation_config.json"))
        save_file({k: v.contiguous() for k, v in golden.items()}, os.path.join(path, "golden.safetensors"),
                  {"made_with": f"transformers float32, torch {torch.__version__}", "seed": str(seed)})
        with open(os.path.join(path, "config.json"), encoding="utf-8") as text:
            print(name, "seed", seed, json.load(text)["model_type"], golden["steps"].tolist())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
