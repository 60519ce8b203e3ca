// The store: what goes in comes out bit for bit, and a run that stopped anywhere ends as one that did not.
// Also tests sqlite.hpp, outcome_memory.hpp, outcome_text.hpp, scheme_facts_text.hpp, window_bytes.hpp.
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
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

qeval::provenance const print = {{"weights sha256", "aa"}, {"task cloze", "bb"}};

struct counts {
    qeval::index calls = 0, built = 0;
};
// throw_at: the call of the progress function that ends the run; below 0: none.
qeval::evaluation_result run(qeval::outcome_memory* memory, counts& c, int throw_at = -1,
                             qeval::shard_number shard = {}, std::uint64_t reference_bytes = 1 << 28) {
    qeval::evaluation_options o;
    o.reference       = "ref";
    o.schemes         = {"q8", "q2"};
    o.statistics      = {99, 200, 0.05, 0.8};
    o.batch_items     = 4;
    o.batch_tokens    = 100;
    o.reference_bytes = reference_bytes;
    o.memory          = memory;
    o.shard           = shard;
    int reports       = 0;
    o.progress        = [&](qeval::evaluation_progress const&) {
        if (reports++ == throw_at) throw std::runtime_error("stop");
    };
    auto const    all = scripted_tasks(11);
    scripted_rows rows({{"ref", 0}, {"q8", 0.1}, {"q2", 1}});
    auto          result = qeval::evaluate(all, o, rows);
    c.built += std::ssize(rows.opened), c.calls += rows.calls;
    return result;
}
// Every number that a result has, as bits.
std::vector<std::uint64_t> bits_of(qeval::evaluation_result const& r) {
    std::vector<std::uint64_t> bits;
    auto const                 put  = [&](double x) { bits.push_back(std::bit_cast<std::uint64_t>(x)); };
    auto const                 task = [&](qeval::task_scores const& t) {
        for (auto const& m : t.metrics) {
            put(m.score.value), put(m.score.error);
            if (m.against_reference) put(m.against_reference->p), put(m.against_reference->difference.value);
        }
        for (auto const& o : t.outcomes)
            for (double v : o.values) put(v);
    };
    for (auto const& s : r.scores.schemes) {
        put(s.bits_per_weight), put(double(s.weight_bytes)), put(double(s.notes.size()));
        for (auto const& t : s.texts) {
            task(t.task), put(t.perplexity.perplexity.value), put(t.perplexity.perplexity.error);
            if (t.divergence)
                put(t.divergence->kl.value), put(t.divergence->kl_percentiles.p99),
                    put(t.divergence->top_agreement.value), put(t.divergence->delta_p_rms.value);
        }
        for (auto const& t : s.tasks) task(t);
    }
    return bits;
}

} // namespace

