// 5-shot MMLU of all subjects twice through a trained model: all questions in one call, which shares headers and
// computes sequences of all lengths together, and as one whole prompt after the other. The scores are the same to the
// last bit.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/packed_model.hpp>
#include <tests/support/reference_model.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

using namespace qeval_test;

TEST_CASE(
    "5-shot MMLU: scores of questions that share headers and batches are those of one whole prompt after the other") {
    auto const archive = data("datasets/mmlu/data.tar.gz");
    if (!archive) return;
    qeval::task_options options;
    options.limit     = 2; // of each subject: two share its header
    auto const task   = qeval::mmlu::load(archive->parent_path(), options);
    auto const folder = source("examples/models/qeval-5m");
    auto const stored = open_floats(folder);

    qeval::thread_pool                  pool(2);
    qeval::in_process<qeval::tokenizer> engine(
        model_of(stored, qeval::cpu::host(pool), packed_as<qeval::dense_f32>(qeval::cpu::exact_path{}, pool)),
        qeval::load_tokenizer(folder), {512, 64});
    auto const                        questions = questions_of(engine, task);
    std::vector<qeval::score_request> all;
    for (auto const& q : questions) all.insert(all.end(), q.requests.begin(), q.requests.end());
    REQUIRE(questions.size() == 2 * 57); // of every subject

    auto const together      = engine.log_likelihoods(all);
    auto const shared_tokens = engine.counts().computed;

    std::vector<qeval::score_request> const another_text{{{1}, {2}}};
    std::size_t                             at = 0, differ = 0;
    qeval::index                            lone_tokens = 0;
    for (auto const& q : questions) {
        (void)engine.log_likelihoods(another_text); // the engine remembers what the last call ended with
        auto const before = engine.counts().computed;
        auto const alone  = engine.log_likelihoods(q.requests);
        lone_tokens += engine.counts().computed - before;
        for (auto const& s : alone) {
            auto const& t = together[at++];
            differ +=
                std::bit_cast<std::uint64_t>(s.log_likelihood) != std::bit_cast<std::uint64_t>(t.log_likelihood) ||
                s.greedy != t.greedy || s.error != t.error;
        }
    }
    CHECK(at == together.size());
    CHECK(differ == 0);
    CHECK(lone_tokens > shared_tokens);
    std::cout << "5-shot MMLU: " << at << " scores of " << questions.size() << " questions, " << shared_tokens
              << " tokens together, " << lone_tokens << " one by one\n";
}
