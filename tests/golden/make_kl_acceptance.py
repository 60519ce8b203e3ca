#!/usr/bin/env python3
"""Writes kl_acceptance_golden.hpp: the logit check of MindIE's model test, by transformers in float32 and gguf-py's rounding.

    pip install torch==2.8.0 transformers==4.56.2 gguf==0.19.0
    python tests/golden/make_kl_acceptance.py      (in an environment outside this repository)

Origin: base/model_test.py of MindIE's tests/modeltest, where it compares logits. Both models write greedily behind the same prompt.
A text is compared up to and with the first position where the two wrote different tokens or the end token; it fails if one KL
divergence is above 1e-3 or more than 0.5 % are above 1e-4. Prompts, as kl_acceptance has them: 16 times 128 tokens of the bundled
model's held-out text, one behind the other; 128 tokens are written.
"""
import copy
from importlib.metadata import version
from pathlib import Path

import gguf
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "examples/models/qeval-5m"
PROMPTS, PROMPT, WRITTEN = 16, 128, 128


def as_gguf(kind):
    def rounded(w):
        return torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(w.numpy(), kind), kind).copy())
    return rounded


# What a scheme makes of every matrix; the embedding is the head, too, and rounded once.
SCHEMES = {
    "f16": lambda w: w.half().float(),
    "q8_0": as_gguf(gguf.GGMLQuantizationType.Q8_0),
    "all:q4_0": as_gguf(gguf.GGMLQuantizationType.Q4_0),
}


def with_rounded_matrices(model, rounded):
    model = copy.deepcopy(model)
    with torch.no_grad():
        for weight in model.parameters():  # each once, though tied
            if weight.dim() == 2:
                weight.copy_(rounded(weight.detach()))
    return model


@torch.no_grad()
def write(model, prompt):
    """The tokens written, an end token included, and the float32 logits that chose each."""
    out = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
                         max_new_tokens=WRITTEN, output_logits=True, return_dict_in_generate=True)
    return out.sequences[0, len(prompt):].tolist(), [step[0].float() for step in out.logits]


def compare(golden, tested, end, dtype):
    """KL(golden || tested) at every compared position."""
    kl = torch.nn.KLDivLoss(log_target=True, reduction="sum")
    values = []
    for a, b, p, q in zip(golden[0], tested[0], golden[1], tested[1]):
        values.append(kl(q.to(dtype).log_softmax(-1), p.to(dtype).log_softmax(-1)).item())
        if a != b or b == end:
            break
    return values


def counts(texts):
    values = [kl for text in texts for kl in text]
    above = [sum(kl > limit for kl in values) for limit in (1e-4, 1e-3)]
    passes = above[0] / len(values) <= 0.005 and above[1] == 0
    return len(values), *above, passes


def main():
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    end = tokenizer.eos_token_id
    ids = tokenizer((MODEL / "data/heldout.txt").read_text(encoding="utf-8"), verbose=False).input_ids
    prompts = [ids[i * PROMPT:(i + 1) * PROMPT] for i in range(PROMPTS)]
    golden = [write(model, p) for p in prompts]
    made_with = ", ".join(f"{p} {version(p).split('+')[0]}" for p in ("torch", "transformers", "gguf"))
    out = [f"// Made by make_kl_acceptance.py with {made_with}; do not edit.", "// clang-format off",
           "#pragma once", "", "#include <string_view>", "#include <vector>", "", "namespace qeval_test {", "",
           "// What the reference wrote behind each prompt, its end token included.",
           "inline std::vector<std::vector<int>> const acceptance_texts = {"]
    out += [f"    {{{', '.join(map(str, tokens))}}}," for tokens, _ in golden]
    out += ["};", "", "struct acceptance_case {", "    std::string_view scheme;", "    int  compared, above_1e_4, above_1e_3;", "    bool passes;",
            "    std::vector<std::vector<double>> kl; // of each text, at the compared positions; none where no two logits differ by more than float32 rounds", "};",
            "inline std::vector<acceptance_case> const acceptance_cases = {"]
    for name, rounded in SCHEMES.items():
        scheme = with_rounded_matrices(model, rounded)
        tested = [write(scheme, p) for p in prompts]
        single = [compare(g, t, end, torch.float32) for g, t in zip(golden, tested)]
        double = [compare(g, t, end, torch.float64) for g, t in zip(golden, tested)]
        values = [kl for text in double for kl in text]
        nearest = [min((abs(kl - limit), kl) for kl in values) for limit in (1e-4, 1e-3)]
        print(name, counts(double), "in float32", counts(single), "largest", max(values), "nearest to a limit", nearest, flush=True)
        if counts(single) != counts(double):
            print("   float32 and double", [(x, y) for s, d in zip(single, double) for x, y in zip(s, d) if (x > 1e-4) != (y > 1e-4) or (x > 1e-3) != (y > 1e-3)])
        compared, fourth, third, passes = counts(double)
        out.append(f'    {{"{name}", {compared}, {fourth}, {third}, {str(passes).lower()}, {{')
        if max(values) > 1e-9:  # below, all digits are the rounding of float32 logits
            out += [f"        {{{', '.join(f'{kl:.6g}' for kl in text)}}}," for text in double]
        out.append("    }},")
    out += ["};", "", "} // namespace qeval_test", ""]
    (HERE / "kl_acceptance_golden.hpp").write_text("\n".join(out))


if __name__ == "__main__":
    main()
