"""How far are qeval's logits from transformers'?

    qeval logits --model DIR --ids ids.json --max-tokens 16 --output-path ours.safetensors
    python examples/compare_logits.py DIR ids.json ours.safetensors

ids.json holds lists of token ids: [[1, 403, 407], [1, 261]]. Needs torch, transformers and safetensors.
"""
import json
import sys

# [compare]
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def compare(directory, ids, ours):
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    worst = 0.0
    for n, tokens in enumerate(ids):
        with torch.no_grad():
            logits = model(torch.tensor([tokens])).logits[0]  # [tokens, vocabulary]
        error = ((ours[f"logits.{n}"] - logits).abs().max() / logits.abs().max()).item()
        print(f"list {n}: {len(tokens)} tokens, the largest difference is {error:.1e} of the largest logit")
        worst = max(worst, error)
    return worst
# [/compare]


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as lists:
        sys.exit(compare(sys.argv[1], json.load(lists), load_file(sys.argv[3])) > 1e-4)
