"""What qeval writes is read by the packages whose forms it writes.

usage: check_files.py DRIVER
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from safetensors import deserialize

MODEL = Path(__file__).parents[2] / "examples" / "models" / "qeval-5m"


def tensors_of(path):
    return {name: (stored["dtype"], stored["shape"], bytes(stored["data"])) for name, stored in deserialize(path.read_bytes())}


def main(driver):
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([driver, "quantize", "--model", MODEL, "--scheme", "q4_k_m", "--quiet", "--output-path", scratch], check=True)
        stored = json.loads((Path(scratch) / "config.json").read_text())["quantization_config"]["tensors"]
        theirs, source = tensors_of(Path(scratch) / "model.safetensors"), tensors_of(MODEL / "model.safetensors")
    found, expected = set(theirs), set(source)
    problems += [f"{name}: in one of the two only" for name in sorted(expected ^ found)]
    for name in sorted(found & expected):
        if name not in stored and theirs[name] != source[name]:
            problems.append(f"{name}: other numbers than in the source")
        elif name in stored and not len(theirs[name][2]) < len(source[name][2]):
            problems.append(f"{name}: {len(theirs[name][2])} bytes as {stored[name]['format']}, {len(source[name][2])} in the source")
    print(*problems, f"{len(found)} tensors read by safetensors, {len(stored)} of them quantized: {len(problems)} problem(s)", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
