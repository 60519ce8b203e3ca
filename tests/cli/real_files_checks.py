"""Files as they really are, by small edits of the bundled model: what no number depends on never refuses a file, what changes the
numbers does, by name.

usage: real_files_checks.py DRIVER MODEL

Perplexities are of three chunks of the model's held-out text, 36.32 without an edit; the others are what transformers 4.57 gives.
Only the standard library is used.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors_file

driver, model = sys.argv[1], Path(sys.argv[2]).resolve()
scratch = Path(tempfile.mkdtemp())
data = model / "data"
problems = []


def run(*arguments, expect=0, says=(), says_not=()):
    done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lacks = [s for s in says if s not in done.stdout] + ["not: " + s for s in says_not if s in done.stdout]
    if done.returncode != expect or lacks:
        problems.append(f"{arguments}: exit code {done.returncode}, expected {expect} and {lacks}\n{done.stdout}")
    return done.stdout


def check(truth, what):
    if not truth:
        problems.append(what)


def read_safetensors(path):
    """name -> [type, shape, bytes]"""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    return {n: [t["dtype"], t["shape"], raw[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]]
            for n, t in header.items() if n != "__metadata__"}


tensors = read_safetensors(model / "model.safetensors")
config = json.loads((model / "config.json").read_text())
tokenizer = json.loads((model / "tokenizer.json").read_text())
embedding = tensors["model.embed_tokens.weight"]
made = 0


def hf(changes=(), drop=(), weights=None, files=()):
    """A copy of the model with fields of config.json changed or dropped, other tensors, and further or other files."""
    global made
    made += 1
    folder = scratch / f"hf{made}"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(model / name, folder / name)
    (folder / "config.json").write_text(json.dumps({k: v for k, v in {**config, **dict(changes)}.items() if k not in drop}))
    safetensors_file.write(folder / "model.safetensors", weights or tensors)
    for name, content in dict(files).items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def perplexity(path, *more, chunks=3):
    """The value, and the notes of the results."""
    out = scratch / "results"
    shutil.rmtree(out, ignore_errors=True)
    run("eval", "--model", path, "--data", data, "--schemes", "source", "--tasks", "perplexity:llamacpp", "--chunks", chunks, "--quiet",
        "--output-path", out, *more)
    if not (out / "results.json").exists():
        return 0, []
    scores = json.loads((out / "results.json").read_text())["scores"]
    return round(scores["schemes"][0]["texts"][0]["perplexity"]["value"], 2), scores.get("notes", [])


def expect_perplexity(what, path, wanted, note=None, *more, chunks=3):
    value, notes = perplexity(path, *more, chunks=chunks)
    check(abs(value - wanted) < 0.011, f"{what}: perplexity {value}, expected {wanted}")
    check(len(notes) == (note is not None) and all(note in n for n in notes), f"{what}: notes {notes}, expected {note!r}")
    if note is not None:
        run("inspect", path, says=() if " tokens, " in note else ("note: ", note))  # of what inspect reads


# GGUF, as llama.cpp's converter writes it: rows of q and k permuted, norms in F32.
def gguf_string(s):
    b = s.encode()
    return struct.pack("<Q", len(b)) + b


def gguf_value(v):
    if isinstance(v, bool):
        return struct.pack("<I?", 7, v)
    if isinstance(v, int):
        return struct.pack("<II", 4, v) if v >= 0 else struct.pack("<Ii", 5, v)
    if isinstance(v, float):
        return struct.pack("<If", 6, v)
    if isinstance(v, str):
        return struct.pack("<I", 8) + gguf_string(v)
    if isinstance(v[0], str):
        return struct.pack("<IIQ", 9, 8, len(v)) + b"".join(map(gguf_string, v))
    return struct.pack("<IIQ", 9, 5, len(v)) + struct.pack(f"<{len(v)}i", *v)


def write_gguf(path, entries, parts):
    head = struct.pack("<IIQQ", 0x46554747, 3, len(parts), len(entries))
    head += b"".join(gguf_string(k) + gguf_value(v) for k, v in entries.items())
    body = b""
    for name, (kind, shape, raw) in parts.items():
        head += gguf_string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *reversed(shape))
        head += struct.pack("<IQ", kind, len(body))
        body += raw + bytes(-len(raw) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)


def permuted(raw, heads, rows, cols):
    size, row = rows // heads, 2 * cols
    order = [h * size + j * size // 2 + i for h in range(heads) for i in range(size // 2) for j in range(2)]
    return b"".join(raw[r * row:(r + 1) * row] for r in order)


def gguf_parts():
    names = {"embed_tokens": "token_embd", "norm": "output_norm", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
             "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
             "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    out = {}
    for name, (dtype, shape, raw) in tensors.items():
        layer = re.match(r"model\.layers\.(\d+)\.(.*)\.weight", name)
        stem = layer.group(2) if layer else re.match(r"model\.(.*)\.weight", name).group(1)
        gguf = (f"blk.{layer.group(1)}." if layer else "") + names[stem] + ".weight"
        heads = {"self_attn.q_proj": config["num_attention_heads"], "self_attn.k_proj": config["num_key_value_heads"]}.get(stem)
        if heads:
            raw = permuted(raw, heads, *shape)
        if len(shape) == 1:  # BF16 -> F32
            out[gguf] = (0, shape, b"".join(b"\0\0" + raw[i:i + 2] for i in range(0, len(raw), 2)))
        else:
            out[gguf] = (30, shape, raw)
    return out


pieces = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
base = {
    "general.architecture": "llama", "llama.block_count": config["num_hidden_layers"], "llama.context_length": 2048,
    "llama.embedding_length": config["hidden_size"], "llama.feed_forward_length": config["intermediate_size"],
    "llama.attention.head_count": config["num_attention_heads"], "llama.attention.head_count_kv": config["num_key_value_heads"],
    "llama.attention.key_length": config["head_dim"], "llama.attention.value_length": config["head_dim"],
    "llama.attention.layer_norm_rms_epsilon": config["rms_norm_eps"], "llama.rope.freq_base": config["rope_theta"],
    "llama.rope.dimension_count": config["head_dim"],
    "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.tokens": pieces,
    "tokenizer.ggml.token_type": [3, 3] + [1] * (len(pieces) - 2), "tokenizer.ggml.merges": [" ".join(m) for m in tokenizer["model"]["merges"]],
    "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 0, "tokenizer.ggml.add_bos_token": False}
parts = gguf_parts()


def gguf(changes=(), more=()):
    global made
    made += 1
    path = scratch / f"m{made}.gguf"
    write_gguf(path, {**base, **dict(changes)}, {**parts, **dict(more)})
    return path


plain = 36.32
expect_perplexity("Hugging Face, no edit", hf(), plain)
expect_perplexity("GGUF, no edit", gguf(), plain)

# Numbers that nobody reads, in every file that publishers ship.
tokenizer_config = (model / "tokenizer_config.json").read_text()
huge = "1000000000000000019884624838656"
for number in (huge, "1e999", "-Infinity", "NaN"):
    odd = hf(files={"tokenizer_config.json": tokenizer_config.replace("2048", number), "special_tokens_map.json": '{"x": %s}' % number,
                    "generation_config.json": '{"max_new_tokens": %s}' % number, "config.json": json.dumps(config)[:-1] + ', "x": %s}' % number})
    expect_perplexity(f"{number} where nobody reads it", odd, plain)
run("inspect", hf(files={"config.json": json.dumps(config).replace('"vocab_size": 2048', f'"vocab_size": {huge}')}), expect=3,
    says=("CF01", "vocab_size", huge, "expected an integer"))

# A head of its own: here the embedding with its rows doubled, an exponent more in BF16, but for some.
doubled = bytearray(embedding[2])
for at in range(0, len(doubled), 2):
    value = struct.unpack_from("<H", doubled, at)[0]
    if (at // (2 * config["hidden_size"])) % 7 == 0 and value & 0x7f80:
        struct.pack_into("<H", doubled, at, value + 0x80)
head = ["BF16", embedding[1], bytes(doubled)]
untied = perplexity(hf({"tie_word_embeddings": False}, weights={**tensors, "lm_head.weight": head}))[0]
check(untied != plain and untied > 0, f"an untied head gives {untied}")
expect_perplexity("a GGUF's own head", gguf(more={"output.weight": (30, embedding[1], bytes(doubled))}), untied)
expect_perplexity("another head beside a tied embedding", hf(weights={**tensors, "lm_head.weight": head}), plain, "ties the head to")
expect_perplexity("the same head beside a tied embedding", hf(weights={**tensors, "lm_head.weight": embedding}), plain)

# A GGUF in two files, the head in the second.
split = [scratch / f"split-0000{i}-of-00002.gguf" for i in (1, 2)]
whole = {**parts, "output.weight": (30, embedding[1], bytes(doubled))}
names = list(whole)
write_gguf(split[0], {**base, "split.no": 0, "split.count": 2, "split.tensors.count": len(whole)}, {n: whole[n] for n in names[:20]})
write_gguf(split[1], {"split.no": 1, "split.count": 2, "split.tensors.count": len(whole)}, {n: whole[n] for n in names[20:]})
for path in split:
    expect_perplexity(path.name, path, untied)
    run("inspect", path, says=(split[0].name, split[1].name))
origins = []
for path in (split[1], gguf(more={"output.weight": whole["output.weight"]})):
    said = run("eval", "--model", path, "--data", data, "--schemes", "source", "--tasks", "perplexity:llamacpp", "--chunks", 1, "--json", "--quiet")
    origins.append({k: v for k, v in json.loads(said)["scores"]["origin"].items() if k != "model"})
check(origins[0] == origins[1], f"hashes of a split model and of a whole one: {origins}")
split[0].rename(scratch / "away")
run("inspect", split[1], expect=3, says=("GG26", split[0].name))
(scratch / "away").rename(split[0])
write_gguf(split[1], {"split.no": 1, "split.count": 3, "split.tensors.count": len(whole)}, {n: whole[n] for n in names[20:]})
run("inspect", split[0], expect=3, says=("GG27", split[1].name))

# Windows and defaults by class. 6,144 tokens: transformers' MistralForCausalLM gives 52.75 with its default of 4,096, and 56.18 without.
mistral = {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "max_position_embeddings": 8192}
long = ("--ctx", 6144)
expect_perplexity("Mistral without sliding_window", hf(mistral), 52.75, "no sliding_window: 4096", *long, chunks=1)
expect_perplexity("Mistral, sliding_window null", hf({**mistral, "sliding_window": None}), 56.18, None, *long, chunks=1)
expect_perplexity("Llama with a sliding_window", hf({"sliding_window": 128}), plain, "sliding_window: 128 is left aside")
expect_perplexity("a Llama GGUF with a window", gguf({"llama.attention.sliding_window": 128}), plain, "is left aside, Llama has none")
run("inspect", hf({**mistral, "sliding_window": 0}), expect=3, says=("CF01", "sliding_window", "from 1"))
expect_perplexity("no hidden_act", hf(drop=("hidden_act",)), plain)
expect_perplexity("no max_position_embeddings", hf(drop=("max_position_embeddings",)), plain, "no max_position_embeddings: 2048")
run("inspect", hf({"hidden_act": "relu"}), expect=3, says=("CF06", "hidden_act"))
expect_perplexity("hidden_act by its other name", hf({"hidden_act": "swish"}), plain)
expect_perplexity("max_position_embeddings null", hf({"max_position_embeddings": None}), plain, "no max_position_embeddings: 2048")
run("inspect", hf({"tie_word_embeddings": None}), expect=3, says=("CF02", "lm_head.weight"))  # a flag that is null is not set

# What a GGUF says and llama.cpp reads: scalings, biases, directions; and what it does not read.
scaled = perplexity(gguf({"llama.rope.scaling.factor": 4.0}))[0]
check(abs(scaled - 105.94) < 0.03, f"a factor without a type: {scaled}")  # absent means linear; 105.94 is llama.cpp's, with its F16 cache
expect_perplexity("longrope with a factor", gguf({"llama.rope.scaling.type": "longrope", "llama.rope.scaling.factor": 4.0}), scaled)
zeros = {f"blk.{i}.attn_{m}.bias": (0, [parts[f"blk.{i}.attn_{m}.weight"][1][0]], bytes(4 * parts[f"blk.{i}.attn_{m}.weight"][1][0]))
         for i in range(config["num_hidden_layers"]) for m in "qk"}
expect_perplexity("biases of queries and keys alone", gguf(more=zeros), plain)
run("inspect", gguf({"llama.attention.causal": False}), expect=3, says=("CF06", "attention.causal"))
expect_perplexity("another vocab_size than tokens", gguf({"llama.vocab_size": 2000}), plain)
expect_perplexity("pieces called unused", gguf({"tokenizer.ggml.token_type": [3, 3] + [5] * (len(pieces) - 2)}), plain)

# Special ids that the vocabulary does not have.
for bad in (2048, 4294967295, -1):
    expect_perplexity(f"GGUF, bos {bad}", gguf({"tokenizer.ggml.bos_token_id": bad}), plain, f"bos_token_id\": {bad} is left aside")
    expect_perplexity(f"config.json, bos {bad}", hf({"bos_token_id": bad}), plain, f"bos_token_id: {bad} is left aside")
run("inspect", hf({"eos_token_id": "</s>"}), expect=3, says=("CF01", "eos_token_id", "an integer"))
run("inspect", gguf({"tokenizer.ggml.eos_token_id": "</s>"}), expect=3, says=("GG22", "eos_token_id", "an integer"))

# What ends a text. The token after three of a greedy text becomes an end; all spellings are in tests/io/tokenizer.
ask = ("--prompt", "The", "--max-tokens", 8, "--json", "--quiet")
tokens = json.loads(run("generate", "--model", hf(), *ask))["tokens"]
check(len(tokens) == 8, f"{tokens} are no eight tokens")
cut = tokens.index(tokens[3])
for what, path in (("generation_config.json, a list", hf(files={"generation_config.json": {"eos_token_id": [5, tokens[3]]}})),
                   ("generation_config.json, a number", hf(files={"generation_config.json": {"eos_token_id": tokens[3]}})),
                   ("eot_token_id", gguf({"tokenizer.ggml.eot_token_id": tokens[3]}))):
    said = json.loads(run("generate", "--model", path, *ask))
    check(said["finish"] == "eos" and said["tokens"] == tokens[:cut], f"{what}: {said}")
check(json.loads(run("generate", "--model", gguf(), *ask))["tokens"] == tokens, "a GGUF continues differently")
# <|im_end|> in place of <|pad|>, whose row of the head is twice that of a token of the text, so that it comes instead of it.
row = 2 * config["hidden_size"]
ending = bytearray(embedding[2])
source = embedding[2][tokens[3] * row:(tokens[3] + 1) * row]
ending[row:2 * row] = b"".join(struct.pack("<H", v + 0x80 if v & 0x7f80 else v) for (v,) in struct.iter_unpack("<H", source))
output = {"output.weight": (30, embedding[1], bytes(ending))}
padded = json.loads(run("generate", "--model", gguf(more=output), *ask))["tokens"]
check(1 in padded and len(padded) == 8, f"{padded} should go on behind token 1")
said = json.loads(run("generate", "--model", gguf({"tokenizer.ggml.tokens": [pieces[0], "<|im_end|>", *pieces[2:]]}, output), *ask))
check(said["finish"] == "eos" and said["tokens"] == padded[:padded.index(1)], f"<|im_end|>: {said}, without that name {padded}")

# A tokenizer longer than the embedding.
longer = json.loads(json.dumps(tokenizer))
longer["added_tokens"].append({**longer["added_tokens"][0], "id": 2048, "content": "<|extra|>"})
longer = hf(files={"tokenizer.json": longer})
expect_perplexity("a tokenizer of one token more", longer, plain, "2049 tokens, the embedding 2048 rows")
(scratch / "extra.txt").write_text("Once <|extra|> upon a time. " * 400)
for more, status in ((("--parse-special",), 2), ((), 0)):
    said = run("eval", "--model", longer, "--data", scratch / "extra.txt", "--schemes", "source", "--tasks", "perplexity:llamacpp", "--quiet", *more,
               expect=status, says=("EN01", "2048", "0..2047") if status else ())
(scratch / "ids.json").write_text("[[2048]]")
run("logits", "--model", longer, "--ids", scratch / "ids.json", "--output-path", scratch / "l.safetensors", expect=3, says=("LG01",))

# A class that adds EOS adds it to a text, as calling it in transformers does.
rows = []
for adds in (False, True):
    settings = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": adds, "bos_token": "<|endoftext|>",
                "eos_token": "<|endoftext|>"}
    run("logits", "--model", hf(files={"tokenizer_config.json": settings}), "--text", "Once upon a time", "--output-path", scratch / "text.safetensors")
    rows.append(read_safetensors(scratch / "text.safetensors")["logits.0"][1][0])
check(rows[1] == rows[0] + 1, f"{rows} rows of logits, without EOS and with it")

# Names without the model's prefix, numbers for each layer.
bare = {n.removeprefix("model."): t for n, t in tensors.items()}
cached = {f"model.layers.0.self_attn.rotary_emb.{b}": ["F64", [2], bytes(16)] for b in ("inv_freq", "cos_cached", "sin_cached")}
expect_perplexity("stored rotations", hf(weights={**tensors, **cached}), plain)
expect_perplexity("tensors without a prefix", hf({"architectures": ["LlamaModel"]}, weights=bare), plain)
run("inspect", hf({"tie_word_embeddings": False}, weights=bare), expect=3, says=("CF02", "lm_head.weight"))
layers = config["num_hidden_layers"]
expect_perplexity("head counts for each layer", gguf({"llama.attention.head_count": [4] * layers, "llama.attention.head_count_kv": [2] * layers}), plain)
run("inspect", gguf({"llama.attention.head_count_kv": [2] * (layers - 1) + [4]}), expect=3, says=("CF06", "head_count_kv", "one number for all layers"))

# Weights in 64 bits are read as the nearest numbers of 32, matrices the other way round and stacks of experts, too.
def widened(stored):
    """Tensors in F32, and in F64 beside these numbers by a quarter of what two of 32 bits differ by."""
    single, double = {}, {}
    for at, (name, (dtype, shape, raw)) in enumerate(stored.items()):
        numbers = [struct.unpack("<f", struct.pack("<I", h << 16))[0] for (h,) in struct.iter_unpack("<H", raw)]
        check(dtype == "BF16", f"{name} is in {dtype}")
        single[name] = ["F32", shape, struct.pack(f"<{len(numbers)}f", *numbers)]
        double[name] = ["F64", shape, struct.pack(f"<{len(numbers)}d", *(x * (1 + (-1) ** (at + i) * 2**-26) for i, x in enumerate(numbers)))]
    return single, double


(scratch / "ids.json").write_text("[[3, 1, 4, 1, 5, 9, 2, 6]]")
for name in ("gpt2", "granite-moe", "deepseek-v2"):
    folder = Path(__file__).resolve().parents[1] / "golden" / "architectures" / name
    written = []
    for kind, weights in zip(("f32", "f64"), widened(read_safetensors(folder / "model.safetensors"))):
        (scratch / f"{name}-{kind}").mkdir()
        shutil.copy(folder / "config.json", scratch / f"{name}-{kind}")
        safetensors_file.write(scratch / f"{name}-{kind}" / "model.safetensors", weights)
        for scheme in ("source", "q8_0"):
            out = scratch / f"{name}-{kind}-{scheme}.safetensors"
            run("logits", "--model", scratch / f"{name}-{kind}", "--scheme", scheme, "--ids", scratch / "ids.json", "--output-path", out)
            written.append(read_safetensors(out) if out.exists() else None)
    check(written[:2] == written[2:] and None not in written, f"{name} in F64 computes something else than in F32")
    run("inspect", scratch / f"{name}-f64", says=("in F64, read as the nearest numbers of 32 bits",))

# Weights in FP8, NaN, a norm that is no float: the file, the tensor, the type.
name = "model.layers.0.mlp.up_proj.weight"
fp8 = {**tensors, name: ["F8_E4M3", tensors[name][1], tensors[name][2][::2]]}
for scheme in ("source", "q8_0"):
    run("eval", "--model", hf(weights=fp8), "--data", data, "--schemes", scheme, "--tasks", "perplexity:llamacpp", expect=3,
        says=("CF03", "model.safetensors", name, "F8_E4M3", "FP8"))
nan = {**tensors, name: ["BF16", tensors[name][1], b"\xc0\x7f" + tensors[name][2][2:]]}
run("eval", "--model", hf(weights=nan), "--data", data, "--schemes", "q8_0", "--tasks", "perplexity:llamacpp", expect=3,
    says=("ST32", "model.safetensors, tensor", name, "--allow-nonfinite"))
norm = "model.norm.weight"
run("eval", "--model", hf(weights={**tensors, norm: ["I16", tensors[norm][1], tensors[norm][2]]}), "--data", data, "--schemes", "source", "--tasks",
    "perplexity:llamacpp", expect=3, says=("MO03", "model.safetensors, tensor", norm, "I16"))

# quantize: not onto its input, by whatever path; with everything that decides how the model reads and stops; of what it can read.
mine = hf(files={"special_tokens_map.json": {"eos_token": "<|endoftext|>"}, "generation_config.json": {"eos_token_id": [0, 9]},
                 "added_tokens.json": {}, "chat_template.jinja": "{{ x }}", "notes.txt": "mine"})
before = {p.name: p.read_bytes() for p in mine.iterdir()}
(scratch / "link").symlink_to(mine)
(scratch / "hard").mkdir()
os.link(mine / "model.safetensors", scratch / "hard" / "model.safetensors")
(scratch / "soft").mkdir()
(scratch / "soft" / "config.json").symlink_to(mine / "config.json")
for target in (mine, f"{mine}/", f"{mine}/../{mine.name}", scratch / "link", scratch / "hard", scratch / "soft"):
    run("quantize", "--model", mine, "--scheme", "q8_0", "--output-path", target, expect=2, says=("CL06", "--output-path"))
run("quantize", "--model", mine / "model.safetensors", "--scheme", "q8_0", "--output-path", mine, expect=2, says=("CL06",))
check({p.name: p.read_bytes() for p in mine.iterdir()} == before, "quantize has changed its input")
run("quantize", "--model", mine, "--scheme", "q8_0", "--output-path", scratch / "copy")
check(sorted(p.name for p in (scratch / "copy").iterdir()) == sorted(set(before) - {"notes.txt"}), "files of the copy")
check(json.loads(run("generate", "--model", scratch / "copy", *ask))["finish"], "the copy generates")
no_words = hf()
for file in no_words.glob("tokenizer*"):
    file.unlink()
run("quantize", "--model", no_words, "--scheme", "q8_0", "--output-path", scratch / "bare")
run("quantize", "--model", gguf(), "--scheme", "q8_0", "--output-path", scratch / "none", expect=2, says=("CL02", "GGUF", "--output-format gguf"))
run("quantize", "--model", gguf(), "--scheme", "q8_0", "--output-format", "gguf", "--output-path", scratch / "made.gguf")
check(json.loads(run("generate", "--model", scratch / "made.gguf", *ask))["finish"], "the GGUF generates")
run("quantize", "--model", gguf(), "--scheme", "q8_0", "--output-format", "awk", "--output-path", scratch / "none", expect=2,
    says=("CL02", "awk", "qeval, gguf"))

# Data: a file is its task's; a missing folder says what to do.
run("eval", "--model", hf(), "--data", data / "heldout.txt", "--schemes", "source", "--tasks", "perplexity:llamacpp", "--chunks", 1, "--quiet")
run("eval", "--model", hf(), "--schemes", "source", "--tasks", "perplexity:llamacpp", expect=3, says=("IO01", "heldout.txt", "--data"))
run("eval", "--model", hf(), "--data", scratch, "--schemes", "source", "--tasks", "mmlu", expect=3, says=("mmlu", "--data"))

# An importance matrix without some matrix: --plan says which columns count alike.
entry = b"blk.0.ffn_up.weight"
weights = struct.pack(f"<ii{len(entry)}sii{config['hidden_size']}f", 1, len(entry), entry, 1, config["hidden_size"], *[1.0] * config["hidden_size"])
(scratch / "part.dat").write_bytes(weights)
said = run("inspect", model, "--plan", "q4_k_m", "--imatrix", scratch / "part.dat", says=("not in ", "part.dat", "all weights count alike"))
check(all(("not in" in line) != ("layers.0.mlp.up_proj" in line) for line in said.splitlines() if re.search(r"layers.*Q[46]_K", line)), said)

# tokenizer_config.json beside a tokenizer.json, as transformers 4.57 reads it: its add_prefix_space counts, false where it says nothing.
spaced = json.loads(json.dumps(tokenizer))
spaced["pre_tokenizer"]["add_prefix_space"] = True
other_end = tokenizer_config.replace('"eos_token": "<|endoftext|>"', '"eos_token": "</s>"')
for files, note in (({"tokenizer.json": spaced}, "add_prefix_space is left aside"),
                    ({"tokenizer_config.json": other_end}, "is left aside, no piece of the vocabulary")):
    value, notes = perplexity(hf(files=files))
    check(abs(value - plain) < 0.011 and any(note in n for n in notes), f"{note}: perplexity {value}, notes {notes}")

# What stands for a model: its description, an entry of the hub's cache that was downloaded by revision.
described = hf()
expect_perplexity("config.json of the model", described / "config.json", plain)
entry = scratch / "models--a--b"
(entry / "blobs").mkdir(parents=True)
(entry / "snapshots" / "0123abcd").mkdir(parents=True)
for file in described.iterdir():
    file.rename(entry / "blobs" / file.name)
    (entry / "snapshots" / "0123abcd" / file.name).symlink_to(f"../../blobs/{file.name}")
expect_perplexity("the hub's cache", entry, plain)
(entry / "pytorch_model.bin").write_text("PK")
run("inspect", entry / "pytorch_model.bin", expect=3, says=("IX02", "PyTorch", "safetensors or GGUF"))

# An index whose total_size is a float.
index = hf()
(index / "model.safetensors").rename(index / "model-00001-of-00001.safetensors")
total = sum(len(t[2]) for t in tensors.values())
for value, warns in ((float(total), False), (total, False), (total + 1.0, True)):
    (index / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": value}, "weight_map": {n: "model-00001-of-00001.safetensors" for n in tensors}}))
    said = run("inspect", index)
    check(("IX05" in said) == warns, f"total_size {value}: {said}")

shutil.rmtree(scratch)
print("\n".join(problems) or "real files: all as they should be")
sys.exit(bool(problems))
