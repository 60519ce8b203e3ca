// A text task in the course of an evaluation: the reference and N schemes read the same windows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/eval/text/divergence.hpp>
#include <qeval/eval/text/perplexity.hpp>

namespace qeval {

// What one engine has measured of the text.
struct text_reading {
    std::vector<double>              nll; // -ln p at each scored position
    std::optional<divergence_result> divergence;
};

// The windows that a run works on: all, or those of its shard.
struct window_range {
    index first = 0, last = 0;
};

// Schemes are compared with the reference in one of two orders, which give the same numbers:
//   kept      the reference's logits of the whole text stay in memory; engines are built one after the other
//   together  all engines are alive; the reference's logits of a batch of windows stay until every scheme has read it
// A batch of windows that the memory knows for every scheme is not computed again, and neither are the reference's
// logits of it.
class text_work {
public:
    using progress = std::function<void(index windows, std::span<double const> nll)>; // with all losses so far

    // names: of all schemes, the reference first. diverges: whether the protocol compares logits with the reference's.
    // memory: nullptr where no answers are kept.
    text_work(text_windows windows, std::string_view task, bool diverges, std::vector<std::string> names,
              outcome_memory* memory)
        : windows_(std::move(windows)), task_(task), diverges_(diverges), names_(std::move(names)), memory_(memory) {
        range_ = {0, windows_.count()};
    }

    [[nodiscard]] text_windows const& windows() const { return windows_; }

    [[nodiscard]] window_range  range() const { return range_; }
    [[nodiscard]] std::uint64_t bytes_to_keep(index vocabulary) const {
        return diverges_ ? reference_logits::bytes(windows_.positions(), vocabulary) : 0;
    }
    void               work_on(window_range range) { range_ = range; }
    [[nodiscard]] bool knows(std::size_t scheme) const { return knows(scheme, range_.first, range_.last); }

    [[nodiscard]] text_reading read_reference(logit_source& engine, bool keep, index batch_tokens,
                                              progress const& told) {
        text_reading r;
        r.nll.assign(static_cast<std::size_t>(windows_.positions()), undefined_value);
        bool const compare = keep && diverges_;
        if (compare) kept_.reserve_all(windows_, engine.vocab_size());
        in_batches(batch_tokens, [&](index begin, index end) {
            bool const known  = knows(0, begin, end);
            bool       wanted = !known;
            for (std::size_t s = 1; compare && s < names_.size(); ++s) wanted = wanted || !knows(s, begin, end);
            if (!wanted) {
                recall(0, begin, end, [&](text_window const& w, window_reading const& read) {
                    std::copy(read.nll.begin(), read.nll.end(), r.nll.begin() + static_cast<std::ptrdiff_t>(w.slot));
                });
            } else if (compare) {
                kept_.extend(engine, windows_, begin, end, r.nll);
            } else {
                add_token_losses(engine, windows_, begin, end, r.nll);
            }
            if (!known) put_losses(0, begin, end, r.nll);
            told(end, done(r.nll, end));
        });
        return r;
    }
    // `keep` must be what read_reference() was given.
    [[nodiscard]] text_reading read_scheme(std::size_t scheme, logit_source& engine, bool keep, index batch_tokens,
                                           progress const& told) const {
        bool const        compare = keep && diverges_;
        divergence_values values(windows_.positions());
        in_batches(batch_tokens, [&](index begin, index end) {
            if (knows(scheme, begin, end)) {
                restore(values, scheme, begin, end);
            } else {
                if (compare) {
                    values.read(engine, windows_, begin, end, kept_);
                } else {
                    add_token_losses(engine, windows_, begin, end, values.losses());
                }
                put(values, compare, scheme, begin, end);
            }
            told(end, done(values.nll(), end));
        });
        return compare ? finish(values) : text_reading{{values.nll().begin(), values.nll().end()}, std::nullopt};
    }
    // Reads the text with all engines, batch by batch; engines[0] is the reference.
    [[nodiscard]] std::vector<text_reading> read_together(std::span<logit_source* const> engines, index batch_tokens,
                                                          progress const& told) {
        std::vector<double>            nll(static_cast<std::size_t>(windows_.positions()), undefined_value);
        std::vector<divergence_values> schemes(engines.size() - 1, divergence_values(windows_.positions()));
        in_batches(batch_tokens, [&](index begin, index end) {
            bool all = true;
            for (std::size_t s = 0; s < engines.size(); ++s) all = all && knows(s, begin, end);
            if (all) {
                recall(0, begin, end, [&](text_window const& w, window_reading const& read) {
                    std::copy(read.nll.begin(), read.nll.end(), nll.begin() + static_cast<std::ptrdiff_t>(w.slot));
                });
                for (std::size_t i = 1; i < engines.size(); ++i) restore(schemes[i - 1], i, begin, end);
            } else {
                kept_.read(*engines[0], windows_, begin, end, nll);
                put_losses(0, begin, end, nll);
                for (std::size_t i = 1; i < engines.size(); ++i) {
                    schemes[i - 1].read(*engines[i], windows_, begin, end, kept_);
                    put(schemes[i - 1], true, i, begin, end);
                }
            }
            told(end, done(nll, end));
        });
        std::vector<text_reading> readings{{std::move(nll), std::nullopt}};
        for (auto const& s : schemes) readings.push_back(finish(s));
        return readings;
    }

