"""Tiny random checkpoints as transformers saves them, and what transformers computes with them in float32.

    pip install torch==2.9.1 transformers==4.57.6 safetensors==0.8.0
    python tests/golden/make_architectures.py FOLDER [NAME...]     (in an environment outside this repository)

What is committed in tests/golden/architectures, the models of architecture_models.py:

FOLDER/NAME/config.json, model.safetensors (bf16), golden.safetensors: `prompt` I64 [40], `rows` I64 [3] the positions of the prompt
whose logits are stored, `logits` F32 [3, vocabulary] of them when the whole prompt is computed at once (they are the last rows of
prompts of 1, 7 and 40 tokens), `steps` I64 [32] the greedy continuation, `step_logits` F32 [32, vocabulary] of each step with a
key-value cache: row i follows the prompt and i + 1 tokens of `steps`. The metadata says with what it was made, the seed, what was
mended, and `moves`: how far transformers' own cached and uncached logits are apart, relative to the largest.

Weights are drawn wide enough that every part moves the logits, biases and norm weights included, and seeds are chosen so that the
greedy token leads by more than 0.02 everywhere. Both are checked: every tensor (of all layers at once) is put out of effect, and every
reading of architecture_models.py that would be wrong is computed. A table of how far the logits move is printed; none may stay.
"""
import copy
import json
import os
import re
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, logging
from transformers.models.stablelm.modeling_stablelm import StableLmPreTrainedModel
from transformers.pytorch_utils import Conv1D

from architecture_models import MODELS, SMALL, VOCABULARY

PROMPT, STEPS, LEAD = 40, 32, 0.02
ROWS = [0, 6, PROMPT - 1]
MOVES = 1e-2  # of the largest logit, by every tensor and every wrong reading
StableLmPreTrainedModel._init_weights = lambda self, module: None  # fails over qk_layernorm; all weights are drawn here
EXACT = 1e-5  # cached against uncached, of the largest logit


def build(model, **changes):
    said = copy.deepcopy(model.config)
    parts = "text_config" in said
    (said["text_config"] if parts else said).update(changes)
    config = AutoConfig.for_model(model.kind, **said)
    kind = AutoModelForImageTextToText if parts else AutoModelForCausalLM
    built = kind.from_config(config, attn_implementation="eager").float().eval()
    if model.mend:
        model.mend(built)
    return built


def neutral_of(module, name):
    """The number around which a weight is drawn; replaced by it, the weight has no effect."""
    kind = type(module).__name__
    if "Norm" not in kind or name != "weight":
        return 0.0
    return 0.0 if kind.startswith("Gemma") else 1.0  # Gemma adds one to what it stores


def parameters(built):
    """Names, parameters (shared ones once), what is neutral, and how wide a draw is."""
    for name, p in sorted(built.named_parameters()):
        owner, _, last = name.rpartition(".")
        module = built.get_submodule(owner)
        wide = 0.3
        if isinstance(module, torch.nn.Embedding):
            wide = 1.0
        elif p.dim() >= 2 and "Norm" not in type(module).__name__ and not last.endswith("bias"):
            transposed = isinstance(module, Conv1D) or type(module).__name__ == "GptOssExperts"
            wide = p.shape[-2 if transposed else -1] ** -0.5 * 1.5
        yield name, p, neutral_of(module, last), wide


def draw(built, seed, wider):
    """Matrices around 0, norm weights around what is neutral, biases around 0: nothing may be left out without being seen."""
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p, neutral, wide in parameters(built):
            wide *= next((times for part, times in wider.items() if part in name), 1.0)
            p.copy_(neutral + wide * torch.randn(p.shape, generator=source))
            p.copy_(p.to(torch.bfloat16))  # as it will be read; model.to() would round the rotary frequencies, too
        for name, buffer in built.named_buffers():
            if name.endswith("e_score_correction_bias"):  # stored in float32. None is below 0: what a group that is left out
                buffer.copy_(0.6 * torch.rand(buffer.shape, generator=source))  # scores (0 here, -inf elsewhere) is no matter


def of_text(name):
    return not re.search("vision|visual|projector|connector|image_newline", name)


def relative(a, b):
    return float((a - b).abs().max() / b.abs().max())


