// An engine without a model: its logits follow a script, random numbers named by the position, the token there and a
// noise level. Its tokens are bytes: token t is the character 32 + t.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/model/host_rows.hpp>

namespace qeval_test {

using qeval::token;

struct scripted_engine : qeval::any_engine, qeval::logit_source {
    static constexpr int vocabulary = 50; // no multiple of any lane count

    double        noise      = 0;
    token         bos_token  = 1;
    qeval::index  context    = 64;
    int           size       = vocabulary;
    bool          backwards  = false; // last sequence first; a sink must not care
    float         poison     = 0;     // replaces the logit of token 3 where not 0
    qeval::index  calls      = 0;
    qeval::index* all_calls  = nullptr; // of several engines
    int*          alive      = nullptr;
    int*          most_alive = nullptr;
    double*       clock      = nullptr; // goes on by a millisecond for each token
    qeval::index  computed   = 0;       // tokens

    scripted_engine()                                  = default;
    scripted_engine(scripted_engine const&)            = delete;
    scripted_engine& operator=(scripted_engine const&) = delete;
    ~scripted_engine() override {
        if (alive != nullptr) --*alive;
    }
    void count_in(int& now, int& most) {
        alive       = &now;
        most_alive  = &most;
        *most_alive = std::max(*most_alive, ++*alive);
    }

    void count_call() {
        ++calls;
        if (all_calls != nullptr) ++*all_calls;
    }

    void count_tokens(std::size_t tokens) {
        computed += qeval::index(tokens);
        if (clock != nullptr) *clock += 0.001 * double(tokens);
    }
    [[nodiscard]] std::optional<qeval::index> tokens_computed() const override { return computed; }

    [[nodiscard]] std::vector<float> row(qeval::index position, token last) const {
        std::vector<float>         logits;
        qeval::random_stream const base(100, std::uint64_t(position), std::uint64_t(last));
        qeval::random_stream const other(101, std::uint64_t(position), std::uint64_t(last));
        for (std::uint64_t v = 0; v < std::uint64_t(size); ++v) {
            logits.push_back(float((8.0 * base.uniform(v) - 4.0) + noise * (2.0 * other.uniform(v) - 1.0)));
        }
        if (poison != 0) logits[3] = poison;
        return logits;
    }

    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        std::vector<token> ids;
        for (char c : text) ids.push_back(token((static_cast<unsigned char>(c) + 8 * size - 32) % size));
        return ids;
    }
    [[nodiscard]] std::optional<std::vector<token>> encode_marked(std::string_view text,
                                                                  std::span<qeval::text_range const>) const override {
        return encode(text);
    }
    [[nodiscard]] std::string decode(std::span<token const> ids) const override {
        std::string text;
        for (token t : ids) text += char(32 + t);
        return text;
    }
    [[nodiscard]] token        bos() const override { return bos_token; }
    [[nodiscard]] token        eos() const override { return 0; }
    [[nodiscard]] qeval::index max_tokens() const override { return context; }
    [[nodiscard]] qeval::index vocab_size() const override { return size; }

    std::vector<qeval::score> log_likelihoods(std::span<qeval::score_request const> requests) override {
        count_call();
        std::vector<qeval::score> scores;
        for (auto const& r : requests) {
            std::vector<token> all(r.context.begin(), r.context.end());
            all.insert(all.end(), r.continuation.begin(), r.continuation.end());
            qeval::score s{0, true, qeval::index(r.continuation.size())};
            count_tokens(all.size());
            for (std::size_t i = r.context.size(); i < all.size(); ++i) {
                auto const scripted = row(qeval::index(i) - 1, all[i - 1]);
                double     sum      = 0;
                for (float x : scripted) sum += std::exp(double(x));
                s.log_likelihood += double(scripted[std::size_t(all[i])]) - std::log(sum);
                s.greedy = s.greedy && std::max_element(scripted.begin(), scripted.end()) - scripted.begin() == all[i];
            }
            scores.push_back(s);
        }
        return scores;
    }
    std::vector<qeval::generation> generate(std::span<qeval::generate_request const> requests) override {
        count_call();
        std::vector<qeval::generation> texts;
        for (auto const& r : requests) {
            qeval::generation  g;
            std::vector<token> all(r.prompt.begin(), r.prompt.end());
            while (qeval::index(g.tokens.size()) < r.how.max_tokens) {
                auto const scripted = row(qeval::index(all.size()) - 1, all.back());
                all.push_back(token(std::max_element(scripted.begin(), scripted.end()) - scripted.begin()));
                g.tokens.push_back(all.back());
            }
            g.text = decode(g.tokens);
            count_tokens(all.size());
            texts.push_back(g);
        }
        return texts;
    }
    [[nodiscard]] qeval::logit_source* logits() override { return this; }
    void read(std::span<qeval::logit_request const> requests, qeval::logit_sink const& sink) override {
        count_call();
        for (std::size_t i = 0; i < requests.size(); ++i) {
            std::size_t const s = backwards ? requests.size() - 1 - i : i;
            count_tokens(requests[s].tokens.size());
            for (std::size_t p = std::size_t(requests[s].first); p < requests[s].tokens.size(); ++p) {
                auto const               scripted = row(qeval::index(p), requests[s].tokens[p]);
                qeval::logit_place const place{qeval::index(s), qeval::index(p), 0};
                sink({&place, 1}, qeval::host_rows({scripted.data(), 1, qeval::index(scripted.size())}));
            }
        }
    }
};

// The text of the golden cases: 400 characters.
inline std::string golden_text() {
    qeval::random_stream const draws(5);
    std::string                text;
    for (std::uint64_t i = 0; i < 400; ++i) text += char(32 + draws.below(scripted_engine::vocabulary, i));
    return text;
}

} // namespace qeval_test
