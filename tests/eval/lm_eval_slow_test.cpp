// Two trained models on real data sets, item by item against lm-eval (tests/golden/make_lm_eval.py): the same choices,
// log- likelihoods within 1e-4 for each token, the same aggregates. lm-eval's models computed in float32, in another
// order of sums.
// Also tests text/rolling_windows.hpp, text/wikitext_pages.hpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/packed_model.hpp>
#include <tests/support/reference_model.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/choice/arc.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/hellaswag.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/text/perplexity.hpp>
#include <qeval/eval/text/rolling_windows.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

using namespace qeval_test;

namespace {

// The first line: number of items, aggregates. Then for each item the choice, and the log-likelihoods.
struct golden_run {
    std::vector<double>              head;
    std::vector<std::vector<double>> rows;
};
golden_run read_golden(std::string const& name) {
    auto const numbers_of = [](std::string const& line) {
        std::istringstream  words(line);
        std::vector<double> all;
        for (double x; words >> x;) all.push_back(x);
        return all;
    };
    std::istringstream lines(slurp(source("tests/golden/lm_eval") / name));
    golden_run         g;
    std::string        line;
    std::getline(lines, line);
    g.head = numbers_of(line);
    while (std::getline(lines, line)) g.rows.push_back(numbers_of(line));
    REQUIRE(double(g.rows.size()) == g.head.at(0));
    return g;
}

using engine_type = qeval::in_process<qeval::tokenizer>;

struct model {
    std::string           name;
    std::filesystem::path weights, words;
};
std::vector<model> models() {
    std::vector<model> all{{"qeval-5m", source("examples/models/qeval-5m"), source("examples/models/qeval-5m")}};
    if (auto const stories = data("models/stories260K"))
        all.push_back({"stories260K", *stories / "hf", *stories / "stories260K.gguf"});
    return all;
}
engine_type open(model const& m, qeval::thread_pool& pool) {
    auto const stored = open_floats(m.weights);
    return {model_of(stored, qeval::cpu::host(pool), packed_as<qeval::dense_f32>(qeval::cpu::exact_path{}, pool)),
            qeval::load_tokenizer(m.words),
            {512, 64}};
}

constexpr double per_token = 1e-4;

// A choice may differ only where lm-eval's own first two are closer than the rounding of its six digits and float32.
template <class Task>
void compare(engine_type& engine, Task const& task, golden_run const& golden) {
    REQUIRE(task.items.size() == golden.rows.size());
    auto const result = qeval::run_task(engine, task);
    for (std::size_t i = 0; i < golden.rows.size(); ++i) {
        auto const& o    = result.outcomes[i];
        auto const& want = golden.rows[i];
        auto const  q    = question_of(engine, task, i);
        INFO(o.id);
        REQUIRE(o.log_likelihoods.size() == want.size() - 1);
        CHECK(double(o.chosen) == want[0]);
        for (std::size_t k = 0; k < o.log_likelihoods.size(); ++k) {
            CHECK(std::abs(o.log_likelihoods[k] - want[k + 1]) <=
                  per_token * double(q.requests[k].continuation.size()));
        }
    }
    for (std::size_t m = 1; m < golden.head.size(); ++m)
        CHECK(result.metrics[m - 1].score.value == Approx(golden.head[m]).epsilon(0).margin(1e-9));
}

// The llama.cpp copy of the validation set, asked as lm-eval asks the published file.
qeval::hellaswag hellaswag_of(std::filesystem::path const& path, std::size_t items) {
    auto const         file = qeval::read_data_file(path);
    qeval::hellaswag   task;
    std::istringstream lines(file.bytes);
    for (std::string context, label;
         task.items.size() < items && std::getline(lines, context) && std::getline(lines, label);) {
        std::vector<std::string> endings(4);
        for (auto& e : endings) {
            std::getline(lines, e);
            e = qeval::without_markup(e);
        }
        auto const colon = context.find(": ");
        auto const text  = context.substr(0, colon) + ": " + context.substr(colon + 2) + " " + qeval::capitalized("");
        task.items.push_back({std::to_string(task.items.size()),
                              {},
                              0,
                              qeval::without_markup(text),
                              qeval::ranked_item::of(endings),
                              std::stoi(label)});
    }
    return task;
}

} // namespace

