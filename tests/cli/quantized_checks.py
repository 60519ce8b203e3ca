"""Logits of checkpoints that other libraries have quantized, against transformers' on what the library makes of their weights
(tests/golden/quantized).

usage: quantized_checks.py DRIVER ROOT

A library that computes in 16 bits rounds every weight to them, where qeval multiplies scale times code as it is: there the logits may
differ as much as that rounding moves them, and the values of the weights are compared instead (tests/scheme/method/golden_test.cpp).
Where it computes in 32 bits, they are the same. `source_logits`, of the library's own forward pass, have inputs rounded as the checkpoint
prescribes. What is not read must be refused with one line. Only the standard library is used.
"""
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

driver, root = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
# By the type that the library computes in: max |a - b| over max |b| of a position.
WITHIN = {"float32": 5e-6, "float16": 3e-3, "bfloat16": 2e-2}
problems, compared, refused = [], 0, 0


def safetensors(path):
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    found = {}
    for name, t in json.loads(raw[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + at for at in t["data_offsets"])
            found[name] = struct.unpack("<%d%s" % ((end - begin) // (8 if t["dtype"] == "I64" else 4), "q" if t["dtype"] == "I64" else "f"),
                                        raw[begin:end])
    return found


def unpack(folder, to):
    for file in folder.iterdir():
        if file.suffix == ".gz":
            (to / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        elif file.suffix != ".safetensors":  # golden.safetensors is no part of it
            (to / file.name).write_bytes(file.read_bytes())


def check_inspect(name, scratch):
    """`inspect` names the method, which config.json says, or a file of the quantizer's own."""
    config = json.loads((scratch / "config.json").read_text())
    said = config.get("quantization_config")
    method = said["quant_method"] if said else "ascend"
    if method == "gptq":
        (scratch / "config.json").write_text(json.dumps({k: v for k, v in config.items() if k != "quantization_config"}))
        (scratch / "quantize_config.json").write_text(json.dumps(said))
    (scratch / "out.safetensors").unlink(missing_ok=True)  # of two files neither is known to be the model
    run = subprocess.run([driver, "inspect", str(scratch)], capture_output=True, text=True, timeout=120)
    if run.returncode or f", quantized by {method}" not in run.stdout:
        problems.append(f"{name}: inspect does not say that it is quantized by {method}: {(run.stderr or run.stdout).strip()[:200]}")


def check(folder, scratch):
    global compared, refused
    name, golden = f"{folder.parent.name}/{folder.name}", json.loads((folder / "golden.json").read_text())
    unpack(folder, scratch)
    ids, out = scratch / "ids.json", scratch / "out.safetensors"
    wanted = safetensors(folder / "golden.safetensors") if "matrices" in golden else {"prompt": [0]}
    ids.write_text(json.dumps([list(wanted["prompt"])]))
    run = subprocess.run([driver, "logits", "--model", str(scratch), "--ids", str(ids), "--output-path", str(out), "--quiet"],
                         capture_output=True, text=True, timeout=120)
    if run.returncode:
        refused += 1
        if run.returncode != 3 or not run.stderr.startswith("error[CF0") or run.stderr.count("\n") > 1:
            problems.append(f"{name}: exit code {run.returncode}, {run.stderr.strip()[:200]}")
        return
    if "refused" in golden:
        return problems.append(f"{name} is read, although {golden['refused']} is a layout of its own")
    found = safetensors(out)["logits.0"]
    check_inspect(name, scratch)
    kinds = {m["dtype"] for m in golden["matrices"].values()}
    most = max(WITHIN[k] for k in kinds)
    if name.startswith("bitsandbytes/int8"):
        return  # its golden logits are of inputs that are not rounded; tests/kernel/outlier_linear_test.cpp has the library's products
    if name.startswith("compressed_tensors/mx"):
        most = WITHIN["float32"]  # a power of two times a code is exact in 16 bits, too
    elif "source_logits" in wanted and kinds != {"float32"}:
        return  # rounded inputs, too: a last bit decides about a whole step, and the same checkpoint in 32 bits is among these
    logits = wanted.get("source_logits", wanted["logits"])
    width = len(logits) // len(wanted["rows"])
    for i, row in enumerate(wanted["rows"]):
        a, b = found[row * width:(row + 1) * width], logits[i * width:(i + 1) * width]
        off = max(abs(x - y) for x, y in zip(a, b)) / max(map(abs, b))
        if not off <= most:
            problems.append(f"{name}, position {row}: logits differ by {off:.2e}, {most:.0e} allowed")
    compared += 1


for folder in sorted(p.parent for p in (root / "tests/golden/quantized").glob("*/*/golden.json")):
    with tempfile.TemporaryDirectory() as scratch:
        check(folder, Path(scratch))
for problem in problems:
    print(problem)
print(f"{compared} checkpoints compared, {refused} refused by name: {len(problems)} problem(s)")
sys.exit(1 if problems or compared < 40 else 0)
