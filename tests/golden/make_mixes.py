#!/usr/bin/env python3
"""Writes mixes_golden.inc and layer_mixes_golden.inc: which type llama.cpp gives every matrix under each of its file types.

    for v in 0.3.36 0.3.7 0.1.59; do
        pip download --no-deps --no-binary llama-cpp-python llama-cpp-python==$v && tar xzf llama_cpp_python-$v.tar.gz; done
    pip install gguf==0.19.0 numpy==2.4.6      (in an environment outside this repository)
    python tests/golden/make_mixes.py llama_cpp_python-{0.3.36,0.3.7,0.1.59}/vendor/llama.cpp

The three source trees are the origins of revisions 2026 (llama-quant.cpp as it is in llama.cpp's build 11434 of October 2026),
2025-02 and 2023-06. Of the first two, mix_rule.cpp asks the rule itself; that of June 2023 is no function yet, so that models of
one row a matrix are quantized by llama_model_quantize, and the types are read from the files.

A line of mixes_golden.inc is {shape, file type, with importance, "role TYPE*layers TYPE*layers ...; role ..."}; one of
layer_mixes_golden.inc is {revision, shape, layers, file type, with importance, "TYPE; role TYPE at layers, TYPE at layers; ..."}: the type of
ffn_up in the first layer, then each role that has another in any layer.
"""
import ctypes
import itertools
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

VOCABULARY, HEADS = 64, 8
NUMBERS = {t.name.removeprefix("MOSTLY_").removeprefix("ALL_"): int(t) for t in gguf.LlamaFileType} | {"MXFP4_MOE": 38, "Q1_0": 40, "Q2_0": 41}
BASES = {"Q2_K_S": "Q2_K", "IQ3_XS": "IQ3_S", "IQ3_M": "IQ3_S", "IQ2_S": "IQ2_XS", "IQ2_M": "IQ2_S", "MXFP4_MOE": "MXFP4"}
TYPES = {t.name: int(t) for t in gguf.GGMLQuantizationType} | {"Q2_0": 42}

# mixes_golden.inc: 16 layers; name: hidden size, feed-forward size, key heads, tied head
SHAPES = {"alike": (256, 512, 8, False), "grouped": (256, 512, 2, False), "tied": (256, 512, 2, True), "odd": (288, 544, 2, False)}
FILE_TYPES = ("F16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q2_K_S Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ4_NL IQ4_XS IQ3_M IQ3_S "
              "IQ3_XS IQ3_XXS IQ2_M IQ2_S IQ2_XS IQ2_XXS IQ1_M IQ1_S TQ1_0 TQ2_0 Q2_0 MXFP4_MOE").split()
