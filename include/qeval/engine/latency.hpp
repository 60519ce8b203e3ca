// Measures how long a model takes to the first token of an answer, and to each further one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/random.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

struct latency_load {
    index batch = 1, prompt = 128, output = 128; // sequences; tokens read; tokens written

    // How many positions the cache of a sequence holds at the end. The last token is written and never read.
    [[nodiscard]] index positions() const { return prompt + output - 1; }
};
struct latency_options {
    int           warm_ups = 3, repetitions = 10;
    index         pass_tokens = 0;    // of one forward pass at most; 0: all prompts in one
    std::uint64_t seed        = 1234; // of the prompts' tokens; speed does not depend on them
};

// Seconds, one value for each repetition. `first`: to read all prompts and choose one token for each. `next`: the mean
// of the (output - 1) steps that follow, each of which adds one token to every sequence; 0 where there are none.
// `total`: both parts. No sequence ends early.
struct latency_times {
    std::vector<double> first, next, total;
};

// Refuses a load that a model with a context of `context` tokens cannot run (usage_error BE01).
inline void check_load(latency_load const& load, index context) {
    if (load.batch >= 1 && load.prompt >= 1 && load.output >= 1 && load.prompt <= context &&
        load.output - 1 <= context - load.prompt)
        return;
    throw usage_error{
        {"BE01", "the load",
         std::to_string(load.batch) + " x (" + std::to_string(load.prompt) + " + " + std::to_string(load.output) +
             ") tokens",
         "at least one of each, and all but the last within the model's context of " + std::to_string(context), ""}};
}

class latency_meter {
public:
    latency_meter(causal_lm& model, latency_load const& load, latency_options const& options)
        : model_(model), load_(load), options_(options) {
        check_load(load, model.max_tokens());
        random_stream const draw(options.seed);
        prompts_.resize(static_cast<std::size_t>(load.batch));
        std::uint64_t at = 0;
        for (auto& p : prompts_) { // all prompts differ, so that no two share their computation
            for (index i = 0; i < load.prompt; ++i)
                p.push_back(static_cast<token>(draw.below(static_cast<std::uint64_t>(model.vocab_size()), at++)));
        }
    }

    // done(repetition) is called after each repetition. Warm-ups have the numbers -warm_ups ... -1; 0 is the first that
    // counts. done() may throw to stop the measurement.
    [[nodiscard]] latency_times run(std::function<void(int)> const& done = {}) {
        latency_times times;
        for (int r = -options_.warm_ups; r < options_.repetitions; ++r) {
            auto const start = clock::now();
            answer     a     = begin();
            auto const first = clock::now();
            for (index i = 1; i < load_.output; ++i) go_on(a);
            auto const end = clock::now();
            if (r >= 0) {
                times.first.push_back(seconds(start, first));
                times.next.push_back(load_.output > 1 ? seconds(first, end) / static_cast<double>(load_.output - 1)
                                                      : 0);
                times.total.push_back(seconds(start, end));
            }
            if (done) done(r);
        }
        return times;
    }

private:
    using clock = std::chrono::steady_clock;
    using texts = std::vector<std::span<token const>>;
    static double seconds(clock::time_point a, clock::time_point b) {
        return std::chrono::duration<double>(b - a).count();
    }

    struct answer {
        std::vector<std::unique_ptr<sequence_state>> states;
        std::vector<token>                           last; // the last token of each sequence
    };
    [[nodiscard]] answer begin() {
        answer a;
        for (std::size_t s = 0; s < prompts_.size(); ++s) a.states.push_back(model_.start());
        a.last.resize(prompts_.size());
        read(a, texts(prompts_.begin(), prompts_.end()));
        return a;
    }
    void go_on(answer& a) {
        std::vector<token> const before = a.last;
        texts                    next;
        for (auto const& t : before) next.emplace_back(&t, 1);
        read(a, next);
    }
    // Reads text[s] with sequence s, in passes of at most pass_tokens tokens; a.last[s] becomes the most likely token
    // after it.
    void read(answer& a, texts const& text) {
        index const most = options_.pass_tokens > 0 ? options_.pass_tokens : std::numeric_limits<index>::max();
        index       room = most;
        std::vector<sequence_step> steps; // of one pass; step i belongs to sequence first + i
        std::size_t                first = 0;
        for (std::size_t s = 0; s < text.size(); ++s) {
            for (std::size_t at = 0; at < text[s].size();) {
                auto const part = text[s].subspan(at, std::min(text[s].size() - at, static_cast<std::size_t>(room)));
                at += part.size();
                if (steps.empty()) first = s;
                steps.push_back({a.states[s].get(), part, std::ssize(part) - (at == text[s].size() ? 1 : 0)});
                room -= std::ssize(part);
                if (room > 0) continue;
                forward(a, steps, first);
                steps.clear();
                room = most;
            }
        }
        if (!steps.empty()) forward(a, steps, first);
    }
    void forward(answer& a, std::span<sequence_step const> steps, std::size_t first) {
        model_.forward(steps, [&](std::span<logit_row const> rows, matrix_view<float const> logits) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                auto const row = logits.row(static_cast<index>(r));
                a.last[first + static_cast<std::size_t>(rows[r].step)] =
                    static_cast<token>(std::max_element(row.begin(), row.end()) - row.begin());
            }
        });
    }

    causal_lm&                      model_;
    latency_load                    load_;
    latency_options                 options_;
    std::vector<std::vector<token>> prompts_;
};

} // namespace qeval
