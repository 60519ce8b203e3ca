#!/usr/bin/env python3
"""Train qeval-5m on a CPU: seeded, checkpointed, resumable; exports bf16 weights at every checkpoint."""
import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer

from model import Config, Llama, save

END = "<|endoftext|>"
PHASES = ((512, 0.94), (2048, 0.06))  # (context, share of the tokens): short first, it is faster
BATCH_TOKENS = 4096


def encode(text_file, tokenizer, seed):
    """The whole training text as one row of ids, documents separated by the end token.

    HumanEval's prompts end in a newline, which the pre-tokenizer otherwise joins with the indentation
    that follows. Four of five functions are therefore encoded as prompt and solution apart.
    """
    rng = np.random.default_rng(seed)
    pieces, splits = [], []
    for document in text_file.read_text().split(END)[:-1]:
        head, closing, body = document.partition('    """\n')
        if closing and rng.random() < 0.8:
            pieces += [head + closing, body]
            splits += [False, True]
        else:
            pieces.append(document)
            splits.append(True)
    ids = []
    for start in range(0, len(pieces), 20000):
        for e, ends in zip(tokenizer.encode_batch(pieces[start:start + 20000]), splits[start:start + 20000]):
            ids.append(np.array(e.ids + [0] * ends, dtype=np.uint16))
    return np.concatenate(ids)


def loss_weights(ids, tokenizer):
    """Weight of each token in the loss: more on answers, last words and expressions to return, which carry the
    tasks and are one token in ten; without it the wording around them takes most of every step."""
    at = lambda text: ids == tokenizer.token_to_id(text)
    newline, weights = at("Ċ"), np.ones(len(ids), dtype=np.float32)
    answer = np.zeros(len(ids), dtype=bool)
    answer[2:] = at("Answer")[:-2] & at(":")[1:-1]
    returned = np.roll(at("Ġreturn"), 1)
    for start, weight, length in ((answer, 6.0, 6), (returned, 2.0, 40)):
        for _ in range(length):  # walk all spans at once, each to the end of its line
            start = start & ~newline
            weights[start] = weight
            start = np.roll(start, 1)
    last_word = np.zeros(len(ids), dtype=bool)
    last_word[:-3] = at(".")[1:-2] & newline[2:-1] & (ids[3:] == 0)
    weights[last_word] = 6.0
    return torch.from_numpy(weights)


