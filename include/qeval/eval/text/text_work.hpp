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
#include <qeval/eval/task/answer_work.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/eval/task/work_meter.hpp>
#include <qeval/eval/text/divergence.hpp>
#include <qeval/eval/text/perplexity.hpp>

namespace qeval {

// What one engine has measured of the text.
struct text_reading {
    std::vector<double>              nll; // -ln p at each scored position
    std::optional<divergence_result> divergence;
    task_work_sum                    work; // over the windows
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
    // Is told how many windows are done, how many of them were recalled, and all losses so far.
    using progress = std::function<void(index windows, index recalled, std::span<double const> nll)>;

    // names: of all schemes, the reference first. diverges: whether the protocol compares logits with the reference's.
    // memory: nullptr where no answers are kept. Engines must have logits.
    text_work(text_windows windows, std::string_view task, bool diverges, std::vector<std::string> names,
              outcome_memory* memory, work_meter meter)
        : windows_(std::move(windows)),
          task_(task),
          diverges_(diverges),
          names_(std::move(names)),
          memory_(memory),
          meter_(std::move(meter)) {
        range_ = {0, windows_.count()};
    }

    [[nodiscard]] text_windows const& windows() const { return windows_; }

    [[nodiscard]] window_range  range() const { return range_; }
    [[nodiscard]] std::uint64_t bytes_to_keep(index vocabulary) const {
        return diverges_ ? reference_logits::bytes(windows_.positions(), vocabulary) : 0;
    }
    void               work_on(window_range range) { range_ = range; }
    [[nodiscard]] bool knows(std::size_t scheme) const { return knows(scheme, range_.first, range_.last); }

    [[nodiscard]] text_reading read_reference(any_engine& engine, bool keep, index batch_tokens, progress const& told) {
        text_reading r{std::vector<double>(static_cast<std::size_t>(windows_.positions()), undefined_value), {}, {}};
        bool const   compare  = keep && diverges_;
        index        recalled = 0;
        if (compare) kept_.reserve_all(windows_, engine.logits()->vocab_size());
        in_batches(batch_tokens, [&](index begin, index end) {
            bool const known  = knows(0, begin, end);
            bool       wanted = !known; // or else its logits are, by a scheme whose answers are not known
            for (std::size_t s = 1; compare && s < names_.size(); ++s) wanted = wanted || !knows(s, begin, end);
            if (known) recall_losses(r, begin, end);
            if (wanted) {
                auto const call = meter_.begin(engine);
                if (compare) {
                    kept_.extend(*engine.logits(), windows_, begin, end, r.nll);
                } else {
                    add_token_losses(*engine.logits(), windows_, begin, end, r.nll);
                }
                if (!known) keep_losses(r, call.done(), begin, end);
            }
            recalled += known ? end - begin : 0;
            told(end - range_.first, recalled, done(r.nll, end));
        });
        return r;
    }
    // `keep` must be what read_reference() was given. Without the reference's logits every window must be known.
    [[nodiscard]] text_reading read_scheme(std::size_t scheme, any_engine& engine, bool keep, index batch_tokens,
                                           progress const& told) const {
        bool const        compare = keep && diverges_;
        divergence_values values(windows_.positions());
        task_work_sum     work;
        index             recalled = 0;
        in_batches(batch_tokens, [&](index begin, index end) {
            if (knows(scheme, begin, end)) {
                restore(values, work, scheme, begin, end);
                recalled += end - begin;
            } else {
                auto const call = meter_.begin(engine);
                if (compare) {
                    values.read(*engine.logits(), windows_, begin, end, kept_);
                } else {
                    add_token_losses(*engine.logits(), windows_, begin, end, values.losses());
                }
                keep_values(values, work, call.done(), scheme, begin, end);
            }
            told(end - range_.first, recalled, done(values.nll(), end));
        });
        return finish(values, std::move(work));
    }
    // Reads the text with all engines, batch by batch; engines[0] is the reference.
    [[nodiscard]] std::vector<text_reading> read_together(std::span<any_engine* const> engines, index batch_tokens,
                                                          progress const& told) {
        text_reading reference{
            std::vector<double>(static_cast<std::size_t>(windows_.positions()), undefined_value), {}, {}};
        std::vector<divergence_values> schemes(engines.size() - 1, divergence_values(windows_.positions()));
        std::vector<task_work_sum>     works(schemes.size());
        index                          recalled = 0;
        in_batches(batch_tokens, [&](index begin, index end) {
            bool all = true;
            for (std::size_t s = 0; s < engines.size(); ++s) all = all && knows(s, begin, end);
            if (all) {
                recall_losses(reference, begin, end);
                for (std::size_t i = 1; i < engines.size(); ++i) restore(schemes[i - 1], works[i - 1], i, begin, end);
                recalled += end - begin;
            } else {
                auto const first = meter_.begin(*engines[0]);
                kept_.read(*engines[0]->logits(), windows_, begin, end, reference.nll);
                keep_losses(reference, first.done(), begin, end);
                for (std::size_t i = 1; i < engines.size(); ++i) {
                    auto const call = meter_.begin(*engines[i]);
                    schemes[i - 1].read(*engines[i]->logits(), windows_, begin, end, kept_);
                    keep_values(schemes[i - 1], works[i - 1], call.done(), i, begin, end);
                }
            }
            told(end - range_.first, recalled, done(reference.nll, end));
        });
        std::vector<text_reading> readings{std::move(reference)};
        for (std::size_t i = 0; i < schemes.size(); ++i) readings.push_back(finish(schemes[i], std::move(works[i])));
        return readings;
    }

