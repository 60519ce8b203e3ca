// Tasks behind any_task: they say, ask and judge what the tasks themselves do.
// Also tests any_task.hpp.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/eval/small_data_sets.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/core/view.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>

using namespace qeval_test;

namespace {

qeval::any_items<qeval::score_request> const& items_of(qeval::any_task const& t, qeval::score_request*) {
    return *t.scored();
}
qeval::any_items<qeval::generate_request> const& items_of(qeval::any_task const& t, qeval::generate_request*) {
    return *t.written();
}

void check_same(qeval::item_text const& a, qeval::item_text const& b) {
    CHECK(a.doc == b.doc);
    CHECK(a.target == b.target);
    CHECK(a.requests.size() == b.requests.size());
}

template <qeval::item_task T>
void check_items(T const& task, qeval::any_task const& erased, scripted_engine& engine) {
    using request = typename T::request;
    CHECK(erased.text() == nullptr);
    CHECK((erased.scored() == nullptr) != (erased.written() == nullptr));
    auto const& items = items_of(erased, static_cast<request*>(nullptr));
    REQUIRE(items.size() == task.items.size());
    REQUIRE(items.size() > 0);
    qeval::text_encoder                                 words(engine);
    std::vector<std::size_t>                            numbers;
    std::vector<std::vector<qeval::answer_to<request>>> answers;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto const q = task.ask(words, i);
        CHECK(qeval::name_of(items.ask(words, i)) == qeval::name_of(q));
        numbers.push_back(i);
        if constexpr (std::is_same_v<request, qeval::score_request>) {
            answers.push_back(engine.log_likelihoods(q.requests));
        } else {
            answers.push_back(engine.generate(q.requests));
        }
    }
    if constexpr (!qeval::judges_together<T>) { // those that run programs have tests of their own
        std::vector<typename qeval::any_items<request>::answers> const given(answers.begin(), answers.end());
        auto const                                                     all = items.judge_all(numbers, given);
        REQUIRE(all.size() == items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto const own = task.judge(i, answers[i]);
            CHECK(all[i].id == own.id);
            CHECK(all[i].values == own.values);
            CHECK(items.judge(i, answers[i]).values == own.values);
        }
    }
    CHECK(erased.facts().chance == task.chance());
}
template <qeval::text_task T>
void check_text(T const& task, qeval::any_task const& erased, scripted_engine& engine) {
    CHECK(erased.scored() == nullptr);
    CHECK(erased.written() == nullptr);
    REQUIRE(erased.text() != nullptr);
    auto const windows = task.windows(engine), erased_windows = erased.text()->windows(engine);
    CHECK(windows.protocol == erased_windows.protocol);
    REQUIRE(windows.count() == erased_windows.count());
    for (qeval::index w = 0; w < windows.count(); ++w)
        CHECK(qeval::name_of_window(windows.at(w), windows.window(w).first, "") ==
              qeval::name_of_window(erased_windows.at(w), erased_windows.window(w).first, ""));
    CHECK(erased.text()->has_divergence() == T::protocol_type::has_divergence);
    CHECK(erased.facts().chance.empty());
}

} // namespace

TEST_CASE("every task of the list says, asks and judges behind any_task what it does itself") {
    scripted_engine engine; // a token is a byte
    engine.context = 4096;
    engine.size    = 224;
    for (auto const& set : all_sets()) {
        INFO(set.task);
        scratch const dir;
        for (auto const& [name, text] : set.files) put_file(dir / name, text);
        auto const          path = dir / (set.loaded.empty() ? set.attacked : set.loaded);
        qeval::task_options how;
        how.ctx        = 16;
        how.code.allow = true;
        if (qeval::builtin_tasks::used_options(set.task).has(qeval::task_option::shots)) how.shots = 1;
        auto const  erased = qeval::builtin_tasks::load(set.task, path, how);
        auto const& facts  = erased->facts();
        qeval::builtin_tasks::for_named(set.task, [&]<class T>() {
            T const task = T::load(path, how);
            if constexpr (qeval::has_title<T>) {
                CHECK(facts.name == task.title);
            } else {
                CHECK(facts.name == T::name);
            }
            CHECK(facts.protocol.starts_with(task.protocol()));
            CHECK(facts.data_sha256 == std::string(task.data_sha256));
            REQUIRE(facts.metrics.size() == task.metrics().size());
            CHECK(facts.metrics[0].name == task.metrics()[0].name);
            if constexpr (qeval::knows_its_data<T>) CHECK(facts.data.words == task.data.words);
            if constexpr (qeval::has_shots<T>) CHECK(facts.shots == task.shots());
            CHECK((facts.category_of != nullptr) == qeval::has_subjects<T>);
            if constexpr (qeval::has_subjects<T>) {
                for (auto const& part : task.parts()) CHECK(facts.category_of(part.name) == part.category);
            }
            if constexpr (qeval::knows_its_set<T>) {
                REQUIRE(erased->parts().size() == task.parts().size());
                CHECK(erased->parts()[0].items == task.parts()[0].items);
            } else {
                CHECK(erased->parts().empty());
            }
            auto const text = erased->text_of(0);
            CHECK(text.has_value() == qeval::tells_texts<T>);
            if constexpr (qeval::tells_texts<T>) check_same(*text, task.text_of(0));
            if constexpr (qeval::text_task<T>) {
                check_text(task, *erased, engine);
            } else {
                check_items(task, *erased, engine);
            }
        });
    }
}

TEST_CASE("what a task needs besides its data is asked for by make_ready(), and by nothing before") {
    struct needy : qeval::cloze {
        int*         asked = nullptr;
        void         make_ready() const { ++*asked; }
        static needy load(std::filesystem::path const&, qeval::task_options const&) { return {}; }
    };
    int   asked = 0;
    needy task;
    task.asked        = &asked;
    auto const erased = qeval::any_tasks_of(task, qeval::cloze());
    CHECK(asked == 0);
    for (auto const& t : erased) t->make_ready();
    CHECK(asked == 1);
}

TEST_CASE("a task that is borrowed is not copied") {
    qeval::cloze task;
    task.items = {{"0", "A", " B"}};
    qeval::items_as<qeval::cloze, qeval::cloze const&> const borrowed(task);
    auto const                                               own = qeval::any_task_of(task);
    task.items.push_back({"1", "A", " C"});
    CHECK(borrowed.size() == 2);
    CHECK(own->scored()->size() == 1);
}
