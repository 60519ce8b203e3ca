// A causal_lm without weights: the logits of a position are a hash of all tokens up to it, so that a wrong prefix, a
// lost token or a mixed-up sequence shows. One token can be made to produce NaN.
#pragma once

#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/host_rows.hpp>

namespace qeval_test {

class toy_lm final : public qeval::causal_lm {
public:
    toy_lm(qeval::index vocab, qeval::index context, qeval::token poison = -1)
        : vocab_(vocab), context_(context), poison_(poison) {}

    [[nodiscard]] qeval::index                           vocab_size() const override { return vocab_; }
    [[nodiscard]] qeval::index                           max_tokens() const override { return context_; }
    [[nodiscard]] std::unique_ptr<qeval::sequence_state> start() const override { return std::make_unique<state>(); }

    // What the model answers after `tokens`.
    [[nodiscard]] std::vector<float> after(std::span<qeval::token const> tokens) const {
        std::uint64_t hash = 1;
        bool          bad  = false;
        for (auto const t : tokens) {
            hash = qeval::mix64(hash ^ qeval::mix64(std::uint64_t(t)));
            bad  = bad || t == poison_;
        }
        std::vector<float> logits;
        for (qeval::index v = 0; v < vocab_; ++v) {
            logits.push_back(float(qeval::random_stream(hash).uniform(std::uint64_t(v)) * 8 - 4));
        }
        if (bad) logits[std::size_t(vocab_ / 2)] = std::numeric_limits<float>::quiet_NaN();
        return logits;
    }

    void forward(std::span<qeval::sequence_step const> steps, qeval::logit_rows_sink const& sink) override {
        std::vector<qeval::logit_row> rows;
        std::vector<float>            logits;
        for (std::size_t s = 0; s < steps.size(); ++s) {
            auto& seen = static_cast<state&>(*steps[s].state).seen;
            for (std::size_t i = 0; i < steps[s].tokens.size(); ++i) {
                seen.push_back(steps[s].tokens[i]);
                ++computed;
                if (qeval::index(i) < steps[s].wanted) continue;
                auto const l = after(seen);
                rows.push_back({qeval::index(s), qeval::index(i)});
                logits.insert(logits.end(), l.begin(), l.end());
            }
            if (qeval::index(seen.size()) > context_) throw std::runtime_error("toy_lm: context exceeded");
        }
        if (!rows.empty()) sink(rows, qeval::host_rows({logits.data(), qeval::index(rows.size()), vocab_}));
        largest_batch = std::max(largest_batch, qeval::index(steps.size()));
    }
    void observe(qeval::input_observer) override {} // it has no linear layers

    qeval::index computed      = 0;
    qeval::index largest_batch = 0;

private:
    struct state final : qeval::sequence_state {
        [[nodiscard]] qeval::index length() const override { return qeval::index(seen.size()); }
        [[nodiscard]] std::unique_ptr<qeval::sequence_state> fork(qeval::index tokens) const override {
            auto copy  = std::make_unique<state>();
            copy->seen = {seen.begin(), seen.begin() + tokens};
            return copy;
        }
        std::vector<qeval::token> seen;
    };
    qeval::index vocab_, context_;
    qeval::token poison_;
};

// Token t is the character 'a' + t; no token begins a text, `end` ends one.
struct letters {
    qeval::token end   = -1;
    qeval::token begin = -1;

    [[nodiscard]] std::vector<qeval::token> encode(std::string_view text) const {
        std::vector<qeval::token> ids;
        for (char const c : text) ids.push_back(c - 'a');
        return ids;
    }
    [[nodiscard]] std::string decode(std::span<qeval::token const> ids) const {
        std::string text;
        for (auto const t : ids) text += char('a' + t);
        return text;
    }
    [[nodiscard]] qeval::token bos() const { return begin; }
    [[nodiscard]] qeval::token eos() const { return end; }
};

} // namespace qeval_test
