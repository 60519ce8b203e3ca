// A text encoder that remembers gives the tokens of encoding each text whole, and asks for little of it.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/eval/task/text_encoder.hpp>

using namespace qeval;

namespace {

// Words of letters and runs of anything else; a token is a word's length, its first and its last byte, and whether it
// stands where the text begins.
struct word_engine final : any_engine {
    bool                lines = true;
    mutable std::size_t bytes = 0; // encoded so far

    explicit word_engine(bool by_lines = true) : lines(by_lines) {}
    [[nodiscard]] bool               ends_words_with_lines() const override { return lines; }
    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        bytes += text.size();
        if (first_bad_utf8(text)) return {token(text.size()), -7}; // as a whole
        std::vector<token> ids;
        for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
            auto const word = [](char c) { return c != ' ' && c != '\n' && c != '.'; };
            for (end = at + 1; end < text.size() && word(text[end]) == word(text[at]);) ++end;
            ids.push_back(token(end - at) << 17 | token(at == 0) << 16 | token(text[at] & 127) << 8 |
                          (text[end - 1] & 127));
        }
        return ids;
    }
    [[nodiscard]] std::string decode(std::span<token const>) const override { return {}; }
    [[nodiscard]] token       bos() const override { return 3; }
    [[nodiscard]] token       eos() const override { return 4; }
    [[nodiscard]] index       max_tokens() const override { return 5; }
    std::vector<score>        log_likelihoods(std::span<score_request const>) override { return {}; }
    std::vector<generation>   generate(std::span<generate_request const>) override { return {}; }
};

constexpr std::string_view parts[] = {"a",  "bc",  " ",    "\n",         "\n\n",  ".",          ".\n", "1\n",
                                      "Q:", "\n ", "\xff", "word\nword", "A\n\n", "\xc3\xa9\n", ""};

} // namespace

TEST_CASE("whatever was encoded before, a text has the tokens of encoding it whole") {
    for (bool const lines : {true, false}) {
        random_stream const draws(3);
        word_engine         engine(lines), fresh;
        text_encoder        words(engine);
        std::string         text;
        std::size_t         wrong = 0;
        for (std::uint64_t at = 0, trial = 0; trial < 20000; ++trial) {
            text.resize(draws.below(text.size() + 1, at++)); // begins like the last one
            for (auto n = draws.below(8, at++); n > 0; --n) text += parts[draws.below(std::size(parts), at++)];
            wrong += words.encode(text) != fresh.encode(text);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("of texts that share their lines, only what differs is encoded") {
    std::string shared;
    for (int i = 0; i < 100; ++i) shared += "a line of the examples\n";
    for (bool const lines : {true, false}) {
        word_engine  engine(lines);
        text_encoder words(engine);
        (void)words.encode(shared);
        auto const before = engine.bytes;
        for (int i = 0; i < 10; ++i) (void)words.encode(shared + "question " + std::to_string(i));
        CHECK((engine.bytes - before < shared.size()) == lines);
    }
}

TEST_CASE("an encoder has its engine's limits, or those of another engine") {
    word_engine        engine;
    text_encoder const own(engine), other(engine, prompt_limits{-1, 0, 99});
    CHECK(own.bos() == 3);
    CHECK(own.eos() == 4);
    CHECK(own.max_tokens() == 5);
    CHECK(other.bos() == -1);
    CHECK(other.limits().max_tokens == 99);
}
