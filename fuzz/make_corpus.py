"""Writes the seeds of fuzz/corpus: tiny valid files of each format and a few that must be refused.

usage: make_corpus.py [FOLDER]      (default: corpus, beside this file). Python's standard library only.
"""
import glob
import json
import os
import struct
import sys


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors_seeds():
    yield "empty", safetensors({})
    yield "one", safetensors({"x": entry("F32", [2], 0, 8)}, b"12345678")
    yield "two-and-metadata", safetensors(
        {"__metadata__": {"format": "pt"}, "a.weight": entry("BF16", [2, 3], 0, 12), "b": entry("I8", [0, 4], 12, 12),
         "c": entry("F64", [], 12, 20)}, bytes(20))
    yield "sub-byte-padded", safetensors(b'{"x":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}    ', b"ab")
    yield "null-metadata", safetensors(b'{"__metadata__":null}')
    yield "hole", safetensors({"a": entry("U8", [1], 0, 1), "b": entry("U8", [1], 2, 3)}, b"abc")
    yield "overlap", safetensors({"a": entry("U8", [2], 0, 2), "b": entry("U8", [2], 1, 3)}, b"abc")
    yield "wraps", safetensors({"a": entry("U8", [1 << 32, 1 << 32], 0, 0)})
    yield "truncated", safetensors({"a": entry("U8", [4096], 0, 4096)}, b"abc")
    yield "nested", safetensors(b'{"a":{"shape":[[[[[[')
    yield "long-length", struct.pack("<Q", 2**64 - 8) + b"{}"
    yield "lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
NUMBERS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "B", U64: "Q", I64: "q", F64: "d"}


def text(s):
    b = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<Q", len(b)) + b


def value(kind, v):
    return text(v) if kind == STRING else struct.pack("<" + NUMBERS[kind], v)


def item(key, kind, v):
    if isinstance(v, list):
        return text(key) + struct.pack("<IIQ", ARRAY, kind, len(v)) + b"".join(value(kind, x) for x in v)
    return text(key) + struct.pack("<I", kind) + value(kind, v)


