"""Writes statistics_golden.hpp: what scipy, statsmodels and numpy say about the cases of tests/eval.

    python3 -m venv V && V/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    V/bin/python tests/golden/make_statistics.py

Nothing here shares code with qeval. The logits of the text cases are pure functions of SplitMix64 streams that
tests/support/scripted_engine.hpp spells out too.
"""
import decimal
import math
import pathlib

import numpy as np
import scipy
import scipy.special
import scipy.stats
import statsmodels
from scipy.optimize import brentq
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import proportion_confint

from weight_streams import mix64

U = np.uint64
out = []


def key(seed, document, sample):  # random_stream of qeval/core/random.hpp
    one = lambda v: int(mix64(np.array([v], U))[0])
    with np.errstate(over="ignore"):
        return one(one(one(seed) ^ document) ^ sample)


def bits(seed, document, sample, positions):
    with np.errstate(over="ignore"):
        return mix64(U(key(seed, document, sample)) ^ mix64(np.asarray(positions, U)))


def uniform(seed, document, sample, positions):
    return (bits(seed, document, sample, positions) >> U(11)).astype(np.float64) * 2.0**-53


def below(n, drawn):  # high 64 bits of the 128-bit product
    return np.array([(int(b) * n) >> 64 for b in drawn], np.int64)


def number(x):
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    x = float(x)
    if math.isnan(x):
        return "not_a_number"
    return repr(x)


