// A model in this process as an engine. Requests are computed in any composition (common beginnings once, sequences of
// all lengths together, long prompts in pieces); no answer depends on it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/continuation.hpp>
#include <qeval/engine/prefix_tree.hpp>
#include <qeval/engine/sampler.hpp>
#include <qeval/engine/tree_walk.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

// What the engine has computed, and what one request after the other without sharing would have.
struct token_counts {
    index computed = 0;
    index naive    = 0;
};

template <class Tokenizer>
class in_process final : public any_engine, public logit_source {
public:
    // ends: tokens that end a generated text beside the tokenizer's eos (a config may name several).
    in_process(std::unique_ptr<causal_lm> model, Tokenizer tokenizer, thread_pool&, batch_limits const& limits = {},
               std::vector<token> ends = {})
        : model_(std::move(model)), tokenizer_(std::move(tokenizer)), limits_(limits), ends_(std::move(ends)) {
        if (eos() >= 0) ends_.push_back(eos());
    }

    [[nodiscard]] std::vector<token> encode(std::string_view text) const override { return tokenizer_.encode(text); }
    [[nodiscard]] std::optional<std::vector<token>> encode_with_specials(std::string_view text) const override {
        if constexpr (requires { tokenizer_.encode_with_specials(text); })
            return tokenizer_.encode_with_specials(text);
        else
            return std::nullopt;
    }
    [[nodiscard]] std::string decode(std::span<token const> ids) const override { return tokenizer_.decode(ids); }
    [[nodiscard]] bool        ends_words_with_lines() const override {
        if constexpr (requires { tokenizer_.ends_words_with_lines(); })
            return tokenizer_.ends_words_with_lines();
        else
            return false;
    }
    [[nodiscard]] token bos() const override {
        if constexpr (requires { tokenizer_.adds_bos(); })
            return tokenizer_.adds_bos() ? tokenizer_.bos() : -1;
        else
            return tokenizer_.bos();
    }
    [[nodiscard]] token            eos() const override { return tokenizer_.eos(); }
    [[nodiscard]] index            max_tokens() const override { return model_->max_tokens(); }
    [[nodiscard]] index            vocab_size() const override { return model_->vocab_size(); }
    [[nodiscard]] logit_source*    logits() override { return this; }
    [[nodiscard]] Tokenizer const& words() const { return tokenizer_; }
    [[nodiscard]] causal_lm&       model() { return *model_; }
    [[nodiscard]] token_counts     counts() const { return counts_; }

    std::vector<score> log_likelihoods(std::span<score_request const> requests) override {
        std::vector<score>          scores(requests.size());
        std::vector<token_sequence> texts(requests.size()); // what is read
        std::vector<index>          first(requests.size()); // position of the first continuation token
        for (std::size_t i = 0; i < requests.size(); ++i) {
            auto const& r       = requests[i];
            auto const  context = begun(r.context);
            auto const  all     = context.size() + r.continuation.size();
            first[i]            = index(context.size());
            check(context, i);
            check(r.continuation, i, context.size());
            scores[i] = {0, true, index(r.continuation.size()), {}};
            if (index(all) - 1 > max_tokens()) {
                fail(scores[i],
                     "too long: " + std::to_string(all) + " tokens, context of " + std::to_string(max_tokens()));
            } else if (!r.continuation.empty()) {
                texts[i] = without_last(context, r.continuation);
            }
        }
        std::vector<std::span<token const>> const inputs(texts.begin(), texts.end());
        prefix_tree const                         tree(inputs);
        std::vector<logit_target>                 targets;
        std::vector<std::size_t>                  request; // of each target
        run(
            tree, inputs, [&](prefix_node const& n) { return least(tree, n, first, -1); },
            [&](std::span<tree_walk::row const> rows, logit_rows const& logits) {
                targets.clear(), request.clear();
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    for (index const s : tree.through(tree.nodes()[std::size_t(rows[r].node)])) {
                        index const next = rows[r].position + 1;
                        if (next < first[std::size_t(s)]) continue;
                        auto const behind = std::size_t(next - first[std::size_t(s)]); // of the continuation's tokens
                        targets.push_back({index(r), requests[std::size_t(s)].continuation[behind]});
                        request.push_back(std::size_t(s));
                    }
                }
                auto const summaries = logits.summarize(targets, exponentials::f32);
                for (std::size_t i = 0; i < targets.size(); ++i) add(scores[request[i]], summaries[i], targets[i].next);
            });
        return scores;
    }

    void read(std::span<logit_request const> requests, logit_sink const& sink) override {
        std::vector<std::span<token const>> inputs;
        std::vector<index>                  first;
        for (auto const& r : requests) {
            check(r.tokens, inputs.size());
            inputs.push_back(r.tokens);
            first.push_back(r.first);
        }
        prefix_tree const tree(inputs);
        run(
            tree, inputs, [&](prefix_node const& n) { return least(tree, n, first, 0); },
            [&](std::span<tree_walk::row const> rows, logit_rows const& logits) {
                std::vector<logit_place> places;
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    for (index const s : tree.through(tree.nodes()[std::size_t(rows[r].node)])) {
                        if (rows[r].position >= first[std::size_t(s)])
                            places.push_back({s, rows[r].position, index(r)});
                    }
                }
                sink(places, logits);
            });
    }

    std::vector<generation> generate(std::span<generate_request const> requests) override {
        std::vector<generation> out;
        auto const              group = std::size_t(std::max<index>(1, limits_.sequences));
        for (std::size_t i = 0; i < requests.size(); i += group) {
            generate_group(requests.subspan(i, std::min(group, requests.size() - i)), i, out);
        }
        return out;
    }

