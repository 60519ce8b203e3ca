// How protocols cut texts: what holds for the windows of all of them, whatever the lengths of text and window.
// Also tests protocol.hpp.
#include <map>
#include <string>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/text/acceptance_windows.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/rolling_windows.hpp>
#include <qeval/eval/text/strided_windows.hpp>
#include <qeval/eval/text/whole_windows.hpp>

using namespace qeval_test;

namespace {

std::string text_of(std::size_t size) {
    std::string text = golden_text();
    while (text.size() < size) text += text;
    return text.substr(0, size);
}

template <class Protocol>
void check(std::size_t size, qeval::index ctx) {
    INFO(Protocol::name << ", " << size << " characters, ctx " << ctx);
    scripted_engine engine;
    engine.context = 64;
    Protocol how;
    how.ctx = ctx;
    qeval::text_windows w;
    try {
        w = qeval::cut_into_windows(engine, how, text_of(size), "text");
    } catch (qeval::error const& e) {
        CHECK((std::string(e.id()) == "EV01" || std::string(e.id()) == "EV02")); // too short a text, too long a window
        return;
    }
    REQUIRE(w.count() > 0);
    qeval::index                scored = 0;
    std::map<qeval::index, int> times; // that a token of the text is predicted
    for (qeval::index i = 0; i < w.count(); ++i) {
        auto const& one = w.window(i);
        CHECK(one.begin >= 0);
        CHECK(one.begin + one.size <= std::ssize(w.tokens));
        CHECK(one.size - 1 <= engine.max_tokens()); // the last token is not read
        CHECK(one.first >= 0);
        CHECK(one.scored() >= 0);
        CHECK(one.slot == scored);
        CHECK(w.slots_before(i) == scored);
        CHECK(one.size <= w.longest());
        scored += one.scored();
        for (qeval::index p = one.first; p < one.size - 1; ++p) ++times[one.begin + p + 1];
    }
    CHECK(w.positions() == scored);
    CHECK(w.slots_before(w.count()) == scored);
    for (auto const& [token, n] : times) CHECK(n == 1);
    CHECK(w.metrics.size() == Protocol::metrics().size());

    for (qeval::index const tokens : {1, 100, 1000000}) { // batches cover the windows in order
        for (qeval::index begin = 0, end = 0; begin < w.count(); begin = end) {
            end              = w.batch_end(begin, tokens);
            qeval::index sum = 0;
            for (qeval::index i = begin; i < end; ++i) sum += w.window(i).size;
            REQUIRE(end > begin);
            CHECK((sum <= tokens || end == begin + 1));
            CHECK((end == w.count() || sum + w.window(end).size > tokens));
        }
    }
    if constexpr (std::is_same_v<Protocol, qeval::lm_eval_wikitext>) return; // its limit counts pages
    for (qeval::index const limit : {1, 2, 5}) {
        auto const first = qeval::cut_into_windows(engine, how, text_of(size), "text", limit);
        CHECK(first.count() <= limit);
        CHECK(first.count() == std::min(limit, w.count()));
        for (qeval::index i = 0; i < first.count(); ++i) {
            CHECK(first.window(i).begin == w.window(i).begin);
            CHECK(first.window(i).slot == w.window(i).slot);
        }
    }
}
template <class... Protocols>
struct protocols {
    static void check_all(std::size_t size, qeval::index ctx) { (check<Protocols>(size, ctx), ...); }
};
using all_protocols = protocols<qeval::llamacpp_half_window, qeval::llamacpp_stride, qeval::hf_strided,
                                qeval::lm_eval_wikitext, qeval::gptq_2048, qeval::llmc_c4, qeval::llmc_ptb,
                                qeval::llmc_pile, qeval::exllamav3, qeval::kl_acceptance>;

} // namespace

TEST_CASE(
    "windows of every protocol lie in the text and the context, number their positions, and score no token twice") {
    for (std::size_t const size : {1, 5, 31, 32, 33, 64, 65, 127, 400, 1999})
        for (qeval::index const ctx : {2, 3, 8, 31, 32, 63, 64, 65}) all_protocols::check_all(size, ctx);
}

TEST_CASE("protocols that score every token once score all but the first") {
    for (std::size_t const size : {2, 31, 64, 65, 400}) {
        for (qeval::index const ctx : {2, 8, 63, 64}) {
            INFO(size << " characters, ctx " << ctx);
            scripted_engine   engine;
            qeval::hf_strided strided;
            strided.ctx = ctx;
            CHECK(qeval::cut_into_windows(engine, strided, text_of(size), "text").positions() == qeval::index(size));
            qeval::lm_eval_wikitext rolling;
            rolling.ctx  = ctx;
            auto const w = qeval::cut_into_windows(engine, rolling, "x" + std::string(size - 1, 'y'), "text");
            CHECK(w.positions() == qeval::index(size) + 1); // BOS behind the prefix is scored, too
        }
    }
}