def row(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def table(name, fields, rows, comment):
    out.append(f"// {comment}")
    out.append(f"struct {name}_case {{\n    double {', '.join(fields)};\n}};")
    out.append(f"inline constexpr {name}_case {name}_cases[] = {{")
    out.extend(f"    {row(r)}," for r in rows)
    out.append("};\n")


def array(name, values, comment=None):
    if comment:
        out.append(f"// {comment}")
    out.append(f"inline constexpr double {name}[] = {row(values)};\n")


# --- distributions, intervals, tests -------------------------------------------------------------------------------
table("quantile", ["p", "x"], [(p, scipy.stats.norm.ppf(p)) for p in
      (1e-300, 1e-30, 1e-10, 1e-4, 0.01, 0.02425, 0.025, 0.1, 0.2, 0.45, 0.5, 0.7, 0.8, 0.9, 0.975, 0.9999)],
      "scipy.stats.norm.ppf")
def binomial_p(worse, better):
    """min(1, 2 P(X <= min)), X ~ Binomial(worse + better, 1/2): 60 digits, for scipy is off by 2e-12 at 1e-88."""
    n, k = worse + better, min(worse, better)
    if 2 * k == n:
        return 1.0
    with decimal.localcontext() as context:
        context.prec = 60
        weight, below, tail = decimal.Decimal(1), decimal.Decimal(0), decimal.Decimal(0)  # of C(n, i) / C(n, n // 2)
        for i in range(n // 2, -1, -1):
            below += weight
            tail += weight if i <= k else 0
            weight = weight * i / (n - i + 1)
        return float(min(1, 2 * tail / (2 * below if n % 2 else 2 * below - 1)))


table("mcnemar", ["worse", "better", "p"],
      [(b, c, binomial_p(b, c)) for b, c in
       [(0, 0), (1, 0), (0, 1), (5, 5), (6, 4), (10, 3), (3, 10), (0, 20), (59, 41), (120, 80), (200, 0), (500, 430),
        (5100, 4900), (50300, 49700), (499000, 501000), (500300, 499700), (498000, 502000), (490000, 510000)]],
      "the exact two-sided test, p = 1/2")
table("wilson", ["hits", "n", "level", "low", "high"],
      [(k, n, a, *proportion_confint(k, n, a, "wilson")) for k, n, a in
       [(1, 1, 0.05), (3, 10, 0.05), (50, 100, 0.05), (99, 100, 0.05), (934, 1531, 0.05), (934, 1531, 0.01), (163, 164, 0.1)]],
      "statsmodels proportion_confint, method wilson")


def items(d, delta, level=0.05, power=0.8):
    return normal_sample_size_one_tail(delta, power, level / 2, math.sqrt(d), math.sqrt(d - delta * delta))


def detectable(d, n):
    return brentq(lambda x: items(d, x) - n, 1e-9, d, xtol=1e-16, rtol=1e-14)


def simulated_power(d, delta, n, runs=4000):
    rng = np.random.default_rng(7)
    flips = rng.multinomial(n, [(d + delta) / 2, (d - delta) / 2, 1 - d], size=runs)
    return np.mean([scipy.stats.binomtest(int(min(b, c)), int(b + c), 0.5).pvalue < 0.05 for b, c, _ in flips])


table("power", ["discordant", "delta", "n", "detectable_at_n", "simulated_power_there"],
      [(d, x, items(d, x), detectable(d, n), simulated_power(d, detectable(d, n), n)) for d, x, n in
       [(0.2, 0.05, 320), (0.1, 0.02, 1531), (0.05, 0.01, 1531), (0.4, 0.1, 400)]],
      "n: statsmodels normal_sample_size_one_tail with Connor's variances, level 0.05, power 0.8; detectable: its "
      "inverse\n// at 320, 1531, 1531, 400 items; the power of the exact test there by simulation")

p_values = [0.01, 0.04, 0.03, 0.005, 0.5, 0.02, 0.9, 0.001]
array("holm_p", p_values)
array("holm_adjusted_p", multipletests(p_values, method="holm")[1], "statsmodels multipletests, method holm")

# --- means, percentiles, resampling --------------------------------------------------------------------------------
x = uniform(21, 0, 0, np.arange(257)) ** 2
y = 0.9 * uniform(22, 0, 0, np.arange(257)) ** 2 + 0.05
mean, error = np.mean(x), scipy.stats.sem(x)
covariance = np.cov(x, y)[0, 1] / len(x)
array("mean_facts", [mean, error, covariance], "of x_i = u(21)^2 and y_i = 0.9 u(22)^2 + 0.05: mean, sem, covariance of means")
array("percentile_fractions", [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.999, 1])
array("percentiles", np.percentile(x, [0, 0.1, 1, 25, 50, 90, 99.9, 100]), "numpy.percentile of x")


def resampled(v, replicates, seed):
    return np.array([np.mean(v[below(len(v), bits(seed, r, 0, np.arange(len(v))))]) for r in range(replicates)])


d = (x - y)[:100]
means = resampled(d, 1000, 1234)
other = scipy.stats.bootstrap((d,), np.mean, n_resamples=9999, method="percentile", rng=np.random.default_rng(1)).confidence_interval
array("bootstrap_facts", [*np.percentile(means, [2.5, 97.5]), other.low, other.high],
      "of the first 100 x - y: 1000 replicates of qeval's streams, then scipy.stats.bootstrap with its own numbers")
small = d[:10]
exact = scipy.stats.permutation_test((small, np.zeros(10)), lambda a, b, axis: np.mean(a - b, axis=axis), vectorized=True,
                                     permutation_type="samples", n_resamples=np.inf)
hits = 0
for r in range(1000):
    words = bits(1234, r, 1, [0, 1])
    sign = np.array([-1.0 if (int(words[i // 64]) >> (i % 64)) & 1 else 1.0 for i in range(100)])
    hits += abs(np.sum(sign * d)) >= abs(np.sum(d)) - 1e-9
array("sign_flip_facts", [exact.pvalue, (hits + 1) / 1001, scipy.stats.ttest_1samp(d, 0).pvalue],
      "scipy.stats.permutation_test of the first 10 (exact), qeval's streams on 100, the t test on 100")

# --- texts ---------------------------------------------------------------------------------------------------------
VOCABULARY, LENGTH, BOS = 50, 400, 1
text = below(VOCABULARY, bits(5, 0, 0, np.arange(LENGTH)))


def logits(noise, position, last):
    """[V] float32: a function of the position in the window and of the token there."""
    v = np.arange(VOCABULARY)
    base = 8.0 * uniform(100, position, int(last), v) - 4.0
    return (base + noise * (2.0 * uniform(101, position, int(last), v) - 1.0)).astype(np.float32)


def read(noise, window, first, bos_in_each):
    ids = np.concatenate([[BOS], text])
    rows, targets = [], []
    for w in range(len(ids) // window):
        chunk = ids[w * window:(w + 1) * window].copy()
        if bos_in_each:
            chunk[0] = BOS
        for p in range(first, window - 1):
            rows.append(scipy.special.log_softmax(logits(noise, p, chunk[p]).astype(np.float64)))
            targets.append(chunk[p + 1])
    return np.array(rows), np.array(targets)


def with_error(v):  # llama.cpp's mean_and_uncertainty
    m = np.mean(v)
    return m, math.sqrt(max(0.0, np.mean(v * v) - m * m) / (len(v) - 1))


base, target = read(0.0, 32, 16, True)
pick = np.arange(len(target))
nll_base = -base[pick, target]
perplexities, divergences, changes, kl_tables, dp_tables = [], [], [], [], []
for noise in (0.0, 0.1, 1.0):
    rows, _ = read(noise, 32, 16, True)
    nll = -rows[pick, target]
    m, e = with_error(nll)
    mb, eb = with_error(nll_base)
    gptq_rows, gptq_target = read(noise, 64, 0, False)
    chunk_means = (-gptq_rows[np.arange(len(gptq_target)), gptq_target]).reshape(-1, 63).mean(axis=1)
    perplexities.append((noise, math.exp(m), math.exp(m) * e, len(nll), math.exp(np.mean(chunk_means)), 63 * len(chunk_means)))
    cov = (np.mean(nll * nll_base) - m * mb) / (len(nll) - 1)
    kl = np.sum(np.exp(base) * (base - rows), axis=1)
    dp = np.exp(-nll) - np.exp(-nll_base)
    rms2, rms2_error = with_error(dp * dp)
    same = np.mean(rows.argmax(axis=1) == base.argmax(axis=1))
    ratio_error = math.sqrt(max(0.0, e * e + eb * eb - 2 * cov))
    S, R = math.exp(m), math.exp(mb)
    if noise:
        changes.append((m - mb, ratio_error, math.exp(m - mb), math.exp(m - mb) * ratio_error, S - R,
                        math.sqrt((S * e)**2 + (R * eb)**2 - 2 * S * R * cov), cov / (e * eb)))
        divergences.append((*with_error(kl), same, math.sqrt(same * (1 - same) / (len(kl) - 1)), *with_error(dp),
                            math.sqrt(rms2), 0.5 / math.sqrt(rms2) * rms2_error))
        q = [100, 99.9, 99, 95, 90, 75, 50, 25, 10, 5, 1, 0.1, 0]
        kl_tables.append(np.percentile(kl, q))
        dp_tables.append(np.percentile(dp, q))
table("perplexity", ["noise", "half_window", "half_window_error", "half_window_tokens", "gptq", "gptq_tokens"], perplexities,
      "llama.cpp's protocol with n_ctx 32 and GPTQ's with 64")
table("change", ["log_ratio", "log_ratio_error", "ratio", "ratio_error", "difference", "difference_error", "correlation"],
      changes, "of noise 0.1 and 1 against noise 0")
table("divergence", ["kl", "kl_error", "same", "same_error", "dp", "dp_error", "rms", "rms_error"], divergences, "likewise")
for name, rows in (("kl_percentile", kl_tables), ("dp_percentile", dp_tables)):
    out.append("// max, 99.9, 99, 95, 90, 75, 50, 25, 10, 5, 1, 0.1, min")
    out.append(f"inline constexpr double {name}_tables[2][13] = {{\n    {row(rows[0])},\n    {row(rows[1])}}};\n")

head = f"""// Made by make_statistics.py with numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}; do not edit.
// clang-format off
#pragma once

#include <limits>

namespace qeval_test {{

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

"""
path = pathlib.Path(__file__).with_name("statistics_golden.hpp")
path.write_text(head + "\n".join(out) + "} // namespace qeval_test\n")
