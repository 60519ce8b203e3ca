"""What qeval writes is read by the packages whose forms it writes.

usage: check_files.py DRIVER
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from safetensors import safe_open

MODEL = Path(__file__).parents[2] / "examples" / "models" / "qeval-5m"


def main(driver):
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([driver, "quantize", "--model", MODEL, "--scheme", "q4_k_m", "--quiet", "--output-path", scratch], check=True)
        stored = json.loads((Path(scratch) / "config.json").read_text())["quantization_config"]["tensors"]
        with safe_open(Path(scratch) / "model.safetensors", "pt") as theirs, safe_open(MODEL / "model.safetensors", "pt") as source:
            found, expected = set(theirs.keys()), set(source.keys())
            problems += [f"{name}: in one of the two only" for name in sorted(expected ^ found)]
            for name in sorted(found & expected):
                tensor, origin = theirs.get_tensor(name), source.get_tensor(name)
                if name not in stored and not tensor.equal(origin):
                    problems.append(f"{name}: other numbers than in the source")
                elif name in stored and not tensor.nbytes < origin.nbytes:
                    problems.append(f"{name}: {tensor.nbytes} bytes as {stored[name]['format']}, {origin.nbytes} in the source")
    print(*problems, f"{len(found)} tensors read by safetensors, {len(stored)} of them quantized: {len(problems)} problem(s)", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
