// Texts being written side by side, a token each at a step. Requests may join while others are under way: what a
// server steps, and what an engine's generate() is made of.
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

// How texts begin and end in a model's tokens, and how they are spelled.
struct text_words {
    token              start = -1; // what an empty prompt continues; below 0: there is no such token
    std::vector<token> ends;       // tokens that end a text
    // The characters that `written` adds behind `prompt`.
    std::function<std::string(std::span<token const> prompt, std::span<token const> written)> text;
};

struct finished_text {
    index      number = 0; // of the request, as add() gave it
    generation text;
};

// A text depends on its request alone, not on what is written beside it, nor on when it joined.
class generation_batch {
public:
    // The reader must outlive the batch. At most limits().sequences texts are under way; others wait for their turn.
    generation_batch(sequence_reader& reader, text_words words) : reader_(&reader), words_(std::move(words)) {}

    // The request's number, from 0. Throws what no model could be asked; what this one cannot do is in the answer.
    index add(generate_request request) {
        request.prompt   = begun(request.prompt, words_.start);
        index const most = reader_->model().max_tokens(), size = index(request.prompt.size());
        refuse_foreign_tokens(request.prompt, reader_->model().vocab_size(), std::size_t(added_));
        writer w{added_, sampler(request.how), std::move(request), {}, nullptr};
        if (size > most) {
            w.text.finish = "error: prompt of " + std::to_string(size) + " tokens, context of " + std::to_string(most);
        }
        if (size > most || w.request.how.max_tokens <= 0) {
            finish(w);
        } else {
            waiting_.push_back(std::move(w));
        }
        return added_++;
    }

    // One more token for every text under way; the first one for those that join. False if there was nothing to do.
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

    // In the order in which they were finished.
    [[nodiscard]] std::vector<finished_text> take_finished() { return std::exchange(finished_, {}); }

private:
    struct writer {
        index                           number;
        sampler                         choose;
        generate_request                request;
        generation                      text;
        std::unique_ptr<sequence_state> state; // of all tokens but the last one chosen
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
    std::vector<writer>        under_way_; // their last token is chosen, not yet read
    std::vector<finished_text> finished_;
    index                      added_ = 0;
};

} // namespace qeval
