"""Weights and block bytes that numpy and C++ (weight_streams.hpp) produce bit for bit alike.

A stream is named; draw i of it is mix64(key ^ mix64(i)) as in qeval/core/random.hpp, the key made from the FNV-1a hash
of the name. A weight is an integer of at most 18 bits times a power of two, so every step is exact in float32.
"""
import numpy as np

MASK = (1 << 64) - 1


def mix64(x):
    """SplitMix64 finaliser (Steele, Lea, Flood 2014), on uint64 arrays."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def fnv1a(text):
    h = 0xCBF29CE484222325
    for c in text.encode():
        h = ((h ^ c) * 0x100000001B3) & MASK
    return h


def draws(name, positions):
    one = lambda v: mix64(np.array([v], np.uint64))
    with np.errstate(over="ignore"):
        key = one(one(one(fnv1a(name))[0])[0])[0]  # random_stream(seed, 0, 0): mix(mix(mix(seed) ^ 0) ^ 0)
        return mix64(key ^ mix64(positions))


def centred_sum(u):
    """Four 16-bit uniforms summed and centred: an integer in [-131070, 131070], nearly Gaussian, sigma 37837."""
    u = u.astype(np.uint64)
    s = sum(((u >> np.uint64(k)) & np.uint64(0xFFFF)).astype(np.int64) for k in (0, 16, 32, 48))
    return s - 131070


def weights(kind, count, first=0):
    i = np.arange(first, first + count, dtype=np.uint64)
    name = "weights." + kind
    u = draws(name, np.uint64(2) * i)
    v = draws(name, np.uint64(2) * i + np.uint64(1))
    n = centred_sum(u)
    low = (v & np.uint64(0xFFFF)).astype(np.int64)
    per_run = lambda run: draws(name + ".run", i // np.uint64(run))
    exponent = np.full(count, -21, np.int64)  # sigma 0.018, |w| < 0.0625: a plausible linear layer
    if kind == "gaussian":
        pass
    elif kind == "heavy":  # 2^0 .. 2^6 with probability halving each step: outliers 64 times the bulk
        exponent = exponent + np.minimum(np.log2((low | 64) & -(low | 64)).astype(np.int64), 6)
    elif kind == "sparse":  # one in sixteen
        n = np.where(low & 15 == 0, n, 0)
    elif kind == "constant":  # runs of 32
        n = centred_sum(per_run(32))
    elif kind == "zeros":
        n = n * 0
    elif kind == "zero_runs":  # a quarter of the runs of 16 is all zero
        n = np.where(per_run(16) & np.uint64(3) == 0, 0, n)
    elif kind == "uneven":  # neighbouring runs of 16 differ by up to 2^15: sub-block scales that round to nothing
        exponent = exponent - (per_run(16) & np.uint64(15)).astype(np.int64)
    elif kind == "negative":
        n = -np.abs(n) - 2048
    elif kind == "positive":
        n = np.abs(n) + 2048
    elif kind == "ties":  # seven values per run of 32: +a and -a, and quotients on rounding boundaries
        step = np.abs(centred_sum(per_run(32))) // 8 + 1
        n = step * ((low % 7) - 3)
    elif kind == "coarse":  # 9-bit integers: sums of a thousand thousand absolute maxima are exact in any order
        n = n // 256
        exponent = np.full(count, -13, np.int64)
    elif kind == "subnormal":  # f16 scales below 2^-14
        exponent = exponent - 14
    elif kind == "vanishing":  # f16 scales that round to zero, some groups under the 1e-15 of the K searches
        exponent = exponent - 38 - (per_run(256) & np.uint64(15)).astype(np.int64)
    elif kind == "large":  # |w| <= 32768: scales and minima stay finite in f16
        exponent = exponent + 19
    elif kind == "overflow":  # scales beyond 65504
        exponent = exponent + 30
    elif kind == "denormal":  # float32 subnormals, down to the smallest
        exponent = exponent - 128
    elif kind == "extremes":  # 2^15 and 2^-46 in one block
        exponent = exponent + 19 - (low & 63)
    elif kind == "importance":  # what an importance matrix has for its columns: heavy-tailed, one in sixteen never active
        n = np.where(low & 15 == 15, 0, np.abs(n) + 2048)
        exponent = exponent + 2 * np.minimum(np.log2((low | 64) & -(low | 64)).astype(np.int64), 6)
    else:
        raise ValueError(kind)
    return np.ldexp(n.astype(np.float64), exponent).astype(np.float32)


def matrix(kind, rows, cols):
    return weights(kind, rows * cols).reshape(rows, cols)


def block_bytes(name, blocks, size, f16_at=(), e8m0_at=()):
    """Random bytes as blocks; f16 fields lose exponent bit 14 (so |d| < 2), e8m0 fields lose bit 6."""
    count = -(-blocks * size // 8)
    raw = draws("bytes." + name, np.arange(count, dtype=np.uint64)).astype("<u8").view(np.uint8)
    out = raw[: blocks * size].reshape(blocks, size).copy()
    for at in f16_at:
        out[:, at + 1] &= 0xBF
    for at in e8m0_at:
        out[:, at] &= 0xBF
    return out
