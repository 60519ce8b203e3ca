"""Logits of small random models, as transformers computes them in float32 from the files that it saved, against `qeval logits`.

usage: check_logits.py DRIVER

The files are made here, so nothing is downloaded, and every run may have sizes that the committed goldens do not have.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import torch
    import transformers
    from safetensors.torch import load_file
except ImportError as why:  # torch's wheel wants CUDA's libraries, 3 GB that requirements.txt does not install
    print(f"SKIPPED: tests/real/check_logits.py: torch 2.9.1 and transformers 4.57.6 cannot be imported ({why}); "
          "QEVAL_REAL_PYTHON names an interpreter that has them")
    sys.exit(0)

SIZES = dict(vocab_size=96, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128, bos_token_id=0, eos_token_id=0)
MODELS = {
    "Llama": dict(tie_word_embeddings=False),
    "Qwen2": dict(tie_word_embeddings=True),
    "Starcoder2": dict(sliding_window=9, tie_word_embeddings=True),
}
MOST = 1e-4  # of the largest logit


def draw(model, seed):
    """Weights wide enough that nothing of a layer can be left out unseen."""
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            wide = p.shape[-1] ** -0.5 * 1.5 if p.dim() == 2 and "embed" not in name else 0.3
            p.copy_((1.0 if name.endswith("norm.weight") else 0.0) + wide * torch.randn(p.shape, generator=source))


def difference(driver, folder, name, how):
    config = getattr(transformers, name + "Config")(**SIZES, **how)
    model = getattr(transformers, name + "ForCausalLM")(config).eval()
    draw(model, 7)
    model.save_pretrained(folder)
    lists = [torch.randint(0, SIZES["vocab_size"], (n,), generator=torch.Generator().manual_seed(n)).tolist() for n in (1, 17, 60)]
    (folder / "ids.json").write_text(json.dumps(lists))
    subprocess.run([driver, "logits", "--model", folder, "--ids", folder / "ids.json", "--quiet", "--output-path", folder / "ours.safetensors"], check=True)
    ours, worst = load_file(folder / "ours.safetensors"), 0.0
    for n, ids in enumerate(lists):
        with torch.no_grad():
            theirs = model(torch.tensor([ids])).logits[0]
        worst = max(worst, float((ours[f"logits.{n}"] - theirs).abs().max() / theirs.abs().max()))
    return worst


def main(driver):
    transformers.logging.set_verbosity_error()
    known = subprocess.run([driver, "--help"], capture_output=True, text=True, check=True).stdout
    if "\n  logits " not in known:
        print("SKIPPED: this driver has no command logits")
        return 0
    wrong = 0
    for name, how in MODELS.items():
        with tempfile.TemporaryDirectory() as scratch:
            worst = difference(driver, Path(scratch), name, how)
        wrong += not worst <= MOST
        print(f"{name}: at most {worst:.1e} of the largest logit{'' if worst <= MOST else f', {MOST} allowed'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
