// Engines of different kinds as rows of one evaluation: a model in this process beside a scripted engine.
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_rows.hpp>
#include <tests/support/toy_lm.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/engine_list.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/written/completion.hpp>

using namespace qeval_test;

namespace {

qeval::any_tasks loaded_tasks() {
    qeval::perplexity_task<qeval::llamacpp_half_window> half;
    half.how.ctx = 32;
    half.text    = golden_text();
    qeval::cloze      last_word;
    qeval::completion functions;
    for (int i = 0; i < 12; ++i) {
        std::string const word(1, char('A' + i));
        last_word.items.push_back({"c" + std::to_string(i), word + word, " E"});
        functions.items.push_back({"f" + std::to_string(i), word, "f", "GH", ""});
    }
    return qeval::any_tasks_of(half, last_word, functions);
}

// What a list gives to each kind that it makes.
struct setting {
    std::vector<std::string>& told; // the kinds made, each with its schemes
};
void tell(setting const& s, std::string_view kind, std::vector<std::string> const& schemes) {
    s.told.emplace_back(kind);
    for (auto const& scheme : schemes) s.told.back() += " " + scheme;
}

// Tokens as a scripted engine has them.
struct characters {
    [[nodiscard]] std::vector<token> encode(std::string_view text) const { return scripted_engine().encode(text); }
    [[nodiscard]] std::string        decode(std::span<token const> ids) const { return scripted_engine().decode(ids); }
    [[nodiscard]] token              bos() const { return 1; }
    [[nodiscard]] token              eos() const { return 0; }
};

// A kind of engine is one struct like this one.
struct script_kind final : scripted_rows {
    static constexpr std::string_view name = "scripts";
    [[nodiscard]] static bool         serves(std::string_view scheme) { return scheme.starts_with("script:"); }
    script_kind(std::vector<std::string> const& schemes, setting const& s)
        : scripted_rows({{"script:good", 0.1}, {"script:bad", 1}}) {
        tell(s, name, schemes);
    }
};
struct toy_kind final : qeval::engine_rows {
    static constexpr std::string_view name = "toys";
    [[nodiscard]] static bool         serves(std::string_view scheme) { return scheme.starts_with("toy"); }
    toy_kind(std::vector<std::string> const& schemes, setting const& s) { tell(s, name, schemes); }

    [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const&) override {
        return std::make_unique<qeval::in_process<characters>>(
            std::make_unique<toy_lm>(scripted_engine::vocabulary, scripted_engine().context), characters{});
    }
    [[nodiscard]] qeval::provenance origin() override { return {{"architecture", "toy"}}; }
};
using kinds = qeval::engine_list<script_kind, toy_kind>;

struct outcome {
    qeval::evaluation_result result;
    std::vector<std::string> told;
};
template <class Rows>
outcome run(std::vector<std::string> schemes) {
    outcome                   o;
    qeval::evaluation_options how;
    how.reference = schemes.front();
    how.schemes   = schemes;
    setting const s{o.told};
    Rows          rows(schemes, s);
    auto const    loaded = loaded_tasks();
    o.result             = qeval::evaluate(loaded, how, rows);
    return o;
}
std::vector<double> values_of(qeval::task_scores const& task) {
    std::vector<double> v;
    for (auto const& o : task.outcomes) v.insert(v.end(), o.values.begin(), o.values.end());
    return v;
}

} // namespace

TEST_CASE("two kinds of engines are rows of one table, each with the scores that it has by itself") {
    auto const  both = run<kinds>({"toy", "script:good", "script:bad"});
    auto const& rows = both.result.scores.schemes;
    CHECK(both.told == std::vector<std::string>{"scripts script:good script:bad", "toys toy"});
    CHECK(both.result.scores.origin ==
          qeval::provenance{{"weights sha256", "scripted"}, {"architecture", "toy"}}); // of every kind
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].bits_per_weight != rows[0].bits_per_weight); // its kind says nothing of it
    CHECK(rows[1].bits_per_weight == 0.1);
    CHECK(both.result.run.schemes[2].kernel == "table");
    CHECK(rows[1].texts.at(0).divergence->kl.value > 0.1); // two different models
    CHECK(rows[2].tasks.at(0).metrics.at(0).against_reference.has_value());

    auto const alone = run<qeval::engine_list<toy_kind>>({"toy"}), scripts = run<kinds>({"script:bad", "script:good"});
    CHECK(scripts.told == std::vector<std::string>{"scripts script:bad script:good"}); // no toy is made for them
    std::pair<qeval::scheme_scores const&, qeval::scheme_scores const&> const pairs[] = {
        {rows[0], alone.result.scores.schemes[0]},
        {rows[1], scripts.result.scores.schemes[1]},
        {rows[2], scripts.result.scores.schemes[0]}};
    for (auto const& [beside, by_itself] : pairs) {
        INFO(beside.scheme);
        CHECK(beside.scheme == by_itself.scheme);
        CHECK(values_of(beside.texts.at(0).task) == values_of(by_itself.texts.at(0).task));
        for (std::size_t t = 0; t < 2; ++t) CHECK(values_of(beside.tasks.at(t)) == values_of(by_itself.tasks.at(t)));
    }
    CHECK(values_of(rows[0].texts[0].task) != values_of(rows[1].texts[0].task));
}

TEST_CASE("a scheme that no kind serves is refused by name, before any engine is made") {
    std::vector<std::string>       told;
    setting const                  s{told};
    std::vector<std::string> const schemes{"toy", "q4_0"};
    CHECK_THROWS_WITH(kinds(schemes, s),
                      Catch::Contains("EV14") && Catch::Contains("\"q4_0\"") && Catch::Contains("scripts, toys"));
    CHECK(told.empty());
    CHECK(kinds::is<toy_kind>("toy"));
    CHECK(!kinds::is<toy_kind>("script:good"));
}
