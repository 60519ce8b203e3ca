// Scripted engines as the rows of an evaluation, and what became of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/engine_rows.hpp>

namespace qeval_test {

struct scripted_rows : qeval::engine_rows {
    explicit scripted_rows(std::map<std::string, double> noise_of) : noises(std::move(noise_of)) {}

    std::map<std::string, double> noises; // of each scheme
    std::vector<std::string>      opened;
    int                           alive = 0, most_alive = 0;
    qeval::index                  calls = 0; // of all engines
    double                        clock = 0; // stands still but while an engine is built, half a second, or computes
    std::uint64_t                 peak  = 0; // of this process

    [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const& scheme) override {
        opened.push_back(scheme);
        auto e       = std::make_unique<scripted_engine>();
        e->noise     = noises.at(scheme);
        e->all_calls = &calls;
        e->clock     = &clock;
        clock += 0.5;
        e->count_in(alive, most_alive);
        return e;
    }
    void describe(qeval::scheme_scores& scores, qeval::scheme_run& run) override {
        scores.bits_per_weight = noises.at(scores.scheme);
        scores.weight_bytes    = 7;
        scores.notes           = {"a note"};
        run.kernel             = "table";
    }
    [[nodiscard]] qeval::scheme_process taken(std::string const&) override {
        qeval::scheme_process p;
        p.peak_bytes = peak;
        p.threads    = 2;
        return p;
    }
    [[nodiscard]] qeval::provenance origin() override { return {{"weights sha256", "scripted"}}; }
};

} // namespace qeval_test
