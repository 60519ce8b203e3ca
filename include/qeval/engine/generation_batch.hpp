// Generates several texts side by side, one token of each in a step. Requests may join while others are under way. A
// server can drive it step by step; an engine's generate() adds all requests and steps until none is left.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/continuation.hpp>
#include <qeval/engine/request_tokens.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/engine/sampler.hpp>
#include <qeval/engine/sequence_reader.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

// What generation needs to know of a tokenizer.
struct text_words {
    token              start = -1; // an empty prompt becomes this token; below 0: there is none
    std::vector<token> ends;       // tokens that end a text
    // Returns the characters that `written` adds behind `prompt`.
    std::function<std::string(std::span<token const> prompt, std::span<token const> written)> text;
};

struct finished_text {
    index      number = 0; // of the request, as add() returned it
    generation text;
};

// A text depends on its request alone: not on the texts beside it, and not on the step at which it joined.
class generation_batch {
public:
    // The reader must outlive the batch. At most limits().sequences texts are under way; others wait for their turn.
    generation_batch(sequence_reader& reader, text_words words) : reader_(&reader), words_(std::move(words)) {}

    // Takes a request and returns its number, counted from 0. Throws usage_error for a token outside the vocabulary
    // (EN01), for sampling parameters out of range (EN02), and for an empty prompt where no token begins a text (EN03).
    // A prompt longer than the context is finished at once, with the error in its answer.
    index add(generate_request request) {
        request.prompt   = begun(request.prompt, words_.start);
        index const most = reader_->model().max_tokens(), size = index(request.prompt.size());
        refuse_foreign_tokens(request.prompt, reader_->model().vocab_size(), std::size_t(added_));
        writer w{added_, sampler(request.how), std::move(request), {}, nullptr};
        if (size > most) {
            w.text.finish =
                "error: too long: prompt of " + std::to_string(size) + " tokens, context of " + std::to_string(most);
        }
        if (size > most || w.request.how.max_tokens <= 0) {
            finish(w);
        } else {
            waiting_.push_back(std::move(w));
        }
        return added_++;
    }

    // Adds one token to every text under way. Requests that wait join as far as limits().sequences allows: their
    // prompts are read, and they get their first token. Returns false if there was nothing to do.
    bool step() {
        std::vector<writer> going = std::exchange(under_way_, {});
        auto const          room  = std::size_t(std::max<index>(1, reader_->limits().sequences));
        for (; !waiting_.empty() && going.size() + under_way_.size() < room; waiting_.pop_front()) {
            under_way_.push_back(std::move(waiting_.front()));
        }
        if (going.empty() && under_way_.empty()) return false;
        read_prompts(under_way_);
        go_on(going);
        std::move(going.begin(), going.end(), std::back_inserter(under_way_));
        for (writer& w : under_way_) {
            if (w.done) finish(w);
        }
        std::erase_if(under_way_, [](writer const& w) { return w.done; });
        return true;
    }

    // The texts that have been finished since the last call, in the order in which they were finished.
    [[nodiscard]] std::vector<finished_text> take_finished() { return std::exchange(finished_, {}); }

private:
    struct writer {
        index                           number;
        sampler                         choose;
        generate_request                request;
        generation                      text;
        std::unique_ptr<sequence_state> state; // after all tokens but the one that was chosen last
        bool                            done = false;
    };

    void read_prompts(std::span<writer> writers) {
        if (writers.empty()) return;
        std::vector<std::span<token const>> prompts;
        std::vector<index>                  last;
        for (writer const& w : writers) {
            prompts.push_back(w.request.prompt);
            last.push_back(index(w.request.prompt.size()) - 1);
        }
        reader_->read(
            prompts, last,
            [&](std::span<logit_place const> rows, matrix_view<float const> logits) {
                for (auto const& r : rows) write(writers[std::size_t(r.sequence)], logits.row(r.row));
            },
            [&](index sequence, sequence_state const& state) {
                writer& w = writers[std::size_t(sequence)];
                if (!w.done) w.state = state.fork(state.length());
            });
    }
    void go_on(std::span<writer> writers) {
        if (writers.empty()) return;
        std::vector<sequence_step> steps;
        for (writer& w : writers) steps.push_back({w.state.get(), std::span(w.text.tokens).last(1), 0});
        reader_->step(steps, [&](std::span<logit_row const> rows, matrix_view<float const> logits) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                write(writers[std::size_t(rows[r].step)], logits.row(index(r)));
            }
        });
    }
    // Chooses the next token of a text and sees whether the text ends with it.
    void write(writer& w, std::span<float const> logits) const {
        auto const& [prompt, how] = w.request;
        generation& g             = w.text;
        token const next          = w.choose.pick(logits, index(g.tokens.size()));
        bool const  ends          = std::ranges::find(words_.ends, next) != words_.ends.end();
        if (next < 0) {
            g.finish = "error: nonfinite logits";
        } else if (ends) {
            g.finish = "eos";
            g.end    = next;
        } else {
            g.tokens.push_back(next);
        }
        bool const full = index(g.tokens.size()) >= how.max_tokens ||
                          index(prompt.size() + g.tokens.size()) > reader_->model().max_tokens();
        w.done = next < 0 || ends || full;
        if (!w.done && how.stops.empty()) return;
        g.text = words_.text(prompt, g.tokens);
        if (auto const at = find_stop(g.text, how.stops); at != std::string::npos) {
            g.text.resize(at);
            g.finish = "stop";
            w.done   = true;
        }
    }
    void finish(writer& w) { finished_.push_back({w.number, std::move(w.text)}); }

    sequence_reader*           reader_;
    text_words                 words_;
    std::deque<writer>         waiting_;
    std::vector<writer>        under_way_; // the model has not yet read their last token
    std::vector<finished_text> finished_;
    index                      added_ = 0;
};

} // namespace qeval