ROLES = ("token_embd", "output", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")

# layer_mixes_golden.inc: rows of 256; name: key heads, experts, numbers of layers, roles of a layer
DENSE = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
EXPERTS = ("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps")
SHARED = ("ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp")
LATENT = ("attn_q", "attn_kv_a_mqa", "attn_kv_b", "attn_output") + EXPERTS + SHARED
ABSORBED = ("attn_q_a", "attn_q_b", "attn_kv_a_mqa", "attn_k_b", "attn_v_b", "attn_output") + EXPERTS + SHARED
LAYER_SHAPES = {"alike": (8, 0, (22, 27, 32, 40, 80), DENSE), "grouped": (2, 0, (22, 27, 32, 40, 80), DENSE),
                "eight": (2, 8, (27, 32, 80), DENSE[:4] + EXPERTS), "latent": (8, 64, (27, 40), LATENT), "absorbed": (1, 64, (27,), ABSORBED)}
LAYER_FILE_TYPES = ("Q8_0 Q4_0 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ4_XS IQ3_M IQ3_XS IQ3_XXS IQ2_M IQ1_S TQ2_0 MXFP4_MOE "
                    "Q1_0 Q2_0").split()
ONLY_2026 = ("MXFP4_MOE", "Q1_0", "Q2_0")
WEIGHED = ("IQ3_XS", "IQ3_XXS", "IQ2_M", "IQ1_S")  # those that llama.cpp refuses without an importance matrix
OF_2023 = "Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K".split()
NAMES_OF_2023 = {"token_embd": "tok_embeddings", "output": "output", "attn_q": "attention.wq", "attn_k": "attention.wk", "attn_v": "attention.wv",
                 "attn_output": "attention.wo", "ffn_gate": "feed_forward.w1", "ffn_up": "feed_forward.w3", "ffn_down": "feed_forward.w2"}


class Rule:
    """mix_rule.cpp against one source tree."""

    def __init__(self, source, folder):
        folder.mkdir()
        (folder / "ggml-version.h").write_text('#define GGML_VERSION ""\n#define GGML_COMMIT ""\n')
        flags = ["-O0", "-w", f"-I{folder}", *(f"-I{source / i}" for i in ("include", "src", "ggml/include", "ggml/src", "common"))]
        units = [source / "src" / f"llama-{n}.cpp" for n in ("arch", "hparams", "impl")] + [Path(__file__).parent / "mix_rule.cpp"]
        for unit in units:
            subprocess.run(["g++", "-std=c++17", *flags, "-c", unit, "-o", folder / f"{unit.stem}.o"], check=True)
        subprocess.run(["gcc", *flags, "-D_GNU_SOURCE", '-DGGML_VERSION=""', '-DGGML_COMMIT=""', "-c", source / "ggml/src/ggml.c", "-o", folder / "ggml.o"],
                       check=True)
        objects = [folder / f"{unit.stem}.o" for unit in units] + [folder / "ggml.o"]
        subprocess.run(["g++", "-no-pie", "-Wl,--unresolved-symbols=ignore-all", *objects, "-o", folder / "rule", "-lpthread"], check=True)
        self.program = subprocess.Popen([folder / "rule"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, *words):
        print(*words, file=self.program.stdin, flush=True)

    def model(self, layers, key_heads, experts, architecture, tensors):
        self.say("model", layers, HEADS, key_heads, experts, architecture)
        # llama_model_loader's weight_name_comparer: by layer, then by name
        self.names = sorted(tensors, key=lambda name: (layer_of(name), name))
        for name in self.names:
            self.say("tensor", name, *tensors[name])

    def types(self, file_type, weighed):
        """{matrix: type}, or None where llama.cpp refuses."""
        self.say("types", NUMBERS[file_type], TYPES[BASES.get(file_type, file_type.removesuffix("_S").removesuffix("_M").removesuffix("_L")
                                                              if "_K_" in file_type else file_type)], int(weighed))
        answer = self.program.stdout.readline().split()
        if answer == ["refused"]:
            return None
        if len(answer) != len(self.names):
            sys.exit(f"{file_type}: {' '.join(answer)}")
        return {name: kind.upper() for name, kind in zip(self.names, answer)}


def layer_of(name):
    return int(name.split(".")[1]) if name.startswith("blk.") else -1


def role_of(name):
    return name.split(".")[-2]


def matrices(hidden, inner, key_heads, tied, layers):
    keys = hidden // HEADS * key_heads
    out = {"token_embd.weight": (hidden, VOCABULARY, 1)} | ({} if tied else {"output.weight": (hidden, VOCABULARY, 1)})
    for i in range(layers):
        for role, rows, cols in (("attn_q", hidden, hidden), ("attn_k", keys, hidden), ("attn_v", keys, hidden), ("attn_output", hidden, hidden),
                                 ("ffn_gate", inner, hidden), ("ffn_up", inner, hidden), ("ffn_down", hidden, inner)):
            out[f"blk.{i}.{role}.weight"] = (cols, rows, 1)
    return out


def of_layers(shape, layers):
    _, experts, _, roles = LAYER_SHAPES[shape]
    out = {"token_embd.weight": (256, VOCABULARY, 1), "output.weight": (256, VOCABULARY, 1)}
    for i in range(layers):
        here = roles
        if "ffn_up_shexp" in roles and i == 0:  # DeepSeek: the first layer has no experts
            here = tuple(r for r in roles if not r.startswith("ffn")) + DENSE[4:]
        for role in here:
            stacked = experts if role.endswith("_exps") else HEADS if role in ("attn_k_b", "attn_v_b") else 1
            out[f"blk.{i}.{role}.weight"] = (256, 256, stacked)
    return out


def line(tensors, found):
    parts = []
    for role in ROLES:
        names = sorted((name for name in tensors if role_of("." + name) == role), key=layer_of)
        runs = [f"{kind}*{len(list(run))}" for kind, run in itertools.groupby(found[name] for name in names)]
        if runs:
            parts.append(role + " " + " ".join(runs))
    return "; ".join(parts)


def layer_line(found):
    """As the docstring has it: layers as 0-3,6,9."""
    names = sorted(found, key=lambda name: (layer_of(name), name))
    first = next(found[n] for n in names if role_of("." + n) in ("ffn_up", "ffn_up_exps"))
    parts = [first]
    for role in dict.fromkeys(role_of("." + n) for n in names):
        kinds = {}
        for name in names:
            if role_of("." + name) == role:
                kinds.setdefault(found[name], []).append(layer_of(name))
        if set(kinds) != {first}:
            texts = [kind if len(kinds) == 1 else f"{kind} at {runs_of(layers)}" for kind, layers in kinds.items()]
            parts.append(role + " " + ", ".join(texts))
    return "; ".join(parts)


def runs_of(layers):
    runs = []
    for i in layers:
        if runs and i == runs[-1][1] + 1:
            runs[-1][1] = i
        else:
            runs.append([i, i])
    return "+".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


class Quantizer:
    """llama_model_quantize of June 2023, and its files of that month (ggjt)."""

    def __init__(self, source, folder):
        folder.mkdir()
        self.folder, flags = folder, ["-O1", "-w", "-fPIC", "-DGGML_USE_K_QUANTS", "-DNDEBUG", "-D_GNU_SOURCE", "-march=native", f"-I{source}"]
        for unit, compiler in (("ggml.c", ["gcc", "-std=c11"]), ("k_quants.c", ["gcc", "-std=c11"]), ("llama.cpp", ["g++", "-std=c++11"])):
            subprocess.run([*compiler, *flags, "-c", source / unit, "-o", folder / f"{unit}.o"], check=True)
        subprocess.run(["g++", "-shared", *(folder / f"{u}.o" for u in ("ggml.c", "k_quants.c", "llama.cpp")), "-o", folder / "llama.so", "-lpthread", "-lm"],
                       check=True)
        self.quantize = ctypes.CDLL(str(folder / "llama.so")).llama_model_quantize

    def types(self, tensors, layers, file_type):
        names = {(f"layers.{layer_of(n)}." if n.startswith("blk.") else "") + NAMES_OF_2023[role_of("." + n)] + ".weight": n for n in tensors}
        head = struct.pack("<7i", 1, 256, 256, HEADS, layers, 256 // HEADS, 0)
        with open(self.folder / "in.bin", "wb") as out:
            out.write(struct.pack("<2I", 0x67676A74, 3) + head + struct.pack("<If", 0, 0.0))
            for name in names:
                out.write(struct.pack("<5I", 2, len(name), 0, 256, 1) + name.encode())
                out.write(bytes(-out.tell() % 32) + np.linspace(-1, 1, 256, dtype=np.float32).tobytes())
        made = self.folder / "made.bin"
        if self.quantize(str(self.folder / "in.bin").encode(), str(made).encode(), NUMBERS[file_type], 1) != 0:
            sys.exit(f"2023-06 {file_type}: not quantized")
        data, at, found = made.read_bytes(), 8 + len(head) + 8, {}
        while at < len(data):
            dims, length, kind, cols, rows = struct.unpack_from("<5I", data, at)
            name = data[at + 20:at + 20 + length].decode()
            block, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(kind)]
            at += 20 + length
            at += -at % 32 + cols * rows // block * size
            found[names[name]] = gguf.GGMLQuantizationType(kind).name
        return found


def main():
    newest, older, oldest = (Path(a).resolve() for a in sys.argv[1:])
    head = "// Written by make_mixes.py; do not edit. What llama.cpp gives each matrix under its file types."
    with tempfile.TemporaryDirectory() as room:
        rules = {"2026": Rule(newest, Path(room) / "2026"), "2025-02": Rule(older, Path(room) / "2025")}
        first = Quantizer(oldest, Path(room) / "2023")
        out = [head, '// {shape, file type, with importance, types by role, "" where it is refused}',
               "// llama.cpp of llama-cpp-python 0.3.36, gguf 0.19.0; 16 layers; hidden, inner, key heads of 8, tied: "
               + ", ".join(f"{name} {s}" for name, s in SHAPES.items())]
        for shape, (hidden, inner, key_heads, tied) in SHAPES.items():
            tensors = matrices(hidden, inner, key_heads, tied, 16)
            rules["2026"].model(16, key_heads, 0, "llama", tensors)
            for file_type, weighed in itertools.product(FILE_TYPES, (False, True)):
                found = rules["2026"].types(file_type, weighed)
                out.append(f'{{"{shape}", "{file_type}", {str(weighed).lower()}, "{"" if found is None else line(tensors, found)}"}},')
        (Path(__file__).parent / "mixes_golden.inc").write_text("\n".join(out) + "\n")

        out = [head, "// {revision, shape, layers, file type, with importance, types: of ffn_up in the first layer, and of roles with others}",
               "// llama.cpp of llama-cpp-python 0.3.36, 0.3.7 and 0.1.59; rows of 256; key heads of 8, experts: "
               + ", ".join(f"{name} {s[:2]}" for name, s in LAYER_SHAPES.items())]
        for shape, (key_heads, experts, counts, roles) in LAYER_SHAPES.items():
            for layers in counts:
                tensors = of_layers(shape, layers)
                for revision, rule in rules.items():
                    rule.model(layers, key_heads, experts, "deepseek2" if "attn_kv_a_mqa" in roles else "llama", tensors)
                    for file_type in LAYER_FILE_TYPES:
                        if revision != "2026" and file_type in ONLY_2026:
                            continue
                        weighed = file_type in WEIGHED
                        out.append(f'{{"{revision}", "{shape}", {layers}, "{file_type}", {str(weighed).lower()}, '
                                   f'"{layer_line(rule.types(file_type, weighed))}"}},')
                for file_type in OF_2023 if shape == "alike" else ():
                    out.append(f'{{"2023-06", "{shape}", {layers}, "{file_type}", false, "{layer_line(first.types(tensors, layers, file_type))}"}},')
        (Path(__file__).parent / "layer_mixes_golden.inc").write_text("\n".join(out) + "\n")


main()