private:
    // What a request without a context continues: the beginning of a text.
    [[nodiscard]] token_sequence begun(token_sequence const& context) const {
        if (!context.empty()) return context;
        token const start = bos() >= 0 ? bos() : eos();
        if (start < 0) {
            throw usage_error{{"EN03", "a request", "an empty context", "at least one token",
                               "a tokenizer without beginning-of-text and end-of-text tokens"}};
        }
        return {start};
    }
    // `before`: tokens of the request in front of these.
    void check(std::span<token const> tokens, std::size_t request, std::size_t before = 0) const {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (tokens[i] >= 0 && tokens[i] < vocab_size()) continue;
            throw usage_error{{"EN01", "request " + std::to_string(request) + ", token " + std::to_string(before + i),
                               std::to_string(tokens[i]), "0.." + std::to_string(vocab_size() - 1),
                               "a tokenizer of another model"}};
        }
    }
    // The last token of a continuation is only predicted. Where it is the only one, all that is read is the context.
    static token_sequence without_last(token_sequence const& context, std::span<token const> continuation) {
        if (continuation.size() == 1) return context;
        std::vector<token> all(context.begin(), context.end());
        all.insert(all.end(), continuation.begin(), continuation.end() - 1);
        return all;
    }
    // The first position that a sequence through the node wants, first[s] + shift at the earliest.
    static index least(prefix_tree const& tree, prefix_node const& n, std::vector<index> const& first, index shift) {
        index position = std::numeric_limits<index>::max();
        for (index const s : tree.through(n)) position = std::min(position, first[std::size_t(s)] + shift);
        return position;
    }
    static void fail(score& s, std::string why) { s = {std::nan(""), false, s.tokens, std::move(why)}; }

    static void add(score& s, logit_summary const& row, token target) {
        if (!s.error.empty()) return;
        if (row.best < 0) return fail(s, "nonfinite logits");
        s.log_likelihood += row.log_probability();
        s.greedy = s.greedy && row.best == target;
    }
    template <class Wanted, class Rows>
    void run(prefix_tree const& tree, std::vector<std::span<token const>> const& inputs, Wanted const& wanted,
             Rows const& rows, tree_walk::end_sink const& ended = {}) {
        tree_walk      walk(*model_, tree, limits_, known_);
        known_sequence last; // of this call: the next one probably begins alike
        index          at = -1;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            counts_.naive += index(inputs[i].size());
            if (!inputs[i].empty()) at = index(i);
        }
        walk.run(wanted, rows, [&](index node, std::shared_ptr<sequence_state const> const& state) {
            if (ended) ended(node, state);
            prefix_node const& n = tree.nodes()[std::size_t(node)];
            for (index const s : tree.through(n).first(std::size_t(n.ending)))
                if (s == at) last = {{inputs[std::size_t(s)].begin(), inputs[std::size_t(s)].end()}, state};
        });
        counts_.computed += walk.computed();
        if (last.state) known_ = std::move(last);
    }

    // One text being written.
    struct writer {
        std::size_t                     request = 0; // within its group
        sampler                         choose;
        std::shared_ptr<sequence_state> state{};
        bool                            done = false;
    };

    void generate_group(std::span<generate_request const> requests, std::size_t base, std::vector<generation>& out) {
        std::vector<writer>         writers;
        std::vector<token_sequence> prompts;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            prompts.push_back(begun(requests[i].prompt));
            check(prompts.back(), base + i);
            writers.push_back({i, sampler(requests[i].how)});
            out.push_back({});
            if (index(prompts.back().size()) > max_tokens()) {
                out.back().finish = "error: prompt of " + std::to_string(prompts.back().size()) +
                                    " tokens, context of " + std::to_string(max_tokens());
            }
            writers.back().done = requests[i].how.max_tokens <= 0 || index(prompts.back().size()) > max_tokens();
            if (writers.back().done) prompts.back() = {};
        }
        std::vector<std::span<token const>> inputs(prompts.begin(), prompts.end());
        prefix_tree const                   tree(inputs);
        auto const ending    = [&](prefix_node const& n) { return tree.through(n).first(std::size_t(n.ending)); };
        auto const generated = std::span(out).subspan(base);
        run(
            tree, inputs,
            [](prefix_node const& n) {
                return n.ending > 0 ? n.start + index(n.tokens.size()) - 1 : n.start + index(n.tokens.size());
            },
            [&](std::span<tree_walk::row const> rows, matrix_view<float const> logits) {
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    for (index const s : ending(tree.nodes()[std::size_t(rows[r].node)])) {
                        write(writers[std::size_t(s)], requests, prompts, generated, logits.row(index(r)));
                    }
                }
            },
            [&](index node, std::shared_ptr<sequence_state const> const& state) {
                for (index const s : ending(tree.nodes()[std::size_t(node)])) {
                    if (!writers[std::size_t(s)].done) writers[std::size_t(s)].state = state->fork(state->length());
                }
            });
        for (;;) {
            std::vector<sequence_step> steps;
            std::vector<writer*>       active;
            for (writer& w : writers) {
                if (w.done) continue;
                auto const& tokens = generated[w.request].tokens;
                steps.push_back({w.state.get(), std::span(tokens).last(1), 0});
                active.push_back(&w);
            }
            if (steps.empty()) return;
            counts_.computed += index(steps.size());
            counts_.naive += index(steps.size());
            model_->forward(steps, [&](std::span<logit_row const> rows, matrix_view<float const> logits) {
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    write(*active[std::size_t(rows[r].step)], requests, prompts, generated, logits.row(index(r)));
                }
            });
        }
    }
    // Chooses the next token of a text and sees whether the text ends with it.
    void write(writer& w, std::span<generate_request const> requests, std::span<token_sequence const> prompts,
               std::span<generation> generated, std::span<float const> logits) {
        auto const& how  = requests[w.request].how;
        auto const& from = prompts[w.request];
        generation& g    = generated[w.request];
        token const next = w.choose.pick(logits, index(g.tokens.size()));
        bool const  ends = std::ranges::find(ends_, next) != ends_.end();
        if (next < 0) {
            g.finish = "error: nonfinite logits";
        } else if (ends) {
            g.finish = "eos";
            g.end    = next;
        } else {
            g.tokens.push_back(next);
        }
        bool const full =
            index(g.tokens.size()) >= how.max_tokens || index(from.size() + g.tokens.size()) > max_tokens();
        w.done = next < 0 || ends || full;
        if (!w.done && how.stops.empty()) return;
        g.text = continuation_text(tokenizer_, from, g.tokens);
        if (auto const at = find_stop(g.text, how.stops); at != std::string::npos) {
            g.text.resize(at);
            g.finish = "stop";
            w.done   = true;
        }
        if (w.done) w.state = nullptr;
    }

    std::unique_ptr<causal_lm> model_;
    Tokenizer                  tokenizer_;
    batch_limits               limits_;
    std::vector<token>         ends_;
    token_counts               counts_;
    known_sequence             known_; // what the last call ended with
};

} // namespace qeval
