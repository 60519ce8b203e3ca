// A model in this process as an engine. Common beginnings are computed once, sequences of all lengths are computed
// together, and long prompts in pieces; no answer depends on any of this.
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/continuation.hpp>
#include <qeval/engine/generation_batch.hpp>
#include <qeval/engine/request_tokens.hpp>
#include <qeval/engine/sequence_reader.hpp>
#include <qeval/engine/token_sequence.hpp>
#include <qeval/io/text/text_range.hpp>
#include <qeval/model/causal_lm.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

template <class Tokenizer>
class in_process final : public any_engine, public logit_source {
public:
    // `ends`: further tokens that end a generated text, beside the tokenizer's eos; a config may name several.
    in_process(std::unique_ptr<causal_lm> model, Tokenizer tokenizer, batch_limits const& limits = {},
               std::vector<token> ends = {})
        : model_(std::move(model)), reader_(*model_, limits), tokenizer_(std::move(tokenizer)), ends_(std::move(ends)) {
        if (eos() >= 0) ends_.push_back(eos());
    }

    [[nodiscard]] std::vector<token> encode(std::string_view text) const override { return tokenizer_.encode(text); }
    [[nodiscard]] std::optional<std::vector<token>> encode_with_specials(std::string_view text) const override {
        if constexpr (requires { tokenizer_.encode_with_specials(text); })
            return tokenizer_.encode_with_specials(text);
        else
            return std::nullopt;
    }
    [[nodiscard]] std::optional<std::vector<token>> encode_marked(std::string_view            text,
                                                                  std::span<text_range const> parts) const override {
        if constexpr (requires { tokenizer_.encode_marked(text, parts); })
            return tokenizer_.encode_marked(text, parts);
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
    [[nodiscard]] bool ends_marked_words_with_lines() const override {
        if constexpr (requires { tokenizer_.ends_marked_words_with_lines(); })
            return tokenizer_.ends_marked_words_with_lines();
        else
            return false;
    }

    [[nodiscard]] token bos() const override {
        if constexpr (requires { tokenizer_.adds_bos(); })
            return tokenizer_.adds_bos() ? tokenizer_.bos() : -1;
        else
            return tokenizer_.bos();
    }
    [[nodiscard]] token                eos() const override { return tokenizer_.eos(); }
    [[nodiscard]] index                max_tokens() const override { return model_->max_tokens(); }
    [[nodiscard]] index                vocab_size() const override { return model_->vocab_size(); }
    [[nodiscard]] logit_source*        logits() override { return this; }
    [[nodiscard]] Tokenizer const&     words() const { return tokenizer_; }
    [[nodiscard]] causal_lm&           model() { return *model_; }
    [[nodiscard]] token_counts         counts() const { return reader_.counts(); }
    [[nodiscard]] std::optional<index> tokens_computed() const override { return counts().computed; }

    std::vector<score> log_likelihoods(std::span<score_request const> requests) override {
        std::vector<score>          scores(requests.size());
        std::vector<token_sequence> texts(requests.size()); // the tokens that the model reads
        std::vector<index>          first(requests.size()); // the position that predicts the first continuation token
        for (std::size_t i = 0; i < requests.size(); ++i) {
            auto const& r       = requests[i];
            auto const  context = begun(r.context, start());
            auto const  all     = context.size() + r.continuation.size();
            first[i]            = index(context.size()) - 1;
            refuse_foreign_tokens(context, vocab_size(), i);
            refuse_foreign_tokens(r.continuation, vocab_size(), i, context.size());
            scores[i] = {0, true, index(r.continuation.size()), {}};
            if (index(all) - 1 > max_tokens()) {
                fail(scores[i],
                     "too long: " + std::to_string(all) + " tokens, context of " + std::to_string(max_tokens()));
            } else if (!r.continuation.empty()) {
                texts[i] = without_last(context, r.continuation);
            }
        }
        std::vector<std::span<token const>> const inputs(texts.begin(), texts.end());
        std::vector<logit_target>                 targets;
        reader_.read(inputs, first, [&](std::span<logit_place const> places, logit_rows const& logits) {
            targets.clear();
            for (auto const& p : places) {
                auto const s = std::size_t(p.sequence);
                targets.push_back({p.row, requests[s].continuation[std::size_t(p.position - first[s])]});
            }
            auto const summaries = logits.summarize(targets, exponentials::f32);
            for (std::size_t i = 0; i < places.size(); ++i)
                add(scores[std::size_t(places[i].sequence)], summaries[i], targets[i].next);
        });
        return scores;
    }

    void read(std::span<logit_request const> requests, logit_sink const& sink) override {
        std::vector<std::span<token const>> inputs;
        std::vector<index>                  first;
        for (auto const& r : requests) {
            refuse_foreign_tokens(r.tokens, vocab_size(), inputs.size());
            inputs.push_back(r.tokens);
            first.push_back(r.first);
        }
        reader_.read(inputs, first, sink);
    }

    std::vector<generation> generate(std::span<generate_request const> requests) override {
        generation_batch batch = texts();
        for (auto const& r : requests) batch.add(r);
        while (batch.step()) {}
        std::vector<generation> out(requests.size());
        for (auto& f : batch.take_finished()) out[std::size_t(f.number)] = std::move(f.text);
        return out;
    }
    // An empty batch, for callers that add requests while others are under way. The engine must outlive it.
    [[nodiscard]] generation_batch texts() {
        return {reader_, {start(), ends_, [this](std::span<token const> prompt, std::span<token const> written) {
                              return continuation_text(tokenizer_, prompt, written);
                          }}};
    }

private:
    [[nodiscard]] token start() const { return bos() >= 0 ? bos() : eos(); }
    // The tokens that the model has to read: all but the last one of the continuation, which is only predicted. Of a
    // continuation of one token that is the context itself, which is shared and not copied.
    static token_sequence without_last(token_sequence const& context, std::span<token const> continuation) {
        if (continuation.size() == 1) return context;
        std::vector<token> all(context.begin(), context.end());
        all.insert(all.end(), continuation.begin(), continuation.end() - 1);
        return all;
    }

    static void fail(score& s, std::string why) { s = {std::nan(""), false, s.tokens, std::move(why)}; }
    static void add(score& s, logit_summary const& row, token target) {
        if (!s.error.empty()) return;
        if (row.best < 0) return fail(s, "nonfinite logits");
        s.log_likelihood += row.log_probability();
        s.greedy = s.greedy && row.best == target;
    }

    std::unique_ptr<causal_lm> model_;
    sequence_reader            reader_;
    Tokenizer                  tokenizer_;
    std::vector<token>         ends_;
};

} // namespace qeval
