"""What `qeval inspect` says of a model, against what transformers makes of the same configuration (tests/golden/model_facts.json, by
make_model_facts.py there), and its memory and time for the shapes of large models.

usage: inspect_checks.py DRIVER ROOT [--large]

Every checkpoint of tests/golden/architectures is inspected as it is, with all entries left out of config.json that the class has a
value for, and without one entry after the other. The class's value must then be among the defaults that are told; what the class
refuses, or the tensors no longer fit, is refused. `--large`, by hand: two layers of a 15B and a 16B
model at their true widths, under several schemes, in 2.7 GB of scratch files and up to 5 GB of memory. Only the standard library is used.
"""
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import large_shapes

driver, root = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
problems = []
# Entries that no number depends on as these checkpoints are, so that nobody asks for them: name -> why.
UNASKED = {
    "sliding_window": "of classes that have a window only where use_sliding_window says so",
    "partial_rotary_factor": "1 is a whole head, as without it",
    "hidden_act": "Gemma's is in hidden_activation",
    "mlp_bias": "DeepSeek-V2's class has it, no published model",
    "multi_query": "Falcon's new architecture has groups instead",
    "attn_logit_softcapping": "Gemma 3 has none",
    "use_sliding_window": "its class has it, and no window at all",
    "layer_types": "all are full_attention without a window",
    "topk_method": "DeepSeek-V3 has one method",
    "num_key_value_heads": "a name that GPT-BigCode and DeepSeek do not read",
    "rope_theta": "GPT-NeoX has it as rotary_emb_base",
    "no_rope_layer_interval": "no_rope_layers is stated",
    "rotary_pct": "Cohere 2 does not read it",
    "no_rope_layers": "they follow from no_rope_layer_interval",
    "max_position_embeddings": "GPT-2's is n_positions, which is stated",
    "sliding_window_pattern": "layer_types is stated",
    "head_dim": "without it heads share the width, which the facts hold",
    "max_window_layers": "read where windows are used and layer_types is not stated",
    "mlp_only_layers": "a list, of which the layers of experts are the meaning",
    "position_embedding_type": "one of them is computed, others are refused",
    "alibi": "likewise",
    "num_ln_in_parallel_attn": "read where there are groups",
}
# Entries of rope_scaling and others that transformers asks for, and computes nothing with where there is text alone.
# Long factors hold for contexts that inspect is not asked about.
UNREAD = {"rope_scaling", "rope_scaling.mrope_section", "rope_scaling.long_factor", "num_key_value_heads"}
# What transformers takes and computes with numbers that the file does not have, or with none: entry -> words of the refusal.
MADE_UP = {"tie_word_embeddings": "lm_head.weight", "num_experts_per_tok": "with room for the"}
# What transformers does where the class has null.
MEANT = {"hidden_activation": "gelu_pytorch_tanh", "n_inner": "four widths, which the number of parameters holds", "n_group": "0",
         "topk_group": "0"}


def run(*arguments):
    return subprocess.run([driver, *map(str, arguments)], capture_output=True, text=True)


def check(truth, what):
    if not truth:
        problems.append(what)


def same(a, b):
    """Numbers to seven digits: qeval keeps some of them in 32 bits."""
    if isinstance(a, dict) and isinstance(b, dict):
        return all(same(a.get(k), b[k]) for k in b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=3e-7)
    return a == b


