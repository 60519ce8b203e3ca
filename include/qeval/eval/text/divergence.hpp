// KL divergence, agreement of the most likely tokens, and changes of probabilities of schemes against one reference.
// Both are read in one run; no file of logits is written.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/divergence_result.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/statistics/percentile.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

// Keeps the reference's logits over a range of windows, as floats, and the log-sum-exp of each row. The range bounds
// the memory.
class reference_logits {
public:
    [[nodiscard]] static std::uint64_t bytes(index positions, index vocabulary) {
        return static_cast<std::uint64_t>(positions) *
               (static_cast<std::uint64_t>(vocabulary) * sizeof(float) + sizeof(softmax_norm));
    }

    // Reads windows [begin, end) with the engine, keeps their logits instead of those that were kept, and writes the
    // loss of each scored position into nll[slot].
    void read(logit_source& engine, text_windows const& text, index begin, index end, std::span<double> nll) {
        vocabulary_     = engine.vocab_size();
        first_          = text.slots_before(begin);
        auto const rows = static_cast<std::size_t>(text.slots_before(end) - first_);
        logits_.resize(rows * static_cast<std::size_t>(vocabulary_));
        norms_.resize(rows);
        extend(engine, text, begin, end, nll);
    }
    // Makes room for all windows; extend() then fills it, some windows at a time.
    void reserve_all(text_windows const& text, index vocabulary) {
        vocabulary_ = vocabulary;
        first_      = 0;
        logits_.resize(static_cast<std::size_t>(text.positions() * vocabulary));
        norms_.resize(static_cast<std::size_t>(text.positions()));
    }
    void extend(logit_source& engine, text_windows const& text, index begin, index end, std::span<double> nll) {
        for_each_scored(
            engine, text, begin, end,
            [&](std::span<index const> slots, std::span<logit_target const> targets, logit_rows const& logits) {
                auto const read  = logits.summarize(targets, exponentials::f64);
                auto const whole = logits.to_host();
                for (std::size_t i = 0; i < slots.size(); ++i) {
                    auto const at = slots[i] - first_;
                    std::ranges::copy(whole.row(targets[i].row), logits_.begin() + at * vocabulary_);
                    norms_[static_cast<std::size_t>(at)]    = {read[i].log_sum_exp, read[i].best};
                    nll[static_cast<std::size_t>(slots[i])] = read[i].loss();
                }
            });
    }

    [[nodiscard]] index                  vocabulary() const { return vocabulary_; }
    [[nodiscard]] std::span<float const> row(index slot) const {
        return {logits_.data() + (slot - first_) * vocabulary_, static_cast<std::size_t>(vocabulary_)};
    }
    [[nodiscard]] softmax_norm norm(index slot) const { return norms_[static_cast<std::size_t>(slot - first_)]; }

private:
    std::vector<float>        logits_; // [positions, vocabulary]
    std::vector<softmax_norm> norms_;
    index                     vocabulary_ = 0;
    index                     first_      = 0; // which slot row 0 is
};

// What was measured of one scheme at each scored position. Percentiles need every value; a position takes 25 bytes.
class divergence_values {
public:
    explicit divergence_values(index positions)
        : nll_(static_cast<std::size_t>(positions), undefined_value),
          kl_(nll_),
          delta_p_(nll_),
          same_top_(static_cast<std::size_t>(positions)) {}

