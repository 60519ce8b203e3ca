// The files that lm-eval itself leaves of a run (tests/golden/make_lm_eval_export.py) against those that come out where
// an engine gives lm-eval's answers: key by key and number by number, in both directions. tests/golden/lm_eval/
// exceptions.txt lists every key whose value may be another. No model is run here, so that nothing has to be close.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/choice/arc.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/hellaswag.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/loaded_texts.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/text/perplexity_task.hpp>
#include <qeval/eval/text/rolling_windows.hpp>
#include <qeval/eval/text/text_work.hpp>
#include <qeval/eval/written/gsm8k.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_export.hpp>

using qeval::json;
using qeval_test::source;

namespace {

// Answers in the order in which lm-eval had them; a token is a byte.
struct recorded_engine final : qeval::any_engine {
    std::deque<qeval::score>      scores;
    std::deque<qeval::generation> texts;

    std::vector<qeval::token> encode(std::string_view text) const override {
        std::vector<qeval::token> ids;
        for (char const c : text) ids.push_back(static_cast<unsigned char>(c));
        return ids;
    }
    std::string  decode(std::span<qeval::token const>) const override { return {}; }
    qeval::token bos() const override { return -1; }
    qeval::token eos() const override { return 0; }
    qeval::index max_tokens() const override { return 1 << 20; }

