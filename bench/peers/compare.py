#!/usr/bin/env python3
"""Prompt and generation speed of llama.cpp, of its relatives and of qeval on a model of one shape, in interleaved rounds.

    python3 -m venv peers && peers/bin/pip install -r bench/peers/requirements.txt
    peers/bin/python bench/peers/compare.py --bench build/bench/bench_model [--layers 22] [--types Q4_K_M,Q8_0] [--rounds 3]
        [--llama-bench "ik=../ik_llama.cpp/build/bin/llama-bench -rtr 1"]...

All sides get generated weights of TinyLlama-1.1B's shape (speeds do not depend on values), the same number of threads and
as many tokens: pp512 is one prompt of 512 tokens, tg64 is 64 tokens one after the other, each after a warm-up. llama.cpp
runs as llama-cpp-python; a relative that is built elsewhere, by its llama-bench (NAME=COMMAND). Every measurement is a
process of its own and the sides take turns, so that a drift of the machine meets all. Printed are medians and the median
of the ratios qeval / peer of each round, with their range.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

SHAPE = {"hidden": 2048, "feed_forward": 5632, "heads": 32, "kv_heads": 4, "head": 64, "vocabulary": 32000, "context": 2048}


def write_f16(path, layers):
    """A GGUF of the shape, F16, every matrix a piece of the same draws; no vocabulary."""
    import gguf
    import numpy as np
    s = SHAPE
    w = gguf.GGUFWriter(str(path), "llama")
    w.add_block_count(layers)
    w.add_context_length(s["context"])
    w.add_embedding_length(s["hidden"])
    w.add_feed_forward_length(s["feed_forward"])
    w.add_head_count(s["heads"])
    w.add_head_count_kv(s["kv_heads"])
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(s["head"])
    w.add_vocab_size(s["vocabulary"])
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_tokenizer_model("no_vocab")
    draws = (np.random.default_rng(1).standard_normal(1 << 20) * 0.02).astype(np.float16)
    matrix = lambda rows, cols: np.resize(draws, rows * cols).reshape(rows, cols)
    ones, kv = np.ones(s["hidden"], np.float32), s["kv_heads"] * s["head"]
    w.add_tensor("token_embd.weight", matrix(s["vocabulary"], s["hidden"]))
    w.add_tensor("output.weight", matrix(s["vocabulary"], s["hidden"]))
    w.add_tensor("output_norm.weight", ones)
    for i in range(layers):
        for name in ("attn_norm", "ffn_norm"):
            w.add_tensor(f"blk.{i}.{name}.weight", ones)
        for name, rows, cols in (("attn_q", s["hidden"], s["hidden"]), ("attn_k", kv, s["hidden"]), ("attn_v", kv, s["hidden"]),
                                 ("attn_output", s["hidden"], s["hidden"]), ("ffn_gate", s["feed_forward"], s["hidden"]),
                                 ("ffn_up", s["feed_forward"], s["hidden"]), ("ffn_down", s["hidden"], s["feed_forward"])):
            w.add_tensor(f"blk.{i}.{name}.weight", matrix(rows, cols))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def prepare(folder, layers, kind):
    """The peer's file, made once: F16 by us, then llama.cpp's own quantizer."""
    import llama_cpp
    f16, target = folder / f"shape-{layers}-f16.gguf", folder / f"shape-{layers}-{kind}.gguf"
    if target.exists():
        return target
    if not f16.exists():
        write_f16(f16, layers)
    how = llama_cpp.llama_model_quantize_default_params()
    how.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    how.nthread = os.cpu_count()
    start = time.monotonic()
    if llama_cpp.llama_model_quantize(str(f16).encode(), str(target).encode(), how) != 0:
        sys.exit(f"llama.cpp could not quantize to {kind}")
    print(f"llama.cpp quantized {f16.stat().st_size / 1e9:.2f} GB of f16 to {kind} in {time.monotonic() - start:.1f} s", flush=True)
    return target


def measure_peer(path, threads):
    """Runs in a process of its own; prints {"pp512": tokens/s, "tg64": tokens/s}."""
    import llama_cpp as ll
    ll.llama_backend_init()
    silence = ll.llama_log_callback(lambda *_: None)  # kept: llama.cpp calls it until the end
    ll.llama_log_set(silence, None)
    model = ll.llama_model_load_from_file(str(path).encode(), ll.llama_model_default_params())
    p = ll.llama_context_default_params()
    p.n_ctx, p.n_batch, p.n_ubatch, p.n_threads, p.n_threads_batch = 1024, 512, 512, threads, threads
    context = ll.llama_init_from_model(model, p)
    memory = ll.llama_get_memory(context)

    def run(tokens):
        ids = (ll.llama_token * len(tokens))(*tokens)  # a batch only points there
        if ll.llama_decode(context, ll.llama_batch_get_one(ids, len(tokens))) != 0:
            sys.exit("llama_decode failed")
        ll.llama_synchronize(context)

    tokens = [(7919 * i) % SHAPE["vocabulary"] for i in range(512)]
    for repetition in range(2):  # the first warms up
        ll.llama_memory_clear(memory, True)
        start = time.monotonic()
        run(tokens)
        pp = 512 / (time.monotonic() - start)
        ll.llama_memory_clear(memory, True)
        start = time.monotonic()
        for t in tokens[:64]:
            run([t])
        tg = 64 / (time.monotonic() - start)
    print(json.dumps({"pp512": pp, "tg64": tg}))


def output_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def last_line(command):
    return json.loads(output_of(command).strip().splitlines()[-1])


def llama_bench(command, file, threads):
    """One repetition after a warm-up, as llama-bench does it."""
    runs = json.loads(output_of([*shlex.split(command), "-m", file, "-t", str(threads), "-p", "512", "-n", "64", "-r", "1", "-o", "json"]))
    return {"pp512" if r["n_prompt"] else "tg64": r["avg_ts"] for r in runs}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, help="the program bench_model")
    parser.add_argument("--folder", type=Path, default=Path("peer-models"), help="for the peers' files (some GB)")
    parser.add_argument("--layers", type=int, default=22)
    parser.add_argument("--types", default="Q4_K_M,Q8_0")
    parser.add_argument("--path", default="+a=int8:32", help="what is added to a type to name qeval's scheme")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--llama-bench", action="append", default=[], metavar="NAME=COMMAND", help="another peer, by its llama-bench")
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return measure_peer(args.peer, args.threads)
    args.folder.mkdir(parents=True, exist_ok=True)
    for kind in args.types.split(","):
        file  = str(prepare(args.folder, args.layers, kind))
        sides = {"llama.cpp": lambda: last_line([sys.executable, __file__, "--peer", file, "--threads", str(args.threads)])}
        for peer in args.llama_bench:
            name, _, command = peer.partition("=")
            sides[name] = lambda command=command: llama_bench(command, file, args.threads)
        sides["qeval"] = lambda: last_line([str(args.bench), "--json", "--layers", str(args.layers), "--threads", str(args.threads),
                                            "--repetitions", "1", kind.lower() + args.path])
        rounds = [{name: measure() for name, measure in sides.items()} for _ in range(args.rounds)]
        for what in ("pp512", "tg64"):
            median = lambda side: statistics.median(r[side][what] for r in rounds)
            print(f"{kind:8} {what:6} qeval {median('qeval'):8.1f} t/s", end="")
            for peer in list(sides)[:-1]:
                ratios = [r["qeval"][what] / r[peer][what] for r in rounds]
                print(f"   {peer} {median(peer):8.1f} t/s, ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})", end="")
            print(flush=True)
        ours = [r["qeval"] for r in rounds]
        size, peak = os.path.getsize(file) / 2**20, statistics.median(o["peak_mib"] for o in ours)
        print(f"{kind:8} qeval: {statistics.median(o['ppl512'] / o['pp512'] for o in ours):.2f} of pp512 with 255 tokens' log-probabilities, "
              f"{statistics.median(o['limit_fraction'] for o in ours):.2f} of the machine's limit, peak {peak:.0f} MiB (file {size:.0f} MiB)", flush=True)


if __name__ == "__main__":
    main()