    // Reads windows [begin, end) with the scheme's engine; `reference` must hold them. A model with another vocabulary
    // is refused (usage_error EV03).
    void read(logit_source& engine, text_windows const& text, index begin, index end,
              reference_logits const& reference) {
        if (engine.vocab_size() != reference.vocabulary()) {
            throw usage_error{{"EV03", "the scheme's model", std::to_string(engine.vocab_size()) + " tokens",
                               std::to_string(reference.vocabulary()) + " tokens, the reference's vocabulary",
                               "KL divergence compares models with one vocabulary"}};
        }
        std::vector<kept_row> kept;
        for_each_scored(
            engine, text, begin, end,
            [&](std::span<index const> slots, std::span<logit_target const> targets, logit_rows const& logits) {
                kept.clear();
                for (index const slot : slots) kept.push_back({reference.row(slot), reference.norm(slot)});
                auto const read = logits.diverge(targets, kept);
                for (std::size_t k = 0; k < slots.size(); ++k) {
                    auto const   i     = static_cast<std::size_t>(slots[k]);
                    auto const&  base  = kept[k];
                    double const log_p = static_cast<double>(base.logits[static_cast<std::size_t>(targets[k].next)]) -
                                         base.norm.log_sum_exp;
                    double const log_q = read[k].of.log_probability();
                    nll_[i]            = -log_q;
                    kl_[i]             = read[k].kl;
                    delta_p_[i]        = std::exp(log_q) - std::exp(log_p);
                    same_top_[i]       = base.norm.top == read[k].of.best ? 1 : 0;
                }
            });
    }

    [[nodiscard]] std::span<double const> nll() const { return nll_; }
    [[nodiscard]] std::span<double const> kl() const { return kl_; }
    [[nodiscard]] std::span<double>       losses() { return nll_; }

    // The values of one window, and how to put them back.
    [[nodiscard]] window_reading window(text_window const& w) const {
        auto const from = static_cast<std::ptrdiff_t>(w.slot), to = from + static_cast<std::ptrdiff_t>(w.scored());
        return {{nll_.begin() + from, nll_.begin() + to},
                {kl_.begin() + from, kl_.begin() + to},
                {delta_p_.begin() + from, delta_p_.begin() + to},
                {same_top_.begin() + from, same_top_.begin() + to}};
    }
    void restore(text_window const& w, window_reading const& r) {
        auto const from = static_cast<std::ptrdiff_t>(w.slot);
        std::copy(r.nll.begin(), r.nll.end(), nll_.begin() + from);
        std::copy(r.kl.begin(), r.kl.end(), kl_.begin() + from);
        std::copy(r.delta_p.begin(), r.delta_p.end(), delta_p_.begin() + from);
        std::copy(r.same_top.begin(), r.same_top.end(), same_top_.begin() + from);
    }

    // Sums up all positions by llama.cpp's definitions, with two deviations: log-probabilities are computed from float
    // logits, not from 16-bit codes, and log-probabilities below -16 are neither clamped nor left out. Percentiles
    // interpolate between doubles.
    [[nodiscard]] divergence_result result(text_windows const& text) const {
        divergence_result   r;
        std::vector<double> squares(delta_p_.size()), same(same_top_.begin(), same_top_.end());
        for (std::size_t i = 0; i < squares.size(); ++i) squares[i] = delta_p_[i] * delta_p_[i];
        r.protocol  = text.protocol;
        r.positions = static_cast<index>(kl_.size());
        r.not_finite =
            static_cast<index>(std::count_if(kl_.begin(), kl_.end(), [](double x) { return !std::isfinite(x); }));
        r.kl                  = mean_of(kl_);
        r.kl_percentiles      = percentiles_of(kl());
        r.top_agreement       = mean_of(same); // the error of zeros and ones is sqrt(p (1 - p) / (n - 1))
        r.delta_p             = mean_of(delta_p_);
        r.delta_p_rms         = sqrt_of(mean_of(squares));
        r.delta_p_percentiles = percentiles_of(std::span<double const>(delta_p_));
        for (text_window const& w : text.windows) {
            for (auto i = static_cast<std::size_t>(w.slot), end = i + static_cast<std::size_t>(w.scored()); i < end;
                 ++i) {
                ++r.acceptance.compared;
                r.acceptance.above_1e_4 += !(kl_[i] <= 1e-4); // counts NaN, too
                r.acceptance.above_1e_3 += !(kl_[i] <= 1e-3);
                if (same_top_[i] == 0) break;
            }
        }
        return r;
    }

private:
    std::vector<double>       nll_, kl_, delta_p_;
    std::vector<std::uint8_t> same_top_;
};

} // namespace qeval
