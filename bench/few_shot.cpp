// What a long few-shot task costs beside the model: 5-shot MMLU, prepared and put to an engine whose answers cost
// nothing, for a reference and one scheme. Memory: the most bytes that were allocated at a time, over those of the
// tokenizer. Time: making all questions once, each text encoded whole or, where the tokenizer allows, from the last
// common line on; the ratio is of the same moment of the machine.
//   bench_few_shot MMLU_FOLDER TOKENIZER
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <malloc.h>

#include <qeval/core/stopwatch.hpp>
#include <qeval/eval/engine_rows.hpp>
#include <qeval/eval/evaluation.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

namespace {

std::atomic<std::size_t> allocated, most_allocated;

void* counted(std::size_t bytes) {
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) throw std::bad_alloc();
    std::size_t const now = allocated += malloc_usable_size(memory);
    for (std::size_t most = most_allocated; now > most && !most_allocated.compare_exchange_weak(most, now);) {}
    return memory;
}
void uncounted(void* memory) {
    if (memory == nullptr) return;
    allocated -= malloc_usable_size(memory);
    std::free(memory);
}

// Scores without a model.
struct scripted final : qeval::any_engine {
    qeval::tokenizer words;
    bool             by_lines;

    explicit scripted(qeval::tokenizer t, bool lines = true) : words(std::move(t)), by_lines(lines) {}

    [[nodiscard]] std::vector<qeval::token> encode(std::string_view text) const override { return words.encode(text); }
    [[nodiscard]] std::string decode(std::span<qeval::token const> ids) const override { return words.decode(ids); }
    [[nodiscard]] bool ends_words_with_lines() const override { return by_lines && words.ends_words_with_lines(); }
    [[nodiscard]] qeval::token bos() const override { return words.adds_bos() ? words.bos() : -1; }
    [[nodiscard]] qeval::token eos() const override { return words.eos(); }
    [[nodiscard]] qeval::index max_tokens() const override { return 8192; }
    std::vector<qeval::score>  log_likelihoods(std::span<qeval::score_request const> requests) override {
        std::vector<qeval::score> scores;
        for (auto const& r : requests)
            scores.push_back({-static_cast<double>(r.context.size() % 7), false, std::ssize(r.continuation)});
        return scores;
    }
    std::vector<qeval::generation> generate(std::span<qeval::generate_request const>) override { return {}; }
};
struct scripted_rows final : qeval::engine_rows {
    qeval::tokenizer words;

    explicit scripted_rows(qeval::tokenizer t) : words(std::move(t)) {}

    [[nodiscard]] std::unique_ptr<qeval::any_engine> open(std::string const&) override {
        return std::make_unique<scripted>(words);
    }
    [[nodiscard]] qeval::provenance origin() override { return {}; }
};

double seconds_to_ask_all(qeval::mmlu const& task, scripted const& engine, std::size_t& tokens) {
    qeval::stopwatch const time;
    qeval::text_encoder    words(engine);
    for (std::size_t i = 0; i < task.items.size(); ++i) {
        for (auto const& r : task.ask(words, i).requests) tokens += r.context.size() + r.continuation.size();
    }
    return time.seconds();
}

} // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void  operator delete(void* memory) noexcept { uncounted(memory); }
void  operator delete(void* memory, std::size_t) noexcept { uncounted(memory); }

int main(int argc, char** argv) {
    if (argc != 3) return std::fputs("bench_few_shot MMLU_FOLDER TOKENIZER\n", stderr), 2;
    try {
        auto const        words  = qeval::load_tokenizer(argv[2]);
        std::size_t const before = allocated;
        auto const        mib    = [&](std::size_t bytes) {
            return static_cast<double>(bytes - before) / static_cast<double>(1 << 20);
        };
        {
            most_allocated    = before;
            auto const loaded = qeval::any_tasks_of(qeval::mmlu::load(argv[1]));
            std::printf("loaded: %.1f MiB, at most %.1f MiB on the way\n", mib(allocated), mib(most_allocated));
            most_allocated = allocated.load();
            qeval::evaluation_options options;
            options.schemes = {"other"};
            scripted_rows rows(words);
            auto const    result = qeval::evaluate(loaded, options, rows);
            std::printf("prepared, asked and compared: at most %.1f MiB; with all outcomes of two schemes %.1f MiB\n",
                        mib(most_allocated), mib(allocated));
        }
        auto const  task   = qeval::mmlu::load(argv[1]);
        std::size_t tokens = 0, same = 0;
        double      whole = 1e30, lines = 1e30;
        for (int i = 0; i < 3; ++i) {
            tokens = same = 0;
            whole         = std::min(whole, seconds_to_ask_all(task, scripted(words, false), tokens));
            lines         = std::min(lines, seconds_to_ask_all(task, scripted(words), same));
        }
        if (same != tokens) return std::fputs("the two ways give other tokens\n", stderr), 1;
        std::printf("%zu questions, %zu tokens: whole %.2f s, by lines %.2f s, ratio %.3f\n", task.items.size(), tokens,
                    whole, lines, lines / whole);
        return 0;
    } catch (qeval::error const& e) {
        return std::fprintf(stderr, "%s\n", e.what()), 1;
    }
}