    template <class Answer>
    static std::vector<Answer> take(std::deque<Answer>& from, std::size_t count) {
        REQUIRE(from.size() >= count);
        std::vector<Answer> taken(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        return taken;
    }
    std::vector<qeval::score> log_likelihoods(std::span<qeval::score_request const> asked) override {
        return take(scores, asked.size());
    }
    std::vector<qeval::generation> generate(std::span<qeval::generate_request const> asked) override {
        return take(texts, asked.size());
    }
    // What lm-eval noted of a task: likelihoods, or what was written, once for each filter.
    void give(json const& lines, bool writes) {
        for (auto const& line : lines) {
            if (writes && line.at("filter") != lines.at(0).at("filter")) continue;
            for (auto const& answer : line.at("resps")) {
                if (writes) {
                    texts.push_back({{}, answer.at(0).get<std::string>(), "stop", -1});
                } else {
                    scores.push_back(
                        {std::stod(answer.at(0).at(0).get<std::string>()), answer.at(0).at(1) == "True", 1, {}});
                }
            }
        }
    }
};

// A path of keys and a pattern of them, in which * is any one.
bool matches(std::string const& path, std::string const& pattern) {
    std::istringstream keys(path), wanted(pattern);
    std::string        key, one;
    while (std::getline(keys, key, '/'))
        if (!std::getline(wanted, one, '/') || (one != "*" && one != key)) return false;
    return !std::getline(wanted, one, '/');
}

class comparison {
public:
    comparison() {
        std::ifstream file(source("tests/golden/lm_eval/exceptions.txt"));
        for (std::string line; std::getline(file, line);)
            if (!line.empty() && line[0] != '#') patterns_.insert(line.substr(0, line.find(' ')));
    }
    void hold(json const& theirs, json const& ours, std::string const& path = {}) {
        if (free(path)) return;
        if (theirs == "a function") { // the script that makes the file leaves its source out
            INFO(path);
            CHECK(ours.is_string());
            return;
        }
        if (theirs.is_object() && ours.is_object()) {
            for (auto const& [key, value] : theirs.items()) {
                INFO(path << ": lm-eval has " << key);
                CHECK(ours.contains(key));
                if (ours.contains(key)) hold(value, ours.at(key), path.empty() ? key : path + "/" + key);
            }
            for (auto const& [key, value] : ours.items()) {
                INFO(path << ": lm-eval has no " << key);
                if (!theirs.contains(key)) CHECK(free("+" + (path.empty() ? key : path + "/" + key)));
            }
        } else if (theirs.is_array() && ours.is_array() && theirs.size() == ours.size()) {
            for (std::size_t i = 0; i < theirs.size(); ++i) hold(theirs[i], ours[i], path + "/" + std::to_string(i));
        } else if (auto const want = number(theirs), found = number(ours); want && found) {
            INFO(path << ": " << theirs << " there, " << ours << " here");
            CHECK(std::abs(*found - *want) <= 1e-12 * std::max(1.0, std::abs(*want)));
        } else {
            INFO(path << ": " << theirs << " there, " << ours << " here");
            CHECK(theirs == ours);
        }
    }
    // Every exception is one.
    void hold_used() const {
        for (auto const& pattern : patterns_) {
            INFO("nothing differs at " << pattern);
            CHECK(used_.contains(pattern));
        }
    }

private:
    // Of likelihoods the digits are text.
    static std::optional<double> number(json const& value) {
        if (value.is_number()) return value.get<double>();
        std::size_t end  = 0;
        auto const  text = value.is_string() ? value.get<std::string>() : std::string();
        if (text.find_first_not_of("-+.e0123456789") != text.npos || text.empty()) return std::nullopt;
        double const x = std::stod(text, &end);
        return end == text.size() ? std::optional(x) : std::nullopt;
    }
    bool free(std::string const& path) {
        for (auto const& pattern : patterns_)
            if (matches(path, pattern)) return used_.insert(pattern), true;
        return false;
    }
    std::set<std::string> patterns_, used_;
};

// The text layout of llama.cpp's copy back to the published one, as tests/golden/lm_eval_data.py does it.
void write_hellaswag(std::filesystem::path const& from, std::filesystem::path const& to) {
    auto const         data = qeval::read_data_file(from);
    std::istringstream lines(data.bytes);
    std::ofstream      out(to);
    for (std::string context, label; std::getline(lines, context) && std::getline(lines, label);) {
        std::vector<std::string> endings(4);
        for (auto& e : endings) std::getline(lines, e);
        auto const colon = context.find(": ");
        out << qeval::json_text({{"activity_label", context.substr(0, colon)},
                                 {"ctx_a", context.substr(colon + 2)},
                                 {"ctx_b", ""},
                                 {"endings", endings},
                                 {"label", label}})
            << '\n';
    }
}

// A page has as many tokens as bytes here, and lm-eval's loss is shared out over them.
qeval::text_scores wikitext_of(qeval::any_task const& task, recorded_engine& engine, json const& lines) {
    qeval::text_work    work(task.text()->windows(engine), "wikitext", false, {"source"}, nullptr, {});
    qeval::text_reading reading;
    for (auto const& w : work.windows().windows) {
        double const loss = -std::stod(lines.at(static_cast<std::size_t>(w.page)).at("resps")[0][0].get<std::string>());
        reading.nll.insert(reading.nll.end(), static_cast<std::size_t>(w.scored()), loss / double(w.scored()));
    }
    auto scores = work.sum_up(reading, nullptr);
    scores.task = qeval::sum_up(task, work.outcomes(reading));
    return scores;
}

} // namespace

TEST_CASE("a run's files are those that lm-eval leaves of it, but for what the list of exceptions names") {
    auto const sets = qeval_test::data("datasets");
    if (!sets) return;
    json const  golden = json::parse(qeval::read_data_file(source("tests/golden/lm_eval/files.json.gz")).bytes);
    json const& noted  = golden.at("samples");

    qeval_test::scratch const scratch;
    write_hellaswag(*sets / "hellaswag/hellaswag_val_full.txt.bz2", scratch / "hellaswag.jsonl");
    qeval::task_options first;
    first.limit = golden.at("results").at("config").at("limit").get<qeval::index>();
    first.shots = 0;

    qeval::any_tasks         loaded;
    recorded_engine          engine;
    qeval::evaluation_result result;
    result.run.started = "2026-03-04T05:06:07.000001Z";
    auto& scheme       = result.scores.schemes.emplace_back();
    scheme.scheme      = "source";
    auto const run     = [&]<class T>(T task) {
        for (auto const& part : task.parts()) {
            std::string const name = std::string(T::name) + (part.name.empty() ? "" : "_" + part.name);
            engine.give(noted.at(name).at("lines"), std::is_same_v<typename T::request, qeval::generate_request>);
        }
        scheme.tasks.push_back(qeval::run_task(engine, task));
        loaded.push_back(qeval::any_task_of(std::move(task)));
    };
    run(qeval::arc_easy::load(*sets / "arc/ARC-Easy-test.jsonl", first));
    run(qeval::hellaswag::load(scratch / "hellaswag.jsonl", first));
    run(qeval::lambada_openai::load(*sets / "lambada/lambada_test.jsonl", first));
    run(qeval::mmlu::load(*sets / "mmlu", first));
    run(qeval::gsm8k::load(*sets / "gsm8k/test.jsonl", first));
    loaded.push_back(qeval::any_task_of(
        qeval::perplexity_task<qeval::lm_eval_wikitext>::load(*sets / "wikitext-2-raw/wiki.test.raw", first)));
    scheme.texts.push_back(wikitext_of(*loaded.back(), engine, noted.at("wikitext").at("lines")));
    REQUIRE(engine.scores.empty());
    REQUIRE(engine.texts.empty());

    qeval::loaded_texts const texts(loaded);
    qeval::lm_eval_settings   how;
    how.model   = {"examples/models/qeval-5m", 5'246'208, 2048, "<|endoftext|>", "<|endoftext|>", 0, 0};
    how.limit   = qeval::lm_eval_limit(first.limit.value());
    how.texts   = &texts;
    how.samples = true;
    std::map<std::string, std::string> files;
    qeval::write_lm_eval_files(result, how, [&](auto const& path, auto const& content) { files[path] = content; });

    std::string const time = "_2026-03-04T05-06-07.000001.json";
    comparison        same;
    same.hold(golden.at("results"), json::parse(files.at("source/results" + time)));
    same.hold_used();
    CHECK(files.size() == 1 + noted.size());
    for (auto const& [task, theirs] : noted.items()) {
        INFO(task);
        std::istringstream lines(files.at("source/samples_" + task + time + "l"));
        std::size_t        number = 0;
        qeval::sha256      asked; // of everything that was put to the model
        for (std::string line; std::getline(lines, line); ++number) {
            json ours = json::parse(line);
            asked.update(qeval::json_node(ours.at("arguments")).dump());
            REQUIRE(number < theirs.at("lines").size());
            for (char const* const kept : {"keys", "doc"}) { // the keys of the line, and of the data set's row
                std::set<std::string> keys;
                for (auto const& [key, value] : (kept[0] == 'd' ? ours.at("doc") : ours).items()) keys.insert(key);
                CHECK(keys == theirs.at(kept).get<std::set<std::string>>());
            }
            for (auto const& [key, value] : theirs.at("lines")[number].items()) same.hold(value, ours.at(key), key);
        }
        CHECK(number == theirs.at("lines").size());
        CHECK(asked.hex() == theirs.at("arguments"));
    }
}

TEST_CASE("tasks that were not run are described as lm-eval describes them") {
    json const golden = json::parse(qeval::read_data_file(source("tests/golden/lm_eval/files.json.gz")).bytes);
    struct law : qeval::asked_texts {
        std::vector<qeval::set_part> parts(std::string_view) const override {
            return {{"law", "法学", "Humanities", 24}};
        }
        std::optional<qeval::item_text> text(std::string_view, std::size_t) const override { return std::nullopt; }
    } const texts;
    std::map<std::string, std::vector<std::string>> const metrics = {{"arc_challenge", {"acc", "acc_norm"}},
                                                                     {"winogrande", {"acc"}},
                                                                     {"ceval", {"acc", "acc_norm"}},
                                                                     {"humaneval", {"pass@1"}},
                                                                     {"mbpp", {"pass@1"}}};
    qeval::evaluation_result                              result;
    auto&                                                 scheme = result.scores.schemes.emplace_back();
    scheme.scheme                                                = "source";
    for (auto const& [name, names] : metrics) {
        auto& t = scheme.tasks.emplace_back();
        t.task  = name;
        t.shots = name == "mbpp" ? 3 : 0;
        for (auto const& m : names)
            t.metrics.push_back({{m, qeval::metric_kind::proportion, true}, {0.5, 0.1}, {}, {}, {}});
        if (name == "ceval") t.subjects.push_back({"law", 2, {0.5, 0.1}});
        if (name == "ceval")
            for (int i = 0; i < 2; ++i) {
                auto& o  = t.outcomes.emplace_back();
                o.group  = "law";
                o.values = {1.0 * i, 1.0};
            }
    }
    qeval::lm_eval_settings how;
    how.texts = &texts;
    json ours;
    qeval::write_lm_eval_files(result, how, [&](auto const&, auto const& content) { ours = json::parse(content); });
    comparison same;
    for (auto const& [task, described] : golden.at("described").items()) {
        INFO(task);
        json theirs = described.at("config");
        if (!theirs.contains("num_fewshot")) theirs["num_fewshot"] = 0; // known once it is run
        theirs["metadata"]["pretrained"] = "";
        theirs["metadata"]["dtype"]      = "";
        same.hold(theirs, ours.at("configs").at(task), "configs/" + task);
        same.hold(described.at("version"), ours.at("versions").at(task), "versions/" + task);
        same.hold(described.at("higher_is_better"), ours.at("higher_is_better").at(task), "higher_is_better/" + task);
    }
    CHECK(ours["results"].contains("ceval-valid"));
    CHECK(ours["results"]["ceval-valid_law"]["acc_norm,none"] == 1.0);
    CHECK(ours["results"]["ceval-valid_law"]["alias"] == "ceval-valid_law");
    CHECK(ours["versions"]["ceval-valid"] == "2.0");
    CHECK(ours["results"]["humaneval"].contains("pass@1_stderr,create_test"));
    CHECK(ours["results"]["mbpp"].contains("pass_at_1,none"));
}
