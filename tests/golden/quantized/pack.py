"""Takes what the scripts of this folder made to where the tests read it: model.safetensors compressed, dequantized.safetensors left out.

    python tests/golden/quantized/pack.py FOLDER FAMILY...
"""
import gzip
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main(folder, families):
    for family in families:
        shutil.rmtree(HERE / family, ignore_errors=True)
        for file in sorted(pathlib.Path(folder, family).glob("*/*")):
            if file.name == "dequantized.safetensors":
                continue
            out = HERE / family / file.parent.name / file.name
            out.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".safetensors" and file.name != "golden.safetensors":
                out.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
            else:
                shutil.copyfile(file, out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
