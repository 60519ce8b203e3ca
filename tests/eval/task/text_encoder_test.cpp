// A text encoder that remembers gives the tokens of encoding each text whole, and asks for little of it.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/io/tokenizer/real_tokenizers.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/io/chat/chat_format.hpp>
#include <qeval/io/chat/chat_templates.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

using namespace qeval;

namespace {

// Words of letters and runs of anything else; a token is a word's length, its first and its last byte, and whether it
// stands where the text begins. "<>" is a special token where it is marked.
struct word_engine final : any_engine {
    bool                lines = true;
    mutable std::size_t bytes = 0; // encoded so far

    explicit word_engine(bool by_lines = true) : lines(by_lines) {}
    [[nodiscard]] bool               ends_words_with_lines() const override { return lines; }
    [[nodiscard]] bool               ends_marked_words_with_lines() const override { return lines; }
    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        return encode_marked(text, {}).value();
    }
    [[nodiscard]] std::optional<std::vector<token>> encode_marked(std::string_view            text,
                                                                  std::span<text_range const> marks) const override {
        bytes += text.size();
        if (first_bad_utf8(text)) return std::vector<token>{token(text.size()), -7}; // as a whole
        auto const special = [&](std::size_t at) {
            return text.substr(at, 2) == "<>" &&
                   std::ranges::any_of(marks, [&](auto const& r) { return r.begin <= at && at + 2 <= r.end; });
        };
        auto const         word = [](char c) { return c != ' ' && c != '\n' && c != '.'; };
        std::vector<token> ids;
        for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
            if (special(at)) {
                ids.push_back(-9);
                end = at + 2;
                continue;
            }
            for (end = at + 1; end < text.size() && word(text[end]) == word(text[at]) && !special(end);) ++end;
            ids.push_back(token(end - at) << 17 | token(at == 0) << 16 | token(text[at] & 127) << 8 |
                          (text[end - 1] & 127));
        }
        return ids;
    }
    [[nodiscard]] std::string  decode(std::span<token const>) const override { return {}; }
    [[nodiscard]] token        bos() const override { return 3; }
    [[nodiscard]] token        eos() const override { return 4; }
    [[nodiscard]] qeval::index max_tokens() const override { return 5; }
    std::vector<score>         log_likelihoods(std::span<score_request const>) override { return {}; }
    std::vector<generation>    generate(std::span<generate_request const>) override { return {}; }
};

constexpr std::string_view parts[] = {"a",  "bc",  " ",    "\n",         "\n\n",  ".",          ".\n", "1\n",
                                      "Q:", "\n ", "\xff", "word\nword", "A\n\n", "\xc3\xa9\n", "",    "<>"};

// A tokenizer as an engine that only encodes, and counts what it is asked for.
struct vocabulary_engine final : any_engine {
    tokenizer           words;
    mutable std::size_t bytes = 0;

    explicit vocabulary_engine(std::filesystem::path const& path) : words(load_tokenizer(path)) {}
    [[nodiscard]] bool ends_words_with_lines() const override { return words.ends_words_with_lines(); }
    [[nodiscard]] bool ends_marked_words_with_lines() const override { return words.ends_marked_words_with_lines(); }
    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        bytes += text.size();
        return words.encode(text);
    }
    [[nodiscard]] std::optional<std::vector<token>> encode_marked(std::string_view            text,
                                                                  std::span<text_range const> marks) const override {
        bytes += text.size();
        return words.encode_marked(text, marks);
    }
    [[nodiscard]] std::string  decode(std::span<token const>) const override { return {}; }
    [[nodiscard]] token        bos() const override { return -1; }
    [[nodiscard]] token        eos() const override { return -1; }
    [[nodiscard]] qeval::index max_tokens() const override { return 4096; }
    std::vector<score>         log_likelihoods(std::span<score_request const>) override { return {}; }
    std::vector<generation>    generate(std::span<generate_request const>) override { return {}; }
};

} // namespace

TEST_CASE("whatever was encoded before, a text has the tokens of encoding it whole") {
    for (bool const lines : {true, false}) {
        random_stream const draws(3);
        word_engine         engine(lines), fresh;
        text_encoder        words(engine);
        std::string         text;
        auto                marks = std::vector<text_range>();
        std::size_t         wrong = 0;
        for (std::uint64_t at = 0, trial = 0; trial < 20000; ++trial) {
            text.resize(draws.below(text.size() + 1, at++)); // begins like the last one
            for (auto n = draws.below(8, at++); n > 0; --n) text += parts[draws.below(std::size(parts), at++)];
            if (trial % 3 == 0) marks.clear();
            if (!marks.empty() && marks.back().end > text.size()) marks.pop_back();
            for (std::size_t from = marks.empty() ? 0 : marks.back().end; from + 4 < text.size() && trial % 3 > 0;) {
                marks.push_back({from + draws.below(4, at++), 0});
                marks.back().end = from = std::min(text.size(), marks.back().begin + 1 + draws.below(9, at++));
            }
            wrong += words.encode({text, marks}) != fresh.encode_marked(text, marks);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("the choices of a conversation have the tokens of encoding each whole, and share most of them") {
    std::size_t shared = 0;
    for (auto const& path : qeval_test::real_tokenizers()) {
        INFO(path);
        vocabulary_engine engine(path);
        std::size_t       wrong = 0, asked = 0, whole = 0;
        for (auto const& rules : chat_templates) {
            chat_format chat(rules);
            chat.bos = "<s>", chat.eos = "<|endoftext|>";
            text_encoder words(engine);
            for (int item = 0; item < 4; ++item) {
                std::vector<chat_message> talk;
                for (int shot = 0; shot < 3; ++shot) {
                    talk.push_back({chat_role::user, "Question " + std::to_string(shot) +
                                                         " of <s> many\nA. one  </s>\nB. \xc3\xa9t\xc3\xa9\nAnswer:"});
                    talk.push_back({chat_role::assistant, "B"});
                }
                talk.push_back({chat_role::user, "What is " + std::to_string(item) + "\n\nA. <|im_end|>\nAnswer:"});
                chat_text const text = chat.write(std::move(talk));
                for (std::string_view const choice : {"A", " B", "\nC", "D.\n\n", "<|im_end|>"}) {
                    prompt_text const prompt{text.text() + std::string(choice),
                                             {text.markup().begin(), text.markup().end()}};
                    auto const        before = engine.bytes;
                    auto const        ids    = words.encode(prompt);
                    asked += engine.bytes - before;
                    whole += prompt.text.size();
                    wrong += ids != engine.words.encode_marked(prompt.text, prompt.markup);
                }
            }
        }
        CHECK(wrong == 0);
        CHECK((asked * 2 < whole) == engine.ends_marked_words_with_lines());
        shared += engine.ends_marked_words_with_lines();
    }
    CHECK(shared > 0);
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