def inspected(path, name):
    done = run("inspect", path, "--json")
    if done.returncode != 0:
        problems.append(f"{name}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return None
    return json.loads(done.stdout)


def check_facts(said, wanted, name):
    for key, value in wanted.items():
        check(key in said["model"] and same(said["model"][key], value), f"{name}: {key} is {value}, inspect says {said['model'].get(key)}")


def check_architectures(scratch):
    table = json.loads((root / "tests/golden/model_facts.json").read_text())["models"]
    folders = sorted((root / "tests/golden/architectures").iterdir())
    check([f.name for f in folders] == sorted(table), "tests/golden/model_facts.json is of other checkpoints: run make_model_facts.py")
    told = 0
    for folder in folders:
        wanted = table[folder.name]
        if (said := inspected(folder, folder.name)) is not None:
            check_facts(said, wanted["facts"], folder.name)
        bare = scratch / folder.name
        bare.mkdir()
        config = json.loads((folder / "config.json").read_text())
        left_out = {k: v for key, value in wanted["bare"]["left_out"].items() for k, v in flat(value, key).items()}
        part = config.get("text_config", config)
        for key in wanted["bare"]["left_out"]:
            part.pop(key, None)
        (bare / "config.json").write_text(json.dumps(config))
        shutil.copy(folder / "model.safetensors", bare)
        name = f"{folder.name} without {', '.join(left_out)}"
        if (said := inspected(bare, name)) is None:
            continue
        check_facts(said, wanted["bare"]["facts"], name)
        defaults = {d["key"]: d["value"] for d in said["defaults"]}
        told += len(defaults)
        for key, value in defaults.items():
            check(key in left_out or value is None, f"{name}: {key} is called a default, which config.json says or the class does not know")
            if key in left_out and key != "layer_types" and not (left_out[key] is None and key in MEANT):  # a list, of which windows above are the meaning
                check(same(value, left_out[key]), f"{name}: the class's {key} is {left_out[key]}, inspect says {value}")
        for key in left_out:
            check(key in defaults or key in UNASKED, f"{name}: {key} is not among the defaults: {defaults}")
    single = sum(check_without(folder, table[folder.name].get("without", {}), scratch) for folder in folders)
    check(single > 500, f"{single} entries left out")
    check(told > 4 * len(folders), f"{told} defaults of {len(folders)} checkpoints")


def flat(value, key):
    """A dictionary as its members, as qeval names them."""
    return {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}


def check_without(folder, outcomes, scratch):
    """One entry of config.json after the other is left out. Returns how many."""
    config = json.loads((folder / "config.json").read_text())
    bare = scratch / (folder.name + "-without")
    bare.mkdir()
    shutil.copy(folder / "model.safetensors", bare)
    for key, outcome in outcomes.items():
        left = json.loads(json.dumps(config))
        part, name = left.get("text_config", left), f"{folder.name} without {key}"
        outer, _, nested = key.partition(".")
        del (part[outer] if nested else part)[nested or outer]
        (bare / "config.json").write_text(json.dumps(left))
        done = run("inspect", bare, "--json")
        if outcome == "refused":
            told = key == "rope_scaling.type" and "mrope_section" in config["rope_scaling"]
            unread = (key in UNREAD or told) and done.returncode == 0
            check(done.returncode == 3 or unread, f"{name}: exit code {done.returncode}, and transformers refuses it")
        elif key in MADE_UP and done.returncode == 3:
            check(MADE_UP[key] in done.stderr, f"{name}: {done.stderr}")
        elif done.returncode != 0:
            problems.append(f"{name}: exit code {done.returncode}, and transformers takes it\n{done.stdout}{done.stderr}")
        elif not nested and key not in UNASKED and key not in MEANT and key != "layer_types":
            defaults = {d["key"]: d["value"] for d in json.loads(done.stdout)["defaults"]}
            for k, value in flat(outcome["takes"], key).items():
                check(k in defaults and same(defaults[k], value), f"{name}: the class's {k} is {value}, inspect says {defaults}")
    return len(outcomes)


def check_large(scratch):
    """From headers alone: in how much time, and that holes are not read. The time is printed, and checked far above what it takes."""
    parameters = {"starcoder2-15b": 15957889024, "deepseek-v2-lite": 15706484224}
    for shape, number in parameters.items():
        for gguf in (False, True):
            path = large_shapes.write(scratch / "large", shape, gguf=gguf)
            began = time.monotonic()
            said = inspected(path, path.name)
            middle = time.monotonic()
            plan = run("inspect", path, "--plan", "q4_k_m")
            print(f"{path.name}: inspect {middle - began:.3f} s, --plan {time.monotonic() - middle:.3f} s,{plan.stdout.rsplit('memory:')[-1].rstrip()}")
            check(said and said["model"]["parameters"] == number, f"{path.name}: {number} parameters")
            check(plan.returncode == 0 and "memory: " in plan.stdout, f"{path.name}: {plan.stdout[-2000:]}{plan.stderr}")
            check(time.monotonic() - began < 30, f"{path.name}: both took half a minute")
    # Mixtral's in as many shards as are published, 59; gpt-oss's experts are quantized, and stay as they are.
    for shape, shard, number in (("mistral-7b", large_shapes.SHARD, 7248023552), ("mixtral-8x22b", 4815 * 10**6, 140620634112),
                                 ("gpt-oss-20b", large_shapes.SHARD, 20914757184)):
        large_shapes.SHARD, usual = shard, large_shapes.SHARD
        path = large_shapes.write(scratch / "large", shape)
        large_shapes.SHARD = usual
        check(shape != "mixtral-8x22b" or len(list(path.glob("*.safetensors"))) == 59, "Mixtral in 59 shards")
        plan, seconds, peak = planned(path, "q4_k_m", "--ctx", 8192, "--kv", "q8_0")
        print(f"{path.name}: --plan {seconds:.3f} s, {peak / 2**20:.0f} MiB, {plan['file_bytes']}")
        check(plan["file_bytes"] and seconds < 15 and peak < 100 * 10**6, f"{path.name}: --plan took {seconds:.1f} s and {peak} bytes")
        said = inspected(path, path.name)
        check(said and said["model"]["parameters"] == number, f"{path.name}: {number} parameters, not {said['model']['parameters']}")


def planned(path, scheme, *more):
    """What --plan says, the seconds that it took, and the largest memory, in bytes."""
    out = tempfile.TemporaryFile()
    began = time.monotonic()
    program = subprocess.Popen([driver, "inspect", path, "--plan", scheme, "--json", *map(str, more)], stdout=out)
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    check(program.returncode == 0, f"{path}: inspect --plan {scheme}: exit code {program.returncode}")
    out.seek(0)
    return json.loads(out.read() or b'{"file_bytes": {}}'), seconds, used.ru_maxrss * 1024


def check_written(path, schemes, scratch):
    """A file that is written is as large as planned, to the byte, in every output format that holds the scheme."""
    for scheme in schemes:
        for kind, size in planned(path, scheme)[0]["file_bytes"].items():
            out = scratch / "written"
            done = run("quantize", "-m", path, "-s", scheme, "--output-format", kind, "-o", out, "-q")
            files = [f for f in out.iterdir() if f.suffix != ".lock"] if out.is_dir() else [out]
            written = sum(f.stat().st_size for f in files) if done.returncode == 0 else done.stderr
            check(written == size, f"{path.name}, {scheme}, {kind}: {size} bytes are planned, {written} written")
            shutil.rmtree(out) if out.is_dir() else out.unlink(missing_ok=True)
            sizes[kind] = sizes.get(kind, 0) + 1


sizes = {}  # how many files were as large as planned, by output format


def planned_bytes(path, scheme):
    """made, largest, mapped, by --plan."""
    memory = planned(path, scheme)[0]["memory"]
    return memory["made"] + memory["vectors"], memory["largest"], memory["mapped"]


def peak_of(path, scheme, scratch):
    """The largest anonymous memory of one forward pass over 8 tokens, in bytes: what is no page of a file."""
    (scratch / "ids.json").write_text(json.dumps([[1, 2, 3, 4, 5, 6, 7, 8]]))
    program = subprocess.Popen([driver, "logits", "-m", path, "-s", scheme, "--ids", scratch / "ids.json", "-o", scratch / "o.safetensors", "-q"])
    peak = 0
    while program.poll() is None:
        try:
            status = Path(f"/proc/{program.pid}/status").read_text()
            peak = max(peak, *(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:")))
        except (OSError, TypeError):
            pass
        time.sleep(0.01)
    check(program.returncode == 0, f"{path}, {scheme}: exit code {program.returncode}")
    return peak


SMALL = {"starcoder2-15b": {"hidden_size": 1536, "intermediate_size": 6144, "num_attention_heads": 12, "vocab_size": 8192},
         "deepseek-v2-lite": {"hidden_size": 1024, "intermediate_size": 8192, "n_routed_experts": 16, "vocab_size": 8192}}


def check_memory(scratch, schemes, layers, changes):
    """Memory is at most what is planned, and 10 % and 32 MiB more: code, the pass itself, what the C library keeps."""
    for shape in large_shapes.SHAPES:
        for gguf in (False, True):
            path = large_shapes.write(scratch / "two", shape, layers=layers, gguf=gguf, **changes.get(shape, {}))
            for scheme in schemes:
                made, largest, mapped = planned_bytes(path, scheme)
                peak, planned = peak_of(path, scheme, scratch), made + largest
                print(f"{path.name}, {scheme}: planned {planned / 2**20:.0f} MiB, measured {peak / 2**20:.0f} MiB; {mapped / 2**20:.0f} MiB stay in the file")
                check(made * 0.9 <= peak <= 1.1 * planned + 2**25, f"{path.name}, {scheme}: {peak} bytes, planned {planned}")
            check_written(path, schemes, scratch)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in sorted((root / "tests/golden/architectures").iterdir()) + [root / "examples/models/qeval-5m"]:
        check_written(folder, ("q4_k_m", "nf4", "source"), scratch)
    print(f"files as large as planned: {sizes}")
    check(all(sizes.get(kind, 0) > 60 for kind in ("qeval", "gguf")), f"{sizes}")  # others hold few schemes


def main():
    large = "--large" in sys.argv[3:]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp") if large else None) as name:
        scratch = Path(name)
        if large:
            check_large(scratch)
            check_memory(scratch, ("source", "q8_0", "q4_k_m", "nf4"), 2, {})
        else:
            check_architectures(scratch)
            check_large(scratch)
            check_memory(scratch, ("source", "q8_0"), 4, SMALL)
    print(*problems, f"inspect: {len(problems)} problem(s)", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