    // The items of the task: the mean loss of every window. A window with a loss that is not finite has failed.
    [[nodiscard]] std::vector<item_outcome> outcomes(text_reading const& reading) const {
        std::vector<item_outcome> outcomes;
        auto const                means = window_means(reading.nll, windows_);
        for (std::size_t w = 0; w < means.size(); ++w) {
            item_outcome o;
            index const  page = windows_.windows[w].page;
            o.id              = "window " + std::to_string(w);
            if (!std::isfinite(means[w])) o.error = "nonfinite logits";
            if (page >= 0) o.group = "page " + std::to_string(page);
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
    [[nodiscard]] text_reading finish(divergence_values const& values, task_work_sum work) const {
        text_reading r{{values.nll().begin(), values.nll().end()}, {}, std::move(work)};
        if (diverges_) r.divergence = values.result(windows_);
        return r;
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
    void recall_losses(text_reading& reading, index begin, index end) const {
        recall(0, begin, end, [&](text_window const& w, window_reading const& read) {
            std::ranges::copy(read.nll, reading.nll.begin() + static_cast<std::ptrdiff_t>(w.slot));
            reading.work.add(read.work);
        });
    }
    void restore(divergence_values& values, task_work_sum& work, std::size_t scheme, index begin, index end) const {
        recall(scheme, begin, end, [&](text_window const& w, window_reading const& read) {
            values.restore(w, read);
            work.add(read.work);
        });
    }
    // Adds what a call for windows [begin, end) took to `sum`, and keeps each window's share beside reading_of(it).
    template <class F>
    void put(task_work_sum& sum, answer_work const& call, std::size_t scheme, index begin, index end,
             F const& reading_of) const {
        std::vector<answer_work> works;
        for (index w = begin; w < end; ++w) works.push_back({.read = windows_.window(w).size});
        share_work(call, works);
        for (auto const& work : works) sum.add(work);
        if (memory_ == nullptr) return;
        std::vector<outcome_memory::window_entry> entries;
        for (index w = begin; w < end; ++w) {
            entries.push_back({w, request(scheme, w), reading_of(windows_.window(w))});
            entries.back().reading.work = std::move(works[static_cast<std::size_t>(w - begin)]);
        }
        memory_->put_windows(names_[scheme], task_, entries);
    }
    void keep_losses(text_reading& reference, answer_work const& call, index begin, index end) const {
        put(reference.work, call, 0, begin, end, [&](text_window const& w) {
            auto const own = std::span(reference.nll)
                                 .subspan(static_cast<std::size_t>(w.slot), static_cast<std::size_t>(w.scored()));
            return window_reading{{own.begin(), own.end()}, {}, {}, {}};
        });
    }
    void keep_values(divergence_values const& values, task_work_sum& work, answer_work const& call, std::size_t scheme,
                     index begin, index end) const {
        put(work, call, scheme, begin, end, [&](text_window const& w) {
            auto reading = values.window(w);
            return diverges_ ? reading : window_reading{std::move(reading.nll), {}, {}, {}};
        });
    }

    text_windows             windows_;
    std::string              task_;
    bool                     diverges_;
    window_range             range_;
    std::vector<std::string> names_;
    outcome_memory*          memory_;
    work_meter               meter_;
    reference_logits         kept_;
};

} // namespace qeval
