# Prints `weights sha256` of a model in safetensors files: python3 weights_sha256.py model-00001-of-00002.safetensors ...
import hashlib
import json
import sys

tensors = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for name, tensor in header.items():
            begin, end = tensor["data_offsets"]
            file.seek(8 + length + begin)
            digest = hashlib.sha256(file.read(end - begin)).hexdigest()
            tensors.append([name, tensor["dtype"], tensor["shape"], digest])
text = json.dumps(sorted(tensors), separators=(",", ":"), ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())
