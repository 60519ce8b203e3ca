// A text task in the course of an evaluation: one reference and N schemes over the same windows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/concepts.hpp>
#include <qeval/eval/divergence.hpp>
#include <qeval/eval/item_run.hpp>
#include <qeval/eval/perplexity.hpp>
#include <qeval/eval/result.hpp>
#include <qeval/eval/task.hpp>
#include <qeval/eval/text_windows.hpp>

namespace qeval {

// What one engine made of the text.
struct text_reading {
    std::vector<double>              nll; // of each scored position
    std::optional<divergence_result> divergence;
};

// Schemes are compared with the reference in one of two orders, which give the same numbers:
//   kept      the reference's logits of the whole text stay in memory; engines are built one after the other
//   together  all engines are alive; the reference's logits of one batch of windows stay until every scheme has read it
template <class T> // a text_task
class text_work {
public:
    static constexpr bool diverges = T::protocol_type::has_divergence;

    template <engine E>
    text_work(E& engine, T const& task) : task_(&task), windows_(task.windows(engine)) {}

    [[nodiscard]] T const&            task() const { return *task_; }
    [[nodiscard]] text_windows const& windows() const { return windows_; }
    [[nodiscard]] std::uint64_t       bytes_to_keep(index vocabulary) const {
              return diverges ? reference_logits::bytes(windows_.positions(), vocabulary) : 0;
    }

    // progress(windows done, losses so far)
    template <logit_engine E, class Progress>
    [[nodiscard]] text_reading read_reference(E& engine, bool keep, index batch_tokens, Progress const& progress) {
        text_reading r;
        if (!(keep && diverges)) {
            r.nll = token_losses(engine, windows_, batch_tokens, progress);
        } else {
            kept_.reserve_all(windows_, static_cast<index>(engine.vocab_size()));
            r.nll.assign(static_cast<std::size_t>(windows_.positions()), undefined_value);
            in_batches(batch_tokens, [&](index begin, index end) {
                kept_.extend(engine, windows_, begin, end, r.nll);
                progress(end, done(r.nll, end));
            });
        }
        return r;
    }
    template <logit_engine E, class Progress> // keep as it was for the reference
    [[nodiscard]] text_reading read_scheme(E& engine, bool keep, index batch_tokens, Progress const& progress) const {
        if (!(keep && diverges)) return {token_losses(engine, windows_, batch_tokens, progress), std::nullopt};
        divergence_values values(windows_.positions());
        in_batches(batch_tokens, [&](index begin, index end) {
            values.read(engine, windows_, begin, end, kept_);
            progress(end, done(values.nll(), end));
        });
        return finish(values);
    }
    // engines[0] is the reference.
    template <class Handle, class Progress>
    [[nodiscard]] std::vector<text_reading> read_together(std::span<Handle> engines, index batch_tokens,
                                                          Progress const& progress) {
        std::vector<double>            nll(static_cast<std::size_t>(windows_.positions()), undefined_value);
        std::vector<divergence_values> schemes(engines.size() - 1, divergence_values(windows_.positions()));
        in_batches(batch_tokens, [&](index begin, index end) {
            kept_.read(*engines[0], windows_, begin, end, nll);
            for (std::size_t i = 1; i < engines.size(); ++i)
                schemes[i - 1].read(*engines[i], windows_, begin, end, kept_);
            progress(end, done(nll, end));
        });
        std::vector<text_reading> readings{{std::move(nll), std::nullopt}};
        for (auto const& s : schemes) readings.push_back(finish(s));
        return readings;
    }

    // `reference` is null for the reference itself.
    [[nodiscard]] text_scores sum_up(text_reading const& reading, text_reading const* reference) const {
        text_scores               s;
        std::vector<item_outcome> outcomes;
        auto const                means = window_means(reading.nll, windows_.scored());
        for (std::size_t w = 0; w < means.size(); ++w) {
            item_outcome o;
            o.id              = "window " + std::to_string(w);
            o.log_likelihoods = {-means[w] * static_cast<double>(windows_.scored())};
            o.values          = {means[w]};
            outcomes.push_back(std::move(o));
        }
        s.task          = qeval::sum_up(*task_, std::move(outcomes));
        s.task.protocol = windows_.protocol;
        s.perplexity    = perplexity_of(reading.nll, windows_);
        if (reference != nullptr) s.change = change_of(reading.nll, reference->nll);
        s.divergence = reading.divergence;
        return s;
    }

private:
    template <class F> // f(begin, end) over batches of windows
    void in_batches(index batch_tokens, F const& f) const {
        index const batch = std::max<index>(1, batch_tokens / windows_.window);
        for (index w = 0; w < windows_.count; w += batch) f(w, std::min(windows_.count, w + batch));
    }
    [[nodiscard]] std::span<double const> done(std::span<double const> nll, index windows) const {
        return nll.first(static_cast<std::size_t>(windows * windows_.scored()));
    }
    [[nodiscard]] text_reading finish(divergence_values const& values) const {
        return {{values.nll().begin(), values.nll().end()}, values.result(windows_)};
    }

    T const*         task_;
    text_windows     windows_;
    reference_logits kept_;
};

} // namespace qeval
