// What answers took: by an engine that counts its tokens and a clock that goes on by a millisecond for each. However a
// run is stopped and goes on, or is cut into shards, its work is that of the run that was not.
#include <cmath>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <tests/eval/scripted_tasks.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_rows.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/multiple_choice.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/store/item_store.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/text/whole_windows.hpp>
#include <qeval/eval/written/completion.hpp>

using namespace qeval_test;

namespace {

constexpr std::uint64_t kept = 1 << 28, together = 0; // bytes for the reference's logits: in turn, or all at once

// One process that works on a run.
struct process {
    std::string         name;
    std::uint64_t       peak            = 1000; // of its memory
    std::uint64_t       reference_bytes = kept;
    int                 stop_at         = -1; // the report of progress that kills it; below 0: none
    qeval::shard_number shard           = {};
    qeval::index        batch_tokens    = 100;
    bool                recalled_only   = false;

    std::vector<qeval::evaluation_progress> seen = {};

    qeval::evaluation_result run(qeval::outcome_memory* memory) {
        scripted_rows rows({{"ref", 0}, {"q8", 0.1}, {"q2", 1}});
        rows.peak = peak;
        qeval::evaluation_options o;
        o.reference       = "ref";
        o.schemes         = {"q8", "q2"};
        o.statistics      = {99, 50, 0.05, 0.8};
        o.batch_items     = 4;
        o.batch_tokens    = batch_tokens;
        o.reference_bytes = reference_bytes;
        o.memory          = memory;
        o.shard           = shard;
        o.recalled_only   = recalled_only;
        o.meter           = {[&rows] { return rows.clock; }, name};
        o.progress        = [&](qeval::evaluation_progress const& p) {
            seen.push_back(p);
            if (static_cast<int>(seen.size()) == stop_at) throw std::runtime_error("killed");
        };
        return qeval::evaluate(scripted_tasks(11), o, rows);
    }
};

void check_equal(qeval::evaluation_run const& a, qeval::evaluation_run const& b) {
    REQUIRE(a.schemes.size() == b.schemes.size());
    CHECK(a.seconds == Approx(b.seconds));
    for (std::size_t s = 0; s < a.schemes.size(); ++s) {
        auto const &x = a.schemes[s], &y = b.schemes[s];
        INFO(x.scheme);
        CHECK(x.seconds == Approx(y.seconds));
        CHECK(x.load_seconds == Approx(y.load_seconds));
        REQUIRE(x.tasks.size() == y.tasks.size());
        for (std::size_t t = 0; t < x.tasks.size(); ++t) {
            INFO(x.tasks[t].what);
            CHECK(x.tasks[t].what == y.tasks[t].what);
            CHECK(x.tasks[t].read == y.tasks[t].read);
            CHECK(x.tasks[t].written == y.tasks[t].written);
            CHECK(x.tasks[t].computed == y.tasks[t].computed);
            CHECK(x.tasks[t].seconds == Approx(y.tasks[t].seconds));
        }
    }
}
std::set<std::string> names(qeval::scheme_run const& run) {
    std::set<std::string> all;
    for (auto const& p : run.processes) all.insert(p.process);
    return all;
}

} // namespace

TEST_CASE("every task of every scheme has its tokens read, written and computed, and the seconds they took") {
    for (auto const bytes : {kept, together}) {
        auto const result = process{"one", 1000, bytes}.run(nullptr);
        double     all    = 0;
        for (auto const& s : result.run.schemes) {
            INFO(s.scheme << " " << bytes);
            REQUIRE(s.tasks.size() == 5);
            CHECK(s.tasks[0].what == "perplexity:llamacpp");
            CHECK(s.tasks[0].read == 12 * 32);
            CHECK(s.tasks[1].read == 6 * 64);
            CHECK(s.of("functions")->written == 11 * 20);
            double sum = 0.5;
            for (auto const& t : s.tasks) {
                INFO(t.what);
                CHECK(t.read > 0);
                CHECK((t.written > 0) == (t.what == "functions"));
                // This engine shares nothing. The last token of a window is predicted and never read.
                qeval::index const last = t.what == "perplexity:llamacpp"   ? 12
                                          : t.what == "perplexity:gptq2048" ? 6
                                                                            : 0;
                CHECK(t.computed == t.read + t.written - last);
                CHECK(t.seconds == Approx(0.001 * double(t.computed)));
                CHECK(t.rate().value() == Approx(1000));
                sum += t.seconds;
            }
            CHECK(s.load_seconds == 0.5);
            CHECK(s.seconds == Approx(sum));
            CHECK(s.peak_bytes == 1000);
            CHECK(names(s) == std::set<std::string>{"one"});
            all += s.seconds;
        }
        CHECK(result.run.seconds == Approx(all));
        CHECK(result.run.peak_bytes == 1000);
        CHECK(result.run.threads == 2);
    }
}

