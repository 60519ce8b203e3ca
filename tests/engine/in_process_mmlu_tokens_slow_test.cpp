// What shared headers save: 5-shot MMLU, the whole test split, tokenized by GPT-2.
#include <memory>

#include <tests/eval/question_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/host_rows.hpp>

namespace {

// A model that costs nothing: three logits that depend on the last token. Forks know their length only.
struct counting_lm final : qeval::causal_lm {
    struct state final : qeval::sequence_state {
        qeval::index tokens = 0;

        [[nodiscard]] qeval::index                           length() const override { return tokens; }
        [[nodiscard]] std::unique_ptr<qeval::sequence_state> fork(qeval::index n) const override {
            auto copy    = std::make_unique<state>();
            copy->tokens = n;
            return copy;
        }
    };
    qeval::index computed = 0;

    [[nodiscard]] qeval::index                           vocab_size() const override { return 50257; }
    [[nodiscard]] qeval::index                           max_tokens() const override { return 8192; }
    [[nodiscard]] std::unique_ptr<qeval::sequence_state> start() const override { return std::make_unique<state>(); }
    void forward(std::span<qeval::sequence_step const> steps, qeval::logit_rows_sink const& sink) override {
        static std::vector<float> const zeros(50257);
        for (std::size_t s = 0; s < steps.size(); ++s) {
            auto const n = qeval::index(steps[s].tokens.size());
            static_cast<state&>(*steps[s].state).tokens += n;
            computed += n;
            for (qeval::index i = std::max<qeval::index>(0, steps[s].wanted); i < n; ++i) {
                qeval::logit_row const row{qeval::index(s), i};
                sink({&row, 1}, qeval::host_rows({zeros.data(), 1, 50257}));
            }
        }
    }
    void observe(qeval::input_observer) override {} // no linear layers
};

} // namespace

TEST_CASE("5-shot MMLU computes less than 0.18 of the tokens of one prompt for each question") {
    auto const archive = qeval_test::data("datasets/mmlu/data.tar.gz"), gpt2 = qeval_test::data("tokenizers/gpt2");
    if (!archive || !gpt2) return;
    auto const                          task = qeval::mmlu::load(archive->parent_path());
    qeval::in_process<qeval::tokenizer> engine(std::make_unique<counting_lm>(), qeval::load_tokenizer(*gpt2));
    double                              naive = 0; // the prompt with its one answer token, which is not read
    for (auto const& q : qeval_test::questions_of(engine, task)) naive += double(q.requests[0].context.size());
    (void)qeval::run_task(engine, task, 32);
    double const ratio = double(static_cast<counting_lm&>(engine.model()).computed) / naive;
    INFO(task.items.size() << " questions, " << naive << " tokens, ratio " << ratio);
    CHECK(task.items.size() == 14042);
    CHECK(ratio <= 0.18);
    std::cout << "5-shot MMLU: " << ratio << " of " << naive << " tokens\n";
}
