// Engines that refuse what is longer than they can read, as the rows of an evaluation, each with a length of its own.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/engine_rows.hpp>

namespace qeval_test {

struct failing_engine : scripted_engine {
    std::size_t longest = 1000; // tokens of a context or prompt

    std::vector<qeval::score> log_likelihoods(std::span<qeval::score_request const> requests) override {
        auto scores = scripted_engine::log_likelihoods(requests);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (requests[i].context.size() > longest)
                scores[i] = {std::nan(""), false, scores[i].tokens,
                             "too long: " + std::to_string(requests[i].context.size()) + " tokens"};
        }
        return scores;
    }
    std::vector<qeval::generation> generate(std::span<qeval::generate_request const> requests) override {
        auto texts = scripted_engine::generate(requests);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (poison != 0) texts[i] = {{}, "", "error: nonfinite logits"};
            if (requests[i].prompt.size() > longest)
                texts[i] = {{}, "", "error: too long: prompt of " + std::to_string(requests[i].prompt.size())};
        }
        return texts;
    }
};

struct failing_row {
    std::size_t longest  = 1000;
    bool        poisoned = false; // one logit of each position is no number
    double      noise    = 0;
};

struct failing_rows : qeval::engine_rows {
    explicit failing_rows(std::map<std::string, failing_row> all) : rows(std::move(all)) {}

    std::map<std::string, failing_row> rows;
    qeval::index                       calls = 0; // of all engines

    [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const& scheme) override {
        auto        e   = std::make_unique<failing_engine>();
        auto const& row = rows.at(scheme);
        e->longest      = row.longest;
        e->noise        = row.noise;
        e->poison       = row.poisoned ? std::numeric_limits<float>::quiet_NaN() : 0;
        e->all_calls    = &calls;
        return e;
    }
    [[nodiscard]] qeval::provenance origin() override { return {}; }
};

} // namespace qeval_test