TEST_CASE(
    "a run that was killed three times has the times, tokens and speeds of one that was not, and its largest peak") {
    for (auto const bytes : {kept, together}) {
        auto const whole = process{"one", 1000, bytes}.run(nullptr);
        for (int at = 4; at < 25; at += 5) {
            scratch const     dir;
            qeval::item_store store(dir / "s.sqlite", {{"weights sha256", "aa"}});
            for (int k = 0; k < 3; ++k) {
                process killed{"killed " + std::to_string(k), k == 1 ? 5000u : 2000u, bytes, at + 3 * k};
                CHECK_THROWS_AS(killed.run(&store), std::runtime_error);
            }
            process    last{"last", 1000, bytes};
            auto const result = last.run(&store);
            INFO(at << " " << bytes);
            check_equal(result.run, whole.run);
            CHECK(result.run.peak_bytes == 5000);
            CHECK(names(result.run.schemes[0]).contains("killed 0"));
            CHECK(names(result.run.schemes[2]).contains("last"));
            for (auto const& p : last.seen) CHECK(p.rate() <= 1000); // what is recalled is not done again
            // Once more, when nothing is left to ask: the work is still that of those who did it.
            process    idle{"idle", 9000, bytes};
            auto const again = idle.run(&store);
            check_equal(again.run, whole.run);
            CHECK(again.run.peak_bytes == 5000);
            CHECK(!names(again.run.schemes[0]).contains("idle"));
            for (auto const& p : idle.seen) CHECK(p.rate() == 0);
        }
    }
}

TEST_CASE("merged shards have the work of the whole run, and its divergences, too large a vocabulary or not") {
    for (auto const bytes : {kept, together}) {
        auto const        whole = process{"one", 1000, bytes}.run(nullptr);
        scratch const     dir;
        qeval::item_store all(dir / "all.sqlite", {{"weights sha256", "aa"}});
        for (qeval::index s = 1; s <= 3; ++s) {
            auto const path = dir / (std::to_string(s) + ".sqlite");
            {
                qeval::item_store store(path, {{"weights sha256", "aa"}});
                process part{"shard " + std::to_string(s), static_cast<std::uint64_t>(1000 * s), bytes, -1, {s, 3}};
                (void)part.run(&store);
                REQUIRE(!part.seen.empty());
                for (auto const& p : part.seen) CHECK(p.done <= p.total);
                CHECK(part.seen.back().done == part.seen.back().total);
            }
            all.take_over(path);
        }
        process merge{"merge", 9000, bytes};
        merge.recalled_only = true;
        auto const merged   = merge.run(&all);
        check_equal(merged.run, whole.run);
        CHECK(merged.run.peak_bytes == 3000);
        CHECK(names(merged.run.schemes[1]) == std::set<std::string>{"shard 1", "shard 2", "shard 3"});
        for (std::size_t row = 1; row < 3; ++row) {
            REQUIRE(merged.scores.schemes[row].texts[0].divergence);
            CHECK(merged.scores.schemes[row].texts[0].divergence->kl.value ==
                  whole.scores.schemes[row].texts[0].divergence->kl.value);
        }
    }
}

TEST_CASE("answers that were made again in other batches have the work of the last time only") {
    auto const        whole = process{"one"}.run(nullptr);
    scratch const     dir;
    qeval::item_store store(dir / "s.sqlite", {{"weights sha256", "aa"}});
    process           killed{"killed", 1000, together, 2};
    killed.batch_tokens = 64;
    CHECK_THROWS_AS(killed.run(&store), std::runtime_error);
    process last{"last", 1000, together};
    last.batch_tokens = 200; // a batch that is known in part is read anew
    check_equal(last.run(&store).run, whole.run);
}

TEST_CASE("answers without their work, of a memory that does not keep it, leave times and speeds unknown") {
    struct forgetful final : qeval::outcome_memory {
        qeval::item_store* store;

        [[nodiscard]] std::optional<qeval::item_outcome> find(std::string_view s, std::string_view t, qeval::index i,
                                                              std::string_view r) override {
            auto found = store->find(s, t, i, r);
            if (found) found->work = {};
            return found;
        }
        [[nodiscard]] std::optional<qeval::window_reading> find_window(std::string_view s, std::string_view t,
                                                                       qeval::index w, std::string_view r,
                                                                       qeval::index positions) override {
            auto found = store->find_window(s, t, w, r, positions);
            if (found) found->work = {};
            return found;
        }
        [[nodiscard]] std::optional<qeval::scheme_facts> find_scheme(std::string_view s) override {
            return store->find_scheme(s);
        }
        [[nodiscard]] std::optional<qeval::scheme_process> find_process(std::string_view, std::string const&) override {
            return {};
        }
        void put(std::string_view s, std::string_view t, std::span<entry const> e) override { store->put(s, t, e); }
        void put_windows(std::string_view s, std::string_view t, std::span<window_entry const> e) override {
            store->put_windows(s, t, e);
        }
        void put_scheme(std::string_view s, qeval::scheme_facts const& f) override { store->put_scheme(s, f); }
        void put_process(std::string_view, qeval::scheme_process const&) override {}
    };
    scratch const     dir;
    qeval::item_store store(dir / "s.sqlite", {{"weights sha256", "aa"}});
    forgetful         memory;
    memory.store = &store;
    (void)process{"one"}.run(&memory);
    auto const again = process{"two"}.run(&memory);
    for (auto const& s : again.run.schemes) {
        CHECK(std::isnan(s.seconds));
        CHECK(s.peak_bytes == 0);
        for (auto const& t : s.tasks) {
            CHECK(std::isnan(t.seconds));
            CHECK(!t.rate());
        }
    }
}
