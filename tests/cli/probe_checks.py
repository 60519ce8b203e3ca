"""qeval logits and qeval imatrix from outside.

usage: probe_checks.py DRIVER SOURCE_ROOT

Logits are compared with reference.json of the bundled model, which a float64 implementation wrote; importance with what llama.cpp's
llama-imatrix wrote (tests/golden/make_imatrix.py).
"""
import json
import math
import shutil
import struct
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

driver, root = sys.argv[1], Path(sys.argv[2]).resolve()
model = root / "examples/models/qeval-5m"
golden = root / "tests/golden/imatrix"
scratch = Path(tempfile.mkdtemp())
problems = []


def run(*arguments, expect=0, says="", cwd=None):
    done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd)
    if done.returncode != expect or says not in done.stdout:
        problems.append(f"{arguments}: exit code {done.returncode}, expected {expect} and {says!r}\n{done.stdout}")
    return done.stdout


def check(truth, what):
    if not truth:
        problems.append(what)


def safetensors(path):
    """name -> (shape, values) of a file with F32 and I64 tensors."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, t in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + n for n in t["data_offsets"])
            out[name] = t["shape"], array({"F32": "f", "I64": "q"}[t["dtype"]], data[begin:end])
    return out


def near(a, b, scale):
    return abs(a - b) <= 1e-4 * max(1.0, abs(scale))


# Logits after every token of every list, and 16 greedy tokens more: those of the reference.
cases = json.loads((model / "reference.json").read_text())["cases"]
(scratch / "ids.json").write_text(json.dumps([c["ids"] for c in cases]))
run("logits", "--model", model, "--ids", scratch / "ids.json", "--max-tokens", 16, "--output-path", scratch / "all.safetensors",
    says=f"{len(cases)} lists")
made = safetensors(scratch / "all.safetensors")
vocabulary = json.loads((model / "config.json").read_text())["vocab_size"]
check(len(made) == 2 * len(cases), f"{len(made)} tensors")
for i, c in enumerate(cases):
    shape, logits = made[f"logits.{i}"]
    check(shape == [len(c["ids"]), vocabulary], f"logits.{i}: shape {shape}")
    last = logits[-vocabulary:]
    check(all(near(a, b, c["max_logit"]) for a, b in zip(last, c["last_logits"])), f"logits.{i}: the last row")
    check(last.index(max(last)) == c["argmax"] and near(max(last), c["max_logit"], c["max_logit"]), f"logits.{i}: the largest")
    total = max(last) + math.log(sum(math.exp(x - max(last)) for x in last))
    check(near(total, c["log_sum_exp"], c["log_sum_exp"]), f"logits.{i}: log sum exp {total}")
    check(made[f"ids.{i}"][1].tolist() == c["greedy"], f"ids.{i}: another continuation")

# Every architecture's tiny golden that transformers computed (tests/golden/make_architectures.py).
for folder in sorted((root / "tests/golden/architectures").iterdir()):
    golden_of = safetensors(folder / "golden.safetensors")
    (scratch / "one.json").write_text(json.dumps([golden_of["prompt"][1].tolist()]))
    run("logits", "--model", folder, "--ids", scratch / "one.json", "--max-tokens", 32, "--context", 72, "--output-path", scratch / "one.safetensors")
    one = safetensors(scratch / "one.safetensors")
    (tokens, width), logits = one["logits.0"]
    kept = [x for row in golden_of["rows"][1] for x in logits[row * width:(row + 1) * width]]
    scale = max(map(abs, golden_of["logits"][1]))
    check(tokens == len(golden_of["prompt"][1]) and len(kept) == len(golden_of["logits"][1]) and
          all(abs(a - b) <= 1e-4 * scale for a, b in zip(kept, golden_of["logits"][1])), f"{folder.name}: logits")
    check(one["ids.0"][1].tolist() == golden_of["steps"][1].tolist(), f"{folder.name}: another continuation")

run("logits", "--model", root / "tests/golden/architectures/phi3-long", "--ids", scratch / "one.json", "--context", 5000,
    "--output-path", scratch / "one.safetensors", expect=2, says="error[CL02]")

# Matrices that a class stores transposed are read back as they were quantized.
turned = root / "tests/golden/architectures/gpt2"
run("quantize", "--model", turned, "--scheme", "q8_0", "--output-path", scratch / "turned")
for where, scheme in ((turned, "q8_0"), (scratch / "turned", "source")):
    run("logits", "--model", where, "--scheme", scheme, "--ids", scratch / "one.json", "--output-path", scratch / f"{scheme}.safetensors")
check(safetensors(scratch / "q8_0.safetensors")["logits.0"] == safetensors(scratch / "source.safetensors")["logits.0"],
      "GPT-2 quantized and read back: other logits")

# They do not depend on the pass's size; a text is its tokens; no tokenizer is needed for ids.
plain = scratch / "plain"
plain.mkdir()
for name in ("config.json", "model.safetensors"):
    shutil.copy(model / name, plain)
run("logits", "--model", plain, "--ids", scratch / "ids.json", "--max-tokens", 16, "--output-path", scratch / "b.safetensors", "-b", 7)
check((scratch / "b.safetensors").read_bytes() == (scratch / "all.safetensors").read_bytes(), "logits depend on the pass's size")
run("logits", "--model", model, "--text", cases[0]["prompt"], "--output-path", scratch / "text.safetensors")
check(safetensors(scratch / "text.safetensors") == {"logits.0": made["logits.0"]}, "a text's logits are not its tokens'")
run("logits", "--model", plain, "--text", "words", "--output-path", scratch / "c.safetensors", expect=3)
run("logits", "--model", model, "--ids", scratch / "ids.json", "--scheme", "q8_0", "--output-path", scratch / "q.safetensors")
check(safetensors(scratch / "q.safetensors")["logits.0"] != made["logits.0"], "a scheme changes nothing")

# What cannot be meant is refused by name, and leaves no file.
for text, says in (("[[1, 2], [3, %d]]" % vocabulary, "[1][1]"), ("[[1, -1]]", "[0][1]"), ("[[1.5]]", "an integer from 0"), ("[[]]", "an empty list"),
                   ("[]", "an empty list"), ("[1, 2]", "a list of token ids"), ("{}", "a list of lists"), ("[[1]", "error[JS01]"),
                   (json.dumps([[1] * 100000]), "error[LG02]")):
    (scratch / "bad.json").write_text(text)
    run("logits", "--model", model, "--ids", scratch / "bad.json", "--output-path", scratch / "bad.safetensors", expect=3, says=says)
(scratch / "bad.json").write_text("[[1]]")
bad = ("logits", "--model", model, "--output-path", scratch / "bad.safetensors")
run(*bad, expect=2, says="--ids or --text")
run(*bad, "--ids", scratch / "bad.json", "--text", "both", expect=2, says="excludes")
run(*bad, "--ids", scratch / "bad.json", "--max-tokens", 100000, expect=2, says="error[LG02]")
run("logits", "--model", model, "--ids", scratch / "bad.json", "--output-path", scratch / "bad.npz", expect=2, says="error[LG03]")
before = (plain / "model.safetensors").read_bytes()
run("logits", "--model", plain, "--ids", scratch / "bad.json", "--output-path", plain / "model.safetensors", expect=2, says="error[CL06]")
check((plain / "model.safetensors").read_bytes() == before, "the model was overwritten")
check(not list(scratch.glob("bad.safetensors*")), "a refused run left a file")


def floats(data, at, count):
    return struct.unpack_from(f"<{count}f", data, at)


def dat(path):
    """The entries of an importance matrix of the older form, and what follows them."""
    data, at, entries = path.read_bytes() if path.exists() else bytes(4), 4, {}
    for _ in range(struct.unpack_from("<i", data)[0]):
        length = struct.unpack_from("<i", data, at)[0]
        name = data[at + 4:at + 4 + length].decode()
        calls, count = struct.unpack_from("<ii", data, at + 4 + length)
        at += 12 + length
        entries[name] = calls, floats(data, at, count)
        at += 4 * count
    return entries, data[at:]


# Importance of the same model and text as llama.cpp's, every number within 1e-4.
importance = ("imatrix", "--model", golden / "model.gguf", "--calib", "text.txt", "--ctx", 64)
run(*importance, "--output-path", scratch / "made.dat", cwd=golden, says="14 matrices")
entries, rest = dat(scratch / "made.dat")
expected, expected_rest = dat(golden / "expected.dat")
check(rest == expected_rest, f"behind the entries: {rest}")
check(list(entries) == list(expected), f"entries {list(entries)}")
for name, (calls, values) in expected.items():
    check(entries[name][0] == calls, f"{name}: calls")
    check(all(abs(a - b) <= 1e-4 * b for a, b in zip(entries[name][1], values)), f"{name}: another importance")
run(*importance, "--process-output", "--output-path", scratch / "made.gguf", cwd=golden, says="15 matrices")

facts = json.loads(run(*importance, "--json", "--output-path", scratch / "made.dat", cwd=golden))
check((facts["matrices"], facts["chunks"], facts["chunk_size"]) == (14, 5, 64), f"facts {facts}")

# A Hugging Face directory's matrices have the same names in the file, and both forms can be weighed with.
calib = ("--calib", model / "data/heldout.txt", "--ctx", 128, "--chunks", 2)
for name in ("own.gguf", "own.dat"):
    run("imatrix", "--model", model, *calib, "--output-path", scratch / name, says="chunks of 128 tokens")
    run("inspect", model, "--plan", "iq2_xs", "--imatrix", scratch / name, says="iq2_xs: ")
check(all(n.startswith("blk.") for n in dat(scratch / "own.dat")[0]), "names are not GGUF's")

# Refusals.
(scratch / "short.txt").write_text("Too short.")
bad = ("imatrix", "--model", model, "--output-path", scratch / "bad.gguf")
run(*bad, "--calib", scratch / "short.txt", expect=3, says="error[CA02]")
run(*bad, "--calib", scratch / "nowhere.txt", expect=3, says="error[IO01]")
run(*bad, "--calib", model / "data/heldout.txt", "--ctx", 100000, expect=3, says="error[CA02]")
run("imatrix", "--model", model, *calib, "--output-path", scratch / "bad.imatrix", expect=2, says="error[IM06]")
shutil.copy(model / "data/heldout.txt", scratch / "text.dat")
run("imatrix", "--model", model, "--calib", scratch / "text.dat", "--output-path", scratch / "text.dat", expect=2, says="error[CL06]")
check((scratch / "text.dat").read_bytes() == (model / "data/heldout.txt").read_bytes(), "the text was overwritten")
check(not list(scratch.glob("bad.gguf*")), "a refused run left a file")

shutil.rmtree(scratch)
print("\n".join(problems) or "logits and importance are the references'")
sys.exit(bool(problems))