def orthogonalize(g, steps=5):
    """Newton-Schulz iteration towards the nearest orthogonal matrices (a batch of wide ones)."""
    x = g.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.float()


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalized updates (Jordan 2024): fewer steps than Adam for the linear weights."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(m, group["momentum"])  # Nesterov
                wide = update.shape[0] <= update.shape[1]
                shapes.setdefault((*sorted(update.shape),), []).append((p, update if wide else update.mT, wide))
            for entries in shapes.values():  # equal shapes together: fewer, larger products
                for (p, _, wide), u in zip(entries, orthogonalize(torch.stack([e[1] for e in entries]))):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(u if wide else u.mT, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def initialize(model):
    for name, p in model.named_parameters():
        if p.dim() == 2:
            scale = 0.02 if "embed" in name else p.shape[1] ** -0.5
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                scale /= (2 * model.c.num_hidden_layers) ** 0.5  # keeps the residual stream's variance level
            torch.nn.init.normal_(p, std=scale)


def rate(done):
    """Learning-rate factor over the share of training done: warm up, hold, fall linearly to zero."""
    return min(done / 0.02, 1.0, (1 - done) / 0.25) + 1e-3


def held_out_loss(model, tokenizer, path, context, windows=24):
    ids = torch.tensor(tokenizer.encode(path.read_text()).ids)
    total = 0.0
    with torch.no_grad():
        starts = torch.linspace(0, len(ids) - context - 1, windows * 256 // context + 1).long()
        for s in starts:
            x = ids[s:s + context + 1]
            total += F.cross_entropy(model(x[None, :-1])[0].float(), x[1:]).item()
    return total / len(starts)


def average(parameters, processes):
    """Average the gradients of all processes: one exchange a step."""
    flat = torch.cat([p.grad.flatten() for p in parameters])
    dist.all_reduce(flat)
    flat /= processes
    for p, g in zip(parameters, flat.split([p.numel() for p in parameters])):
        p.grad.copy_(g.view_as(p))


def train(rank, args):
    # One thread a process and one exchange a step: on a machine shared with other work, threads that meet
    # after every operation spend most of their time waiting for the one that was interrupted.
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
    dist.init_process_group("gloo", rank=rank, world_size=args.processes)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    ids = np.load(args.work / "ids.npy")
    model = Llama(Config())
    initialize(model)
    matrices = model.matrices()
    rest = [p for n, p in model.named_parameters() if n not in matrices]
    parameters = list(model.parameters())
    optimizers = [Muon(matrices.values(), lr=0.02), torch.optim.AdamW(rest, lr=0.004, betas=(0.9, 0.95), weight_decay=0.0)]
    base = [o.param_groups[0]["lr"] for o in optimizers]
    compiled = torch.compile(model, dynamic=False) if args.compile else model

    position = seconds = step = 0
    checkpoint = args.work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        for o, s in zip(optimizers, state["optimizers"]):
            o.load_state_dict(s)
        position, seconds, step = state["position"], state["seconds"], state["step"]
    last = saved = time.time()
    smooth, masks, share = None, {}, BATCH_TOKENS // args.processes
    while position < args.tokens:
        done = position / args.tokens
        context = next((c for i, (c, _) in enumerate(PHASES) if done < sum(s for _, s in PHASES[:i + 1])), PHASES[-1][0])
        start = position % (len(ids) - BATCH_TOKENS - 1) + rank * share
        window = torch.from_numpy(ids[start:start + share + 1].astype(np.int64))
        x, y = window[:-1].view(-1, context), window[1:]
        weights = loss_weights(window.numpy(), tokenizer)[1:]
        weights /= weights.sum()

        forward = compiled if context <= 512 else model  # the fused attention gains little by compiling

        def backward():
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = F.cross_entropy(forward(x, masks[context]).float().view(len(y), -1), y, reduction="none")
            (loss * weights).sum().backward()
            return loss.detach().mean()

        if context not in masks:
            masks[context] = torch.full((context, context), -1e4).triu(1).bfloat16() if context <= 512 else None
            for turn in range(args.processes if forward is not model else 0):  # the first compiles, the others find its code cached
                if turn == rank:
                    backward()
                    model.zero_grad()
                dist.barrier()
        loss = backward()
        average(parameters, args.processes)
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        for o, lr in zip(optimizers, base):
            o.param_groups[0]["lr"] = lr * rate(done)
            o.step()
            o.zero_grad()
        position += BATCH_TOKENS
        step += 1
        dist.all_reduce(loss)
        value = loss.item() / args.processes
        assert np.isfinite(value), "the loss is not finite"
        smooth = value if smooth is None else 0.95 * smooth + 0.05 * value
        now = time.time()
        seconds, last = seconds + now - last, now
        if rank:
            continue
        if step % 20 == 0:
            print(f"step {step} tokens {position / 1e6:.2f}M context {context} loss {smooth:.3f} {seconds:.0f} s", flush=True)
        if now - saved > args.checkpoint_seconds or position >= args.tokens:
            torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                        "position": position, "seconds": seconds, "step": step}, checkpoint)
            save(model, args.model)
            held = {c: round(held_out_loss(model, tokenizer, args.model / "data/heldout.txt", c), 4) for c in (512, 2048)}
            entry = {"step": step, "tokens": position, "seconds": round(seconds), "train_loss": round(smooth, 4), "heldout_loss": held,
                     "seed": args.seed, "phases": PHASES, "batch_tokens": BATCH_TOKENS, "processes": args.processes}
            (args.model / "training.json").write_text(json.dumps(entry, indent=1) + "\n")
            print(entry, flush=True)
            saved = time.time()
    dist.barrier()
    dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="train.txt of make_text.py")
    parser.add_argument("--work", type=Path, required=True, help="folder of ids and checkpoint (not committed)")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--tokens", type=float, default=15e6, help="tokens to train on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="of one thread each; they share every batch")
    parser.add_argument("--port", type=int, default=29517, help="free local port for the exchange")
    parser.add_argument("--compile", action="store_true", help="torch.compile: about twice as fast, needs a C++ compiler")
    parser.add_argument("--checkpoint-seconds", type=float, default=240)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    cache = args.work / "ids.npy"
    if not cache.exists():
        np.save(cache, encode(args.text, Tokenizer.from_file(str(args.model / "tokenizer.json")), args.seed))
    print(f"{len(np.load(cache, mmap_mode='r'))} training tokens, {args.tokens:.0f} to see", flush=True)
    torch.multiprocessing.spawn(train, (args,), nprocs=args.processes)


if __name__ == "__main__":
    main()