TEST_CASE("outcomes, windows and facts come out of the store as they went in, after it was closed, too") {
    scratch const       dir;
    double const        none = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    qeval::item_outcome o;
    o.id = "a\"b\n", o.group = "法学", o.chosen = 2, o.target = 1, o.tie = true, o.truncated = true, o.error = "why";
    o.log_likelihoods = {-0.1, none, -inf, 5e-324};
    o.values          = {0, 1};
    o.samples         = {{"text", "passed"}, {"\t", "failed: x"}};
    o.work            = {820, 5, 41, 0.1, "pid 1"};
    qeval::window_reading const read{{1.5, none}, {0.1, 0.2}, {-0.3, 1e-300}, {1, 0}, {512, 0, -1, 2.5, "pid 2"}},
        losses{{3}, {}, {}, {}};
    {
        qeval::item_store store(dir / "s.sqlite", print);
        auto&             m = store;
        m.put("q8", "cloze", std::vector<qeval::outcome_memory::entry>{{7, "r", &o}});
        m.put_windows("q8", "text", std::vector<qeval::outcome_memory::window_entry>{{0, "w", read}, {1, "w", losses}});
        m.put_scheme("q8", {4.25, 99, {"n"}, {{"recipe", "x"}}, "k", {{"w", "q8_0", 0.25, 3}}});
        m.put_process("q8", {"pid 1", 0.75, 123, 2});
        m.put_process("q8", {"pid 1", 0.75, 456, 2});
        store.keep_command({"qeval", "eval", "--x"});
    }
    qeval::item_store store(dir / "s.sqlite", print);
    auto&             m = store;
    CHECK(!m.find("q8", "cloze", 7, "other request"));
    CHECK(!m.find("q2", "cloze", 7, "r"));
    auto const back = m.find("q8", "cloze", 7, "r");
    REQUIRE(back);
    CHECK(qeval::outcome_text(*back) == qeval::outcome_text(o));
    CHECK(std::isnan(back->log_likelihoods[1]));
    CHECK(back->log_likelihoods[3] == 5e-324);
    CHECK(back->samples[1].result == "failed: x");
    CHECK(back->work.read == 820);
    CHECK(back->work.written == 5);
    CHECK(back->work.computed == 41);
    CHECK(back->work.seconds == 0.1);
    CHECK(back->work.process == "pid 1");
    auto const window = m.find_window("q8", "text", 0, "w", 2);
    REQUIRE(window);
    CHECK(window->work.read == 512);
    CHECK(window->work.computed == -1);
    CHECK(window->work.process == "pid 2");
    CHECK(m.find_process("q8", "pid 1")->load_seconds == 0.75);
    CHECK(m.find_process("q8", "pid 1")->peak_bytes == 456);
    CHECK(!m.find_process("q8", "pid 2"));
    CHECK(!m.find_process("q2", "pid 1"));
    CHECK(window->nll[0] == 1.5);
    CHECK(window->delta_p == read.delta_p);
    CHECK(window->same_top == read.same_top);
    CHECK(m.find_window("q8", "text", 1, "w", 1)->kl.empty());
    CHECK(std::isnan(m.find_window("q8", "text", 1, "w", 1)->work.seconds));
    CHECK_THROWS_WITH(m.find_window("q8", "text", 1, "w", 5), Catch::Contains("DB03"));
    CHECK(m.find_scheme("q8")->notes == std::vector<std::string>{"n"});
    CHECK(m.find_scheme("q8")->kernel == "k");
    CHECK(m.find_scheme("q8")->tensors.at(0).format == "q8_0");
    CHECK(m.find_scheme("q8")->tensors.at(0).relative_rmse == 0.25);
    CHECK(m.find_scheme("q8")->tensors.at(0).layer == 3);
    CHECK(!m.find_scheme("q2"));
    CHECK(qeval::item_store::command_of(dir / "s.sqlite") == std::vector<std::string>{"qeval", "eval", "--x"});
}
TEST_CASE("facts that were stored before layers were are still read") {
    auto const facts = qeval::scheme_facts_from_text(
        R"({"tensors": [["w", "q8_0", 0.25]], "bits_per_weight": 8.5, "weight_bytes": 7, "notes": [], "origin": [],
            "kernel": "k"})",
        "a store");
    REQUIRE(facts.tensors.size() == 1);
    CHECK(facts.tensors[0].relative_rmse == 0.25);
    CHECK(facts.tensors[0].layer == -1);
    CHECK(qeval::scheme_facts_from_text(qeval::scheme_facts_text(facts), "it").tensors[0].layer == -1);
}
TEST_CASE("a store of another model, of another version or of no store at all is refused with what differs") {
    scratch const dir;
    (void)qeval::item_store(dir / "s.sqlite", print);
    (void)qeval::item_store(dir / "s.sqlite",
                            {{"weights sha256", "aa"}, {"task mmlu", "cc"}}); // a further task is none of that
    CHECK_THROWS_WITH(qeval::item_store(dir / "s.sqlite", {{"weights sha256", "zz"}}),
                      Catch::Contains("EV12") && Catch::Contains("weights sha256 aa") &&
                          Catch::Contains("weights sha256 zz"));
    std::ofstream(dir / "text.sqlite") << "not a database, but long enough to look at, is it not? it is";
    CHECK_THROWS_WITH(qeval::item_store(dir / "text.sqlite", print),
                      Catch::Contains("DB02") && Catch::Contains("text.sqlite"));
    CHECK_THROWS_WITH(qeval::item_store(dir / "nowhere" / "s.sqlite", print), Catch::Contains("DB01"));
    {
        qeval::sqlite_database db(dir / "s.sqlite");
        db.run("PRAGMA user_version = 99");
    }
    CHECK_THROWS_WITH(qeval::item_store(dir / "s.sqlite", print), Catch::Contains("DB04") && Catch::Contains("99"));
    qeval::item_store mine(dir / "mine.sqlite", print); // nor is its content taken over
    CHECK_THROWS_WITH(mine.take_over(dir / "s.sqlite"), Catch::Contains("DB04") && Catch::Contains("99"));
}
TEST_CASE("a run that stops after any call of its engines ends as if it had not, and asks nothing twice") {
    counts     once;
    auto const expected = bits_of(run(nullptr, once));
    for (std::uint64_t const bytes :
         {std::uint64_t{1} << 28, std::uint64_t{0}}) { // the reference kept, and all engines together
        counts plain;
        CHECK(bits_of(run(nullptr, plain, -1, {}, bytes)) == expected);
        for (int at = 1; at < 45; at += 3) {
            scratch const     dir;
            qeval::item_store store(dir / "s.sqlite", print);
            counts            stopped, rest;
            bool              threw = false;
            try {
                (void)run(&store, stopped, at, {}, bytes);
            } catch (std::runtime_error const&) {
                threw = true;
            }
            INFO(at << " " << threw);
            CHECK(bits_of(run(&store, rest, -1, {}, bytes)) == expected);
            counts again;
            CHECK(bits_of(run(&store, again, -1, {}, 1 << 28)) == expected);
            CHECK(again.calls == 0);
            CHECK(again.built == 1); // the reference's tokenizer is needed, no answer of it is
        }
    }
}
TEST_CASE("shards answer disjoint parts and merge into the whole run's result") {
    counts     whole;
    auto const expected = bits_of(run(nullptr, whole));
    for (qeval::index const shards : {2, 3, 7}) {
        scratch const     dir;
        qeval::item_store all(dir / "all.sqlite", print);
        for (qeval::index s = 1; s <= shards; ++s) {
            auto const path = dir / (std::to_string(s) + ".sqlite");
            counts     c;
            {
                qeval::item_store store(path, print);
                auto const        part = run(&store, c, -1, {s, shards});
                CHECK(part.scores.schemes[0].tasks.empty()); // no score that could be taken for the whole's
            }
            all.take_over(path);
        }
        counts none;
        CHECK(bits_of(run(&all, none)) == expected);
        CHECK(none.calls == 0);
        CHECK(none.built == 1);
    }
    scratch const dir;
    (void)qeval::item_store(dir / "other.sqlite", {{"weights sha256", "zz"}});
    qeval::item_store mine(dir / "mine.sqlite", print);
    CHECK_THROWS_WITH(mine.take_over(dir / "other.sqlite"), Catch::Contains("EV12"));
}