TEST_CASE("multiple choice equals lm-eval item by item: ARC, HellaSwag, MMLU with and without examples, prompts cut on "
          "the left") {
    auto const arc  = data("datasets/arc/ARC-Easy-test.jsonl"),
               swag = data("datasets/hellaswag/hellaswag_val_full.txt.bz2"), mmlu = data("datasets/mmlu/data.tar.gz");
    if (!arc || !swag || !mmlu) return;
    qeval::task_options first, zero, five;
    first.limit          = 320;
    zero.limit           = 6;
    zero.shots           = 0;
    five.limit           = 40;
    auto const easy      = qeval::arc_easy::load(*arc, first);
    auto const challenge = qeval::arc_challenge::load(arc->parent_path() / "ARC-Challenge-test.jsonl", first);
    auto const endings   = hellaswag_of(*swag, 320);
    auto const exam      = qeval::mmlu::load(mmlu->parent_path(), zero);
    auto const whole     = qeval::mmlu::load(mmlu->parent_path(), five);
    // Three subjects, the longest questions and short ones; of lm-eval's 40 of each the first dozen, which take long
    // enough.
    constexpr std::size_t given = 40, tried = 12;
    qeval::mmlu           few = whole;
    few.items.clear();
    for (char const* subject : {"professional_law", "high_school_european_history", "anatomy"}) {
        std::size_t n = 0;
        for (auto const& item : whole.items)
            if (item.group == subject && n++ < tried) few.items.push_back(item);
    }
    auto const first_of_each = [&](golden_run golden) {
        golden_run part{{golden.head[0]}, {}};
        for (std::size_t i = 0; i < golden.rows.size(); ++i)
            if (i % given < tried) part.rows.push_back(golden.rows[i]);
        return part;
    };
    for (auto const& m : models()) {
        qeval::thread_pool pool(2);
        auto               engine = open(m, pool);
        INFO(m.name);
        compare(engine, easy, read_golden(m.name + "_arc_easy.txt"));
        compare(engine, challenge, read_golden(m.name + "_arc_challenge.txt"));
        compare(engine, endings, read_golden(m.name + "_hellaswag.txt"));
        compare(engine, exam, read_golden(m.name + "_mmlu_0.txt"));
        compare(engine, few, first_of_each(read_golden(m.name + "_mmlu_5.txt")));
        auto const cut = questions_of(engine, few);
        CHECK(std::count_if(cut.begin(), cut.end(), [](auto const& q) { return q.truncated; }) >=
              2 * qeval::index(tried));
    }
}
TEST_CASE("LAMBADA equals lm-eval item by item: greedy or not, and how likely") {
    auto const file = data("datasets/lambada/lambada_test.jsonl");
    if (!file) return;
    qeval::task_options first;
    first.limit     = 320;
    auto const task = qeval::lambada_openai::load(*file, first);
    for (auto const& m : models()) {
        qeval::thread_pool pool(2);
        auto               engine = open(m, pool);
        auto const         golden = read_golden(m.name + "_lambada_openai.txt");
        INFO(m.name);
        REQUIRE(task.items.size() == golden.rows.size());
        auto const result = qeval::run_task(engine, task);
        for (std::size_t i = 0; i < golden.rows.size(); ++i) {
            auto const& o = result.outcomes[i];
            INFO(o.id);
            CHECK(double(o.correct) == golden.rows[i][0]);
            CHECK(std::abs(o.log_likelihoods[0] - golden.rows[i][1]) <=
                  per_token * double(question_of(engine, task, i).requests[0].continuation.size()));
        }
        CHECK(result.metrics[0].score.value == Approx(golden.head[1]).epsilon(0).margin(1e-9));
        CHECK(result.metrics[1].score.value == Approx(golden.head[2]).epsilon(1e-4));
    }
}
TEST_CASE("WikiText equals lm-eval page by page in rolling windows, and its three numbers to five digits") {
    auto const file = data("datasets/wikitext-2-raw/wiki.test.raw");
    if (!file) return;
    auto const text = qeval::read_data_file(*file);
    for (auto const& m : models()) {
        qeval::thread_pool pool(2);
        auto               engine = open(m, pool);
        auto const         golden = read_golden(m.name + "_wikitext.txt");
        INFO(m.name);
        qeval::lm_eval_wikitext const protocol;
        auto const                    windows =
            qeval::cut_into_windows(engine, protocol, text.bytes, text.name, qeval::index(golden.rows.size()));
        auto const nll   = qeval::token_losses(engine, windows, 4096, [](qeval::index, auto) {});
        auto const means = qeval::window_means(nll, windows);
        REQUIRE(windows.metrics.size() == 3);
        double sum = 0, theirs = 0;
        for (std::size_t w = 0; w < means.size(); ++w) sum += means[w] * double(windows.windows[w].scored());
        for (auto const& row : golden.rows) theirs -= row[1];
        CHECK(std::abs(sum - theirs) <= per_token * double(windows.positions()));
        double const word = std::exp(sum / windows.metrics[0].units), byte = std::exp(sum / windows.metrics[1].units);
        CHECK(word == Approx(golden.head[1]).epsilon(1e-5));
        CHECK(byte == Approx(golden.head[2]).epsilon(1e-5));
        CHECK(std::log2(byte) == Approx(golden.head[3]).epsilon(1e-5));
        CHECK(qeval::perplexity_of(nll, windows).perplexity.value ==
              Approx(golden.head[1]).epsilon(1e-5)); // the headline
    }
}
