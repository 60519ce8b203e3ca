"""`qeval compare`: numbers against those that are computed here, containers that keep one matrix in another way, results, exit codes.

usage: compare_checks.py DRIVER ROOT

Only the standard library is used.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors_file

driver, root = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
problems = []


def check(truth, what):
    if not truth:
        problems.append(what)


def run(*arguments, code=0):
    done = subprocess.run([driver, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    check(done.returncode == code, f"{' '.join(map(str, arguments))}: exit code {done.returncode}, not {code}: {done.stderr[:300]}")
    return done


def compared(first, second, what):
    done = run("compare", first, second, "--json")
    if done.returncode:
        return {}
    said = json.loads(done.stdout)
    check(said["equal"] == all(t["equal_values"] for t in said["tensors"]), f"{what}: `equal` is not what its tensors say")
    return {t["name"]: t for t in said["tensors"]}


def f32(values):
    return struct.pack(f"<{len(values)}f", *values)


def as_f32(values):
    return struct.unpack(f"<{len(values)}f", f32(values))


def bf16(values):
    """Cut, not rounded: any 16 bits are a number of the type."""
    return b"".join(f32([v])[2:] for v in values)


def of_bf16(raw):
    return struct.unpack(f"<{len(raw) // 2}f", b"".join(b"\0\0" + raw[i:i + 2] for i in range(0, len(raw), 2)))


def check_numbers(scratch):
    source = random.Random(5)
    a = as_f32([source.gauss(0, 1) for _ in range(70000 * 3)])  # more than a part that is compared at a time
    b = list(a)
    for i in (0, 65535, 65536, 131072, len(a) - 1):
        b[i] += 0.25 + i / len(a)
    b = as_f32(b)
    short = bf16(a)
    nan = math.nan
    safetensors_file.write(scratch / "a.safetensors", {
        "m": ("F32", [70000, 3], f32(a)), "types": ("F32", [70000, 3], f32(a)), "vector": ("F32", [4], f32([0, 1, nan, 2])),
        "zero": ("F32", [2, 2], f32([0, 0, 0, 0])), "shape": ("F32", [2, 3], f32(range(6))), "here": ("F32", [1], f32([1])),
        "odd": ("I32", [2], struct.pack("<2i", 1, 2)), "alike": ("I32", [2], struct.pack("<2i", 1, 2)), "none": ("F32", [0, 4], b""),
        "nan": ("F32", [2], f32([nan, 1]))})
    safetensors_file.write(scratch / "b.safetensors", {
        "m": ("F32", [70000, 3], f32(b)), "types": ("BF16", [70000, 3], short), "vector": ("F32", [4], f32([-0.0, 1, nan, 2])),
        "zero": ("F32", [2, 2], f32([0, 0, 3, 0])), "shape": ("F32", [3, 2], f32(range(6))), "there": ("F32", [1], f32([1])),
        "odd": ("I32", [2], struct.pack("<2i", 1, 3)), "alike": ("I32", [2], struct.pack("<2i", 1, 2)), "none": ("F32", [0, 4], b""),
        "nan": ("F32", [2], f32([1, 1]))})
    all_of = compared(scratch / "a.safetensors", scratch / "b.safetensors", "numbers")
    for name, x, y in (("m", a, b), ("types", a, of_bf16(short))):
        t, errors = all_of[name], [v - u for u, v in zip(x, y)]
        rms = math.sqrt(math.fsum(e * e for e in errors) / math.fsum(u * u for u in x))
        check(t["values"] == len(x) and t["different"] == sum(e != 0 for e in errors), f"{name}: {t}")
        check(t["largest"] == max(map(abs, errors)), f"{name}: largest {t['largest']}, not {max(map(abs, errors))}")
        check(math.isclose(t["relative_rms"], rms, rel_tol=1e-9), f"{name}: relative RMS {t['relative_rms']}, not {rms}")
    wanted = {"vector": (True, False), "zero": (False, False), "shape": (False, False), "here": (False, False), "there": (False, False),
              "odd": (False, False), "alike": (True, True), "none": (True, True), "nan": (False, False)}
    for name, (values, bytes_) in wanted.items():
        t = all_of[name]
        check((t["equal_values"], t["equal_bytes"]) == (values, bytes_), f"{name}: {t}")
    check(all_of["zero"]["relative_rms"] is None and all_of["zero"]["largest"] == 3, f"zero: {all_of['zero']}")
    check(all_of["nan"]["largest"] is None and all_of["nan"]["different"] == 1, f"nan: {all_of['nan']}")
    check(all_of["here"]["formats"] == ["F32", None] and all_of["there"]["formats"] == [None, "F32"], "one of both only")

    table = run("compare", scratch / "a.safetensors", scratch / "b.safetensors").stdout
    for words in ("only in the first", "only in the second", "shapes [2, 3], [3, 2]", "a format that is not known here",
                  "11 tensors: 3 equal in values, 2 of them in bytes; 6 differ; 2 in one of both only"):
        check(words in table, f"the table does not say {words!r}:\n{table}")
    check("alike" not in table and "alike" in run("compare", scratch / "a.safetensors", scratch / "b.safetensors", "--all").stdout, "--all")
    one = [run("compare", scratch / "a.safetensors", scratch / "b.safetensors", "--json", "--threads", n).stdout for n in (1, 3)]
    check(one[0] == one[1], "numbers depend on the number of threads")

    refused = run("compare", scratch / "a.safetensors", scratch / "b.safetensors", "--require-equal", code=3)
    check("error[CM01]" in refused.stderr and "only in the first" in refused.stdout, f"--require-equal: {refused.stderr}")
    run("compare", scratch / "a.safetensors", scratch / "a.safetensors", "--require-equal")
    run("compare", scratch / "a.safetensors", scratch / "missing.safetensors", code=3)


def check_containers(scratch):
    """A directory, and what is written of it: values that a GGUF keeps in another order are the same values."""
    for name in sorted(p.name for p in (root / "tests/golden/architectures").iterdir()):
        folder, file = root / "tests/golden/architectures" / name, scratch / f"{name}.gguf"
        made = subprocess.run([driver, "quantize", "-m", folder, "-s", "f32", "--output-format", "gguf", "-o", file, "-q"],
                              capture_output=True, text=True)
        if made.returncode == 2 and "error[CL02]" in made.stderr:
            continue  # a class, or a rotation, that is not written as GGUF
        check(made.returncode == 0, f"{name}: {made.stderr}")
        different = {n: t for n, t in compared(folder, file, name).items() if not t["equal_values"]}
        # A GGUF has rotation factors that a directory has not, and leaves out what computes nothing: masks, a head beside a tied embedding.
        check(all(None in t["formats"] and ("rope" in n or t["formats"][1] is None) for n, t in different.items()),
              f"{name}: a GGUF of it has other values: {different}")
        containers.append(name)
    model = root / "examples/models/qeval-5m"
    run("quantize", "-m", model, "-s", "q8_0", "--output-format", "gguf", "-o", scratch / "q8_0.gguf", "-q")
    run("quantize", "-m", model, "-s", "q8_0", "-o", scratch / "q8_0", "-q")
    check(all(t["equal_values"] for t in compared(scratch / "q8_0", scratch / "q8_0.gguf", "q8_0").values()), "q8_0 in two containers")
    lossy = compared(model, scratch / "q8_0.gguf", "q8_0 and its origin")
    matrices = [t for t in lossy.values() if t["formats"][1] == "Q8_0"]
    # Blocks of 32, steps of their largest / 127: an error is at most half a step, uniform ones have a standard deviation of step / sqrt 12.
    check(len(matrices) > 40 and all(0.003 < t["relative_rms"] < 0.009 for t in matrices), f"q8_0: {[t['relative_rms'] for t in matrices]}")
    check(all(t["equal_values"] for t in lossy.values() if t["formats"][1] != "Q8_0"), "vectors beside Q8_0")


def results(value, **more):
    metric = {"value": value, "stderr": 0.125, "higher_is_better": True}
    task = {"task": "arc_easy", "metrics": {"acc": metric, "acc_norm": dict(metric, value=None)}}
    return {"schema": 1, "scores": {"reference": "source", "schemes": [{"scheme": "source", "texts": [], "tasks": [task], **more}]}, "run": {}}


def check_results(scratch):
    for name, content in (("one", results(0.5)), ("same", results(0.5)), ("other", results(0.625))):
        (scratch / name).mkdir()
        (scratch / name / "results.json").write_text(json.dumps(content))
    same = json.loads(run("compare", scratch / "one", scratch / "same", "--json", "--require-equal").stdout)
    check(same["equal"] and len(same["numbers"]) == 2, f"results that are the same: {same}")
    other = json.loads(run("compare", scratch / "one", scratch / "other", "--json").stdout)
    check([n["equal"] for n in other["numbers"]] == [False, True] and other["numbers"][0]["values"] == [0.5, 0.625], f"other results: {other}")
    table = run("compare", scratch / "one", scratch / "other").stdout
    check("+0.125" in table and "2 numbers: 1 equal, 1 differ" in table and "acc_norm" not in table, f"table of results:\n{table}")
    run("compare", scratch / "one", scratch / "other", "--require-equal", code=3)
    mixed = run("compare", scratch / "one", root / "examples/models/qeval-5m", code=2)
    check("error[CL02]" in mixed.stderr, f"results beside a model: {mixed.stderr}")
    (scratch / "other" / "results.json").write_text('{"scores": {"schemes": [{"scheme": 1}]}}')
    run("compare", scratch / "one", scratch / "other", code=3)


containers = []
with tempfile.TemporaryDirectory() as name:
    check_numbers(Path(name))
    check_containers(Path(name))
    check_results(Path(name))
print(*problems, f"compare: {len(containers)} checkpoints beside their GGUF, {len(problems)} problem(s)", sep="\n")
sys.exit(1 if problems else 0)