def gguf(items, tensors, version=3, alignment=32):
    """tensors: (name, dims innermost first, type, bytes)"""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(items)) + b"".join(items)
    offset = 0
    for name, dims, kind, data in tensors:
        out += text(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims)
        out += struct.pack("<IQ", kind, offset)
        offset += -(-len(data) // alignment) * alignment
    out += bytes(-len(out) % alignment)
    for _, _, _, data in tensors:
        out += data + bytes(-len(data) % alignment)
    return out


def llama(vocab=4, hidden=4):
    items = [item("general.architecture", STRING, "llama"), item("llama.context_length", U32, 8),
             item("llama.embedding_length", U32, hidden), item("llama.block_count", U32, 1),
             item("llama.feed_forward_length", U32, 2), item("llama.attention.head_count", U32, 2),
             item("llama.attention.head_count_kv", U32, 1),
             item("llama.attention.layer_norm_rms_epsilon", F32, 1e-5), item("llama.rope.freq_base", F32, 1e4),
             item("tokenizer.ggml.model", STRING, "llama"),
             item("tokenizer.ggml.tokens", STRING, ["<unk>", "<s>", "<0x0A>", "a"][:vocab]),
             item("tokenizer.ggml.scores", F32, [0.0, 0.0, 0.0, -1.0][:vocab]),
             item("tokenizer.ggml.token_type", I32, [2, 3, 6, 1][:vocab]),
             item("tokenizer.ggml.bos_token_id", U32, 1), item("tokenizer.ggml.add_bos_token", BOOL, 1)]

    def f32(name, *dims):
        n = 1
        for d in dims:
            n *= d
        return name, dims, 0, bytes(4 * n)
    tensors = [f32("token_embd.weight", hidden, vocab), f32("output_norm.weight", hidden)]
    for name, dims in [("attn_norm", (hidden,)), ("ffn_norm", (hidden,)), ("attn_q", (hidden, hidden)),
                       ("attn_k", (hidden, hidden // 2)), ("attn_v", (hidden, hidden // 2)),
                       ("attn_output", (hidden, hidden)), ("ffn_gate", (hidden, 2)), ("ffn_up", (hidden, 2)),
                       ("ffn_down", (2, hidden))]:
        tensors.append(f32(f"blk.0.{name}.weight", *dims))
    return gguf(items, tensors)


def gguf_seeds():
    yield "empty", gguf([], [])
    yield "version-2", gguf([item("a", U8, 1)], [("t", [3], 0, bytes(12))], version=2)
    yield "every-kind", gguf([item(f"k{k}", k, "text" if k == STRING else 1) for k in NUMBERS | {STRING: ""}]
                             + [item(f"a{k}", k, ["x", ""] if k == STRING else [0, 1]) for k in NUMBERS | {STRING: ""}], [])
    yield "quantized", gguf([item("general.alignment", U32, 64)],
                            [("a", [64, 2], 8, bytes(136)), ("b", [256], 12, bytes(144)), ("c", [32], 2, bytes(18))],
                            alignment=64)
    yield "llama", llama()
    yield "bad-version", gguf([], [], version=1)
    yield "huge-counts", b"GGUF" + struct.pack("<IQQ", 3, 2**40, 2**40) + bytes(30)
    yield "huge-string", b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<IQ", STRING, 2**64 - 1)
    yield "wrapping-size", gguf([], [("t", [2**62 - 1], 0, b"")])
    yield "lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


def json_seeds():
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": 64,
              "intermediate_size": 172, "num_attention_heads": 8, "num_hidden_layers": 5, "num_key_value_heads": 4,
              "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "vocab_size": 512,
              "bos_token_id": 1, "eos_token_id": [2], "rope_scaling": {"type": "linear", "factor": 4.0}}
    yield "config", json.dumps(config).encode()
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4, "group_size": 32}
    yield "config-gptq", json.dumps(config).encode()
    yield "kinds", b'[null,true,-0,-1,18446744073709551615,1.5e-300,"\\u00e9\\ud83d\\ude00\\n",{"":[]}]'
    yield "deep", b"[" * 64 + b"]" * 64
    yield "too-deep", b"[" * 65 + b"]" * 65
    yield "duplicate", b'{"a":1,"a":2}'
    yield "nul-key", b'{"a\\u0000":1}'
    yield "wide-integer", b"[18446744073709551616]"
    yield "overflow", b"[1e400]"
    yield "bom", b"\xef\xbb\xbf{}"
    yield "bad-utf8", b'["\xc0\x80"]'
    yield "trailing", b"{} {}"


def imatrix(matrices, counted=True):
    """matrices: (name, sums, counts)"""
    tensors = []
    for name, sums, counts in matrices:
        tensors.append((name + ".in_sum2", [len(sums) // len(counts), len(counts)], 0, struct.pack(f"<{len(sums)}f", *sums)))
        tensors.append((name + ".counts", [1, len(counts)], 0, struct.pack(f"<{len(counts)}f", *counts)))
    items = [item("general.type", STRING, "imatrix"), item("imatrix.datasets", STRING, ["text"])]
    return gguf(items + [item("imatrix.chunk_count", U32, 1), item("imatrix.chunk_size", U32, 512)] * counted, tensors)


def imatrix_dat(entries, count=None):
    """entries: (name, calls, sums)"""
    out = struct.pack("<i", len(entries) if count is None else count)
    for name, calls, sums in entries:
        out += struct.pack("<i", len(name)) + name.encode() + struct.pack(f"<ii{len(sums)}f", calls, len(sums), *sums)
    return out


def imatrix_seeds():
    up = "blk.0.ffn_up.weight"
    yield "gguf", imatrix([(up, [1, 2, 0, 4], [2]), ("output.weight", [1, 2], [3])])
    yield "experts", imatrix([("blk.0.ffn_up_exps.weight", [1, 2, 3, 4], [2, 0])])
    yield "no-metadata", imatrix([(up, [1, 2], [1])], counted=False)
    yield "infinite", imatrix([(up, [float("inf")], [1])])
    yield "dat", imatrix_dat([(up, 2, [1, 2, 3]), ("output.weight", 0, [4])])
    yield "dat-and-data-set", imatrix_dat([(up, 1, [1])]) + struct.pack("<ii", 1, 4) + b"text"
    yield "dat-cut", imatrix_dat([(up, 2, [1, 2, 3])])[:-1]
    yield "dat-huge", imatrix_dat([(up, 2, [1])], count=2**31 - 1)


def index_seeds():
    """Beside a.safetensors and b.safetensors, with a tensor of a byte each that is called like its file."""
    both = {"a": "a.safetensors", "b": "b.safetensors"}

    def index(weight_map, **more):
        return json.dumps({**more, "weight_map": weight_map}).encode()
    yield "both", index(both, metadata={"total_size": 2})
    yield "total-as-float", index(both, metadata={"total_size": 2.0})
    yield "other-total", index(both, metadata={"total_size": 3})
    yield "one", index({"a": "a.safetensors"})
    yield "other-shard", index({"a": "b.safetensors", "b": "a.safetensors"})
    yield "no-such-shard", index({**both, "c": "c.safetensors"})
    yield "no-such-tensor", index({**both, "c": "b.safetensors"})
    yield "climbs", index({**both, "c": "../a.safetensors"})
    yield "absolute", index({**both, "c": "/dev/zero"})
    yield "folder", index({**both, "c": "."})
    yield "no-map", b"{}"
    yield "kinds", b'{"metadata":{"total_size":1e999},"weight_map":{"a":1}}'
    yield "duplicate", b'{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}'
    yield "lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


def config_seeds():
    """One config.json of each kind that tests/golden/make_architectures.py made, and what must be refused."""
    kinds = {}
    for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/golden/architectures/*/config.json"))):
        with open(path, encoding="utf-8") as f:
            config = json.load(f)
        kinds.setdefault(config["model_type"], config)

    def text(config, generation=None):
        tail = "" if generation is None else "\n%%\n" + json.dumps(generation)
        return (json.dumps(config, separators=(",", ":")) + tail).encode()
    for kind, config in kinds.items():
        yield kind, text(config)
    llama = kinds["llama"]
    yield "generation", text(llama, {"eos_token_id": [1, 2, 10**6], "bos_token_id": -1})
    yield "gptq", text({**llama, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 4}})
    yield "gptq-group-0", text({**llama, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 0}})
    yield "unknown-method", text({**llama, "quantization_config": {"quant_method": "magic"}})
    yield "no-heads", text({**llama, "num_attention_heads": 0})
    yield "huge", text({**llama, "hidden_size": 10**18})
    yield "negative", text({**llama, "num_hidden_layers": -1})
    yield "huge-number", text(llama).replace(b"{", b'{"model_max_length":1000000000000000019884624838656,', 1)


def quantized_seeds():
    """A matrix of each method of scheme/method, of 32 x 64 or smaller, with arbitrary codes."""
    def checkpoint(config, *tensors):
        header, data = {}, b""
        for name, dtype, shape, content in tensors:
            header[name] = entry(dtype, shape, len(data), len(data) + len(content))
            data += content
        return json.dumps(config, separators=(",", ":")).encode() + b"\n%%\n" + safetensors(header, data)

    def some(count):
        return bytes((i * 37 + 11) % 256 for i in range(count))

    def halves(count):
        return struct.pack("<e", 0.5) * count
    for bits in (3, 4):
        gptq = [("a.qweight", "I32", [2 * bits, 32], some(256 * bits)), ("a.scales", "F16", [2, 32], halves(64)),
                ("a.qzeros", "I32", [2, bits], b"\x11" * (8 * bits))]
        yield f"gptq-{bits}", checkpoint({"quant_method": "gptq", "bits": bits, "group_size": 32}, *gptq)
    yield "gptq-act-order", checkpoint({"quant_method": "gptq", "bits": 4, "group_size": 32, "checkpoint_format": "gptq_v2"}, *gptq,
                                       ("a.g_idx", "I32", [64], struct.pack("<64i", *(i * 5 % 64 // 32 for i in range(64)))))
    yield "gptq-dynamic", checkpoint({"quant_method": "gptq", "bits": 8, "group_size": 32, "checkpoint_format": "gptq_p",
                                      "dynamic": {"-:b": {}, "+:a": {"bits": 4}}}, *gptq)
    yield "auto-round", checkpoint({"quant_method": "auto-round", "bits": 8, "group_size": 32, "data_type": "int",
                                    "packing_format": "auto_round", "extra_config": {"a": {"bits": 4, "act_bits": 16}}}, *gptq)
    ascend = ("a.weight", "I8", [2, 4], some(8))
    yield "ascend-w8a8", checkpoint(
        {"quant_method": "ascend", "model_quant_type": "W8A8", "a.weight": "W8A8", "torch_dtype": "float16"}, ascend,
        ("a.deq_scale", "I64", [2], struct.pack("<2q", 0x3F800000, 0x40000000)), ("a.quant_bias", "I32", [2], bytes(8)),
        ("a.input_scale", "F32", [1], struct.pack("<f", 0.5)), ("a.input_offset", "F32", [1], bytes(4)))
    yield "ascend-w8a16", checkpoint(
        {"quant_method": "ascend", "model_quant_type": "W8A16", "a.weight": "W8A16", "kv_cache_type": "C8", "num_attention_heads": 2},
        ascend, ("a.weight_scale", "F32", [2, 2], struct.pack("<4f", 1, 2, 3, 4)), ("a.weight_offset", "F32", [2, 2], bytes(16)),
        *((f"layers.0.self_attn.{m}_proj.kv_cache_{n}", "F32", [2], struct.pack("<2f", 1, 2)) for m in "kv" for n in ("scale", "offset")))
    yield "awq", checkpoint({"quant_method": "awq", "bits": 4, "group_size": 32}, ("a.qweight", "I32", [64, 1], some(256)),
                            ("a.qzeros", "I32", [2, 1], some(8)), ("a.scales", "F16", [2, 8], halves(16)))
    levels = (-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
              -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
              0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0)
    nf4 = ("a.weight.quant_map", "F32", [16], struct.pack("<16f", *levels))

    def state(**more):
        told = json.dumps({"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [4, 64], **more}).encode()
        return "a.weight.quant_state.bitsandbytes__nf4", "U8", [len(told)], told
    four = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    yield "nf4", checkpoint(four, ("a.weight", "U8", [128, 1], some(128)), ("a.weight.absmax", "F32", [4], bytes(16)), nf4, state())
    yield "nf4-double", checkpoint(four, ("a.weight", "U8", [128, 1], some(128)), ("a.weight.absmax", "U8", [4], some(4)),
                                   ("a.weight.nested_absmax", "F32", [1], bytes(4)),
                                   ("a.weight.nested_quant_map", "F32", [256], bytes(1024)), nf4,
                                   state(nested_blocksize=256, nested_offset=0.25))

    def groups(bits, kind, strategy, **more):
        weights = {"num_bits": bits, "type": kind, "strategy": strategy, "symmetric": True, **more}
        return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}
    yield "packed", checkpoint(groups(4, "int", "group", group_size=32), ("a.weight_packed", "I32", [8, 8], some(256)),
                               ("a.weight_scale", "F16", [8, 2], halves(16)), ("a.weight_shape", "I64", [2], struct.pack("<2q", 8, 64)))
    yield "bytes", checkpoint(groups(8, "int", "channel"), ("a.weight", "I8", [4, 8], some(32)), ("a.weight_scale", "F16", [4, 1], halves(4)))
    yield "floats", checkpoint(groups(8, "float", "block", block_structure=[2, 4]), ("a.weight", "F8_E4M3", [4, 8], bytes(32)),
                               ("a.weight_scale", "F32", [2, 2], struct.pack("<4f", 1, 2, 3, 4)))
    yield "mxfp4", checkpoint({"quant_method": "mxfp4"}, ("a.down_proj_blocks", "U8", [2, 3, 2, 16], some(192)),
                              ("a.down_proj_scales", "U8", [2, 3, 2], some(12)))
    yield "empty-matrix", checkpoint({"quant_method": "awq", "bits": 4, "group_size": -1}, ("a.qweight", "I32", [0, 1], b""))


def chat_seeds():
    """Publishers' shorter templates, and what is no Jinja, or nearly none."""
    golden = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden", "chat", "templates.json")
    with open(golden, encoding="utf-8") as file:
        sources = [one["source"] for one in json.load(file)["sources"]]
    for number, source in enumerate(s for s in sources if len(s) < 420):
        yield f"published-{number:02}", source.encode()
    yield "tools", b"{%- if tools %}{{ 'x' }}{% elif not documents %}{{ 'y' }}{% else %}z{% endif %}"
    yield "space", b"a\n  {%- set x = 'b' + \"c\" -%}  \n{# {{ #}\n{{ m.content|trim }}\n"
    yield "quotes", b"{{ 'a\\'b' ~ \"%}\" }}{{ messages[0]['role'] == 'user' }}{{ 'x' in y }}"
    yield "refusal", b"{% if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    yield "no-end", b"{% for m in messages %}{{ m.role }}"
    yield "no-begin", b"{% endfor %}{% else %}"
    yield "no-close", b"{{ 'a"


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
    for name, seeds in [("safetensors", safetensors_seeds), ("gguf", gguf_seeds), ("json", json_seeds), ("imatrix", imatrix_seeds),
                        ("index", index_seeds), ("config", config_seeds), ("quantized", quantized_seeds), ("chat", chat_seeds)]:
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for seed, data in seeds():
            with open(os.path.join(folder, name, seed), "wb") as out:
                out.write(data)


main()