def golden_of(built, seed):
    """None where a greedy token does not lead clearly, or the continuation is a loop of few words."""
    source = torch.Generator().manual_seed(seed + 1)
    prompt = torch.randint(0, VOCABULARY, (1, PROMPT), generator=source)
    with torch.no_grad():
        first = built(prompt, use_cache=True)
        logits, cache, steps, rows = first.logits[0], first.past_key_values, [], []
        last = logits[-1]
        for i in range(STEPS):
            best = torch.topk(last, 2).values
            if best[0] - best[1] <= LEAD:
                return None
            steps.append(int(last.argmax()))
            # Qwen2-VL takes the position from where it stands in the cache.
            out = built(torch.tensor([[steps[-1]]]), past_key_values=cache, use_cache=True, cache_position=torch.tensor([PROMPT + i]))
            cache, last = out.past_key_values, out.logits[0, -1]
            rows.append(last)
        if len(set(steps)) < 6:
            return None
        whole = built(torch.cat([prompt, torch.tensor([steps])], 1), use_cache=False).logits[0]
    rows = torch.stack(rows)
    moves = max(relative(whole[PROMPT:], rows), relative(whole[:PROMPT], logits))
    assert moves <= EXACT, f"cached and uncached logits differ by {moves}"
    return {"prompt": prompt[0], "rows": torch.tensor(ROWS), "logits": logits[ROWS], "steps": torch.tensor(steps),
            "step_logits": rows}, moves


def check_moves(name, model, built, golden):
    """Every tensor and every wrong reading moves the logits that are stored, at some position."""
    text, table = torch.cat([golden["prompt"], golden["steps"]])[None], []
    at = ROWS + list(range(PROMPT, PROMPT + STEPS))

    def moved(other):
        found = other(text).logits[0][at]
        return float(((found - right).abs().amax(1) / right.abs().amax(1)).max())

    with torch.no_grad():
        right = built(text).logits[0][at]
        groups = {}
        for tensor, p, neutral, _ in parameters(built):
            if of_text(tensor):
                groups.setdefault(re.sub(r"\b(layers|h)\.\d+", r"\1.*", tensor), []).append((p, neutral))
        for group, members in groups.items():
            kept = [p.clone() for p, _ in members]
            for p, neutral in members:
                p.fill_(neutral)
            table.append((group, moved(built)))
            for (p, _), values in zip(members, kept):
                p.copy_(values)
        for reading, change in model.wrong.items():
            other = build(model) if callable(change) else build(model, **change)
            missing, _ = other.load_state_dict(built.state_dict(), strict=False)
            assert not missing, f"{name}, {reading}: {missing}"
            if callable(change):
                change(other)
            table.append((reading, moved(other)))
    for what, far in table:
        print(f"    {far:8.1e}  {what}")
    still = [what for what, far in table if not far > SMALL.get(what, MOVES)]
    assert not still, f"{name}: {still} do not move the logits"


def save(folder, built, golden, metadata, config_json, names):
    os.makedirs(folder, exist_ok=True)
    kept = {name: buffer.clone() for name, buffer in built.named_buffers()}
    built.to(torch.bfloat16)
    for name, values in kept.items():  # parameters are stored in bf16, buffers as they are
        owner, _, last = name.rpartition(".")
        setattr(built.get_submodule(owner), last, values)
    built.save_pretrained(folder, safe_serialization=True)
    if os.path.exists(os.path.join(folder, "generation_config.json")):
        os.remove(os.path.join(folder, "generation_config.json"))
    if config_json:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as text:
            config = json.load(text)
        if callable(config_json):
            config = config_json(config)
        else:
            config.update(config_json)
            config = {key: value for key, value in config.items() if value is not None or key not in config_json}
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as text:
            json.dump(config, text, indent=2)
            text.write("\n")
    if names:
        file = os.path.join(folder, "model.safetensors")
        save_file({names(name): tensor for name, tensor in load_file(file).items()}, file, {"format": "pt"})
    save_file({k: v.contiguous() for k, v in golden.items()}, os.path.join(folder, "golden.safetensors"), metadata)


def main(folder, names):
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name in names or MODELS:
        model = MODELS[name]
        for seed in range(1000):
            built = build(model)
            draw(built, seed, model.wide)
            found = golden_of(built, seed)
            if found:
                break
        else:
            sys.exit(f"{name}: no seed of 1000 has clear greedy tokens")
        golden, moves = found
        metadata = {"made_with": f"transformers 4.57.6 float32 eager, torch {torch.__version__}", "seed": str(seed), "moves": f"{moves:.1e}"}
        if model.mend:
            metadata["mended"] = model.mend.__doc__.split("\n")[0]
        print(f"{name}: seed {seed}, cached and uncached differ by {moves:.1e}", flush=True)
        check_moves(name, model, built, golden)
        save(os.path.join(folder, name), built, golden, metadata, model.config_json, model.names)
        size = sum(entry.stat().st_size for entry in os.scandir(os.path.join(folder, name)))
        print(f"    {size} bytes, steps {golden['steps'].tolist()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
