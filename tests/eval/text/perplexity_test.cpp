// Perplexity against numpy (tests/golden/make_statistics.py).
// Also tests llamacpp_windows.hpp, ../result/perplexity_result.hpp.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <tests/golden/statistics_golden.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity.hpp>
#include <qeval/eval/text/whole_windows.hpp>

using namespace qeval_test;

namespace {

bool close(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)); }

auto const no_progress = [](qeval::index, std::span<double const>) {};

constexpr qeval::llamacpp_half_window half{32};
constexpr qeval::gptq_2048            whole{64};

} // namespace

TEST_CASE("perplexity equals numpy's under both protocols, in any batch and order") {
    for (auto const& c : perplexity_cases) {
        for (qeval::index batch_tokens : {1, 64, 100000}) {
            scripted_engine engine;
            engine.noise     = c.noise;
            engine.backwards = batch_tokens == 64;
            auto const text  = qeval::cut_into_windows(engine, half, golden_text(), "text");
            auto const r     = qeval::perplexity_of(qeval::token_losses(engine, text, batch_tokens, no_progress), text);
            CHECK(close(r.perplexity.value, c.half_window, 1e-9));
            CHECK(close(r.perplexity.error, c.half_window_error, 1e-9));
            CHECK(double(r.scored_tokens) == c.half_window_tokens);
            CHECK(r.windows == 12);
            CHECK(r.text_tokens == 401);
            CHECK(r.not_finite == 0);

            auto const long_text = qeval::cut_into_windows(engine, whole, golden_text(), "text");
            auto const g =
                qeval::perplexity_of(qeval::token_losses(engine, long_text, batch_tokens, no_progress), long_text);
            CHECK(close(g.perplexity.value, c.gptq, 1e-9));
            CHECK(double(g.scored_tokens) == c.gptq_tokens);
            CHECK(g.window == 64);
        }
    }
}

TEST_CASE("perplexity is bitwise the same for any batch and order of delivery") {
    scripted_engine forward, backward;
    backward.backwards = true;
    auto const text    = qeval::cut_into_windows(forward, half, golden_text(), "text");
    CHECK(qeval::token_losses(forward, text, 1, no_progress) == qeval::token_losses(backward, text, 4096, no_progress));
}

TEST_CASE("broken logits are counted and make the number NaN instead of passing for good") {
    scripted_engine engine;
    engine.poison   = std::numeric_limits<float>::quiet_NaN();
    auto const text = qeval::cut_into_windows(engine, half, golden_text(), "text");
    auto const r    = qeval::perplexity_of(qeval::token_losses(engine, text, 4096, no_progress), text);
    CHECK(std::isnan(r.perplexity.value));
    CHECK(r.not_finite == r.scored_tokens);
}

TEST_CASE("the half-window protocol writes BOS over each window's first token, GPTQ's writes it once") {
    scripted_engine engine;
    auto const      a = qeval::cut_into_windows(engine, half, golden_text(), "text");
    auto const      g = qeval::cut_into_windows(engine, whole, golden_text(), "text");
    CHECK(a.at(0)[0] == engine.bos_token);
    CHECK(a.at(3)[0] == engine.bos_token);
    CHECK(g.at(0)[0] == engine.bos_token);
    CHECK(g.at(1)[0] == engine.encode(golden_text())[63]);
    CHECK(a.at(3)[1] == engine.encode(golden_text())[32 * 3]);
    engine.bos_token = -1; // a tokenizer that adds none
    auto const none  = qeval::cut_into_windows(engine, half, golden_text(), "text");
    CHECK(none.text_tokens == 400);
    CHECK(none.at(1)[0] == engine.encode(golden_text())[32]);
}

TEST_CASE("special tokens in a text are spelled out by llama.cpp's protocol and read by GPTQ's, departures are named") {
    struct reader : scripted_engine {
        [[nodiscard]] std::optional<std::vector<qeval::token>>
        encode_with_specials(std::string_view text) const override {
            return std::vector<qeval::token>(text.size(), 0);
        }
    };
    reader          able;
    scripted_engine unable;
    auto const      text = golden_text();
    CHECK(qeval::cut_into_windows(able, half, text, "text").at(1)[3] == able.encode(text)[34]);
    CHECK(qeval::cut_into_windows(able, whole, text, "text").at(1)[3] == 0);
    CHECK(qeval::cut_into_windows(able, half, text, "text").protocol.find("special") == std::string::npos);
    CHECK(qeval::cut_into_windows(able, whole, text, "text").protocol.find("special") == std::string::npos);
    auto const read = qeval::cut_into_windows(able, qeval::llamacpp_half_window{32, true}, text, "text");
    CHECK(read.at(1)[3] == 0);
    CHECK(read.protocol.find("special tokens in the text read as tokens") != std::string::npos);
    CHECK(qeval::cut_into_windows(unable, whole, text, "text").protocol.find("spelled out") != std::string::npos);
}

TEST_CASE("a text below the protocol's minimum is refused with both counts") {
    scripted_engine engine;
    auto const      cut = [&](std::size_t characters) {
        return qeval::cut_into_windows(engine, half, golden_text().substr(0, characters), "wiki.txt");
    };
    CHECK(cut(63).count() == 2); // 64 tokens with BOS
    CHECK_THROWS_WITH(
        cut(62), Catch::StartsWith("error[EV01] wiki.txt: found 63 tokens, expected at least 64 (2 windows of 32)"));
}

TEST_CASE("a window longer than the model's context is refused, a limit keeps the first windows") {
    scripted_engine engine;
    engine.context = 63;
    CHECK_THROWS_WITH(qeval::cut_into_windows(engine, whole, golden_text(), "text"), Catch::Contains("EV02"));
    CHECK(qeval::cut_into_windows(engine, half, golden_text(), "text", 3).count() == 3);
    CHECK(qeval::cut_into_windows(engine, half, golden_text(), "text", 300).count() == 12);
}