    // The items of the task: the mean loss of every window. A window with a loss that is not finite has failed.
    [[nodiscard]] std::vector<item_outcome> outcomes(text_reading const& reading) const {
        std::vector<item_outcome> outcomes;
        auto const                means = window_means(reading.nll, windows_);
        for (std::size_t w = 0; w < means.size(); ++w) {
            item_outcome o;
            o.id = "window " + std::to_string(w);
            if (!std::isfinite(means[w])) o.error = "nonfinite logits";
            o.log_likelihoods = {-means[w] * static_cast<double>(windows_.windows[w].scored())};
            for (auto const& m : windows_.metrics)
                o.values.push_back(means[w] * windows_.share(static_cast<index>(w), m));
            outcomes.push_back(std::move(o));
        }
        return outcomes;
    }
    // The scores, all but text_scores::task. `reference` is nullptr for the reference itself.
    [[nodiscard]] text_scores sum_up(text_reading const& reading, text_reading const* reference) const {
        text_scores s;
        s.perplexity = perplexity_of(reading.nll, windows_);
        if (reference != nullptr)
            s.change = windows_.uniform() ? change_of(reading.nll, reference->nll)
                                          : change_of(parts(reading), parts(*reference));
        s.divergence = reading.divergence;
        return s;
    }

private:
    template <class F> // calls f(begin, end) for batches of windows
    void in_batches(index batch_tokens, F const& f) const {
        for (index w = range_.first; w < range_.last;) {
            index const end = std::min(range_.last, windows_.batch_end(w, batch_tokens));
            f(w, end);
            w = end;
        }
    }
    [[nodiscard]] std::span<double const> done(std::span<double const> nll, index windows) const {
        auto const first = static_cast<std::size_t>(windows_.slots_before(range_.first));
        return nll.subspan(first, static_cast<std::size_t>(windows_.slots_before(windows)) - first);
    }
    [[nodiscard]] std::vector<double> parts(text_reading const& r) const {
        return window_values(window_means(r.nll, windows_), windows_, windows_.metrics[0]);
    }
    [[nodiscard]] text_reading finish(divergence_values const& values) const {
        return {{values.nll().begin(), values.nll().end()}, values.result(windows_)};
    }

    [[nodiscard]] std::string request(std::size_t scheme, index w) const {
        return name_of_window(windows_.at(w), windows_.window(w).first,
                              scheme > 0 && diverges_ ? std::string_view(names_[0]) : std::string_view());
    }
    [[nodiscard]] std::optional<window_reading> find(std::size_t scheme, index w) const {
        return memory_->find_window(names_[scheme], task_, w, request(scheme, w), windows_.window(w).scored());
    }
    [[nodiscard]] bool knows(std::size_t scheme, index begin, index end) const {
        if (memory_ == nullptr) return false;
        for (index w = begin; w < end; ++w) {
            auto const read = find(scheme, w);
            if (!read || (scheme > 0 && diverges_ && read->kl.empty())) return false;
        }
        return true;
    }
    template <class F> // calls f(window, its reading)
    void recall(std::size_t scheme, index begin, index end, F const& f) const {
        for (index w = begin; w < end; ++w) f(windows_.window(w), *find(scheme, w));
    }
    void restore(divergence_values& values, std::size_t scheme, index begin, index end) const {
        recall(scheme, begin, end, [&](text_window const& w, window_reading const& read) { values.restore(w, read); });
    }
    void put(divergence_values const& values, bool compared, std::size_t scheme, index begin, index end) const {
        if (memory_ == nullptr) return;
        std::vector<outcome_memory::window_entry> entries;
        for (index w = begin; w < end; ++w) {
            auto reading = values.window(windows_.window(w));
            if (!compared) reading = {std::move(reading.nll), {}, {}, {}};
            entries.push_back({w, request(scheme, w), std::move(reading)});
        }
        memory_->put_windows(names_[scheme], task_, entries);
    }
    void put_losses(std::size_t scheme, index begin, index end, std::span<double const> nll) const {
        if (memory_ == nullptr) return;
        std::vector<outcome_memory::window_entry> entries;
        for (index w = begin; w < end; ++w) {
            auto const own = nll.subspan(static_cast<std::size_t>(windows_.window(w).slot),
                                         static_cast<std::size_t>(windows_.window(w).scored()));
            entries.push_back({w, request(scheme, w), {{own.begin(), own.end()}, {}, {}, {}}});
        }
        memory_->put_windows(names_[scheme], task_, entries);
    }

    text_windows             windows_;
    std::string              task_;
    bool                     diverges_;
    window_range             range_;
    std::vector<std::string> names_;
    outcome_memory*          memory_;
    reference_logits         kept_;
};

} // namespace qeval
