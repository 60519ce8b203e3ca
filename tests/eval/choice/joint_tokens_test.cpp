// lm-eval's way from texts to tokens.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/core/random.hpp>
#include <qeval/eval/choice/joint_tokens.hpp>

using namespace qeval_test;
using qeval::token;

namespace {

// A tokenizer whose pieces swallow spaces and join words: what joint tokenization is about.
struct piece_engine : scripted_engine {
    static constexpr std::string_view pieces[] = {" the", "the", " cat", "cat", " b",          "ab",
                                                  "a",    "b",   " ",    "\n",  "\xe3\x80\x80"};

    [[nodiscard]] std::vector<token> encode(std::string_view text) const override {
        std::vector<token> ids;
        while (!text.empty()) {
            std::size_t best = 0, length = 0;
            for (std::size_t i = 0; i < std::size(pieces); ++i) {
                if (pieces[i].size() > length && text.substr(0, pieces[i].size()) == pieces[i]) {
                    best   = i;
                    length = pieces[i].size();
                }
            }
            ids.push_back(length == 0 ? token(40) : token(best));
            text.remove_prefix(std::max<std::size_t>(1, length));
        }
        return ids;
    }
};
using ids = std::vector<token>;

qeval::joint_tokens jointly(piece_engine& e, std::string context, std::string continuation, std::string_view item) {
    qeval::text_encoder words(e);
    return qeval::tokenize_jointly(words, {std::move(context)}, std::move(continuation), item);
}

} // namespace

TEST_CASE("context and continuation are tokenized together and split by the context's length") {
    piece_engine e;
    auto const   t = jointly(e, "the", " cat", "x");
    CHECK(t.request.context == ids{1, 1}); // BOS, "the"
    CHECK(t.request.continuation == ids{2});
    CHECK(!t.truncated);
    // The context alone has 1 token, the whole is one piece "ab": nothing is left, which is an error, not a 0.
    CHECK_THROWS_WITH(jointly(e, "a", "b", "q7"), Catch::Contains("EV04") && Catch::Contains("q7"));
}

TEST_CASE("white space that ends a context moves to the continuation, Unicode's too") {
    piece_engine e;
    e.bos_token  = -1;
    auto const t = jointly(e, "the ", "b", "x");
    CHECK(t.request.context == ids{1});
    CHECK(t.request.continuation == ids{4}); // " b"
    CHECK(jointly(e, "the\n \n", "b", "x").request.continuation == ids{9, 8, 9, 7});
    CHECK(jointly(e, "the\xe3\x80\x80", "b", "x").request.continuation == ids{10, 7});
    CHECK(qeval::trailing_space("a \xc2\xa0\t") == 4);
    CHECK(qeval::trailing_space(" \xc2\xa0") == 3);
    CHECK(qeval::trailing_space("a\xc2") == 0);
}

TEST_CASE("an empty context is the beginning-of-text token, else the end-of-text token") {
    piece_engine e;
    CHECK(jointly(e, "", "cat", "x").request.context == ids{1});
    e.bos_token = -1;
    CHECK(jointly(e, "", "cat", "x").request.context == ids{0});
    CHECK(jointly(e, " ", "cat", "x").request.continuation == ids{2});
}

TEST_CASE("a request that does not fit loses its context's left, one token more than the context length fits") {
    piece_engine e;
    e.context    = 4;
    auto const t = jointly(e, "the cat the cat", " b", "x"); // BOS + 4 + 1 = 6 tokens; 5 fit
    CHECK(t.truncated);
    CHECK(t.request.context == ids{1, 2, 0, 2});
    CHECK(t.request.continuation == ids{4});
    CHECK(!jointly(e, "the cat the", " b", "x").truncated);
    CHECK_THROWS_WITH(jointly(e, "the", " b b b b b", "x"), Catch::Contains("EV05"));
}

TEST_CASE("a request has the tokens of its whole text, cut to the last that fit, whatever was asked before") {
    constexpr std::string_view words[] = {"the", " the", " cat", " b", "a", "b", " ", "\n", "x", "\xe3\x80\x80"};
    piece_engine               e;
    e.context = 12;
    qeval::random_stream const draws(7);
    qeval::text_encoder        encoder(e);
    qeval::shared_context      last;
    std::string                context;
    std::size_t                asked = 0, shared = 0;
    for (std::uint64_t at = 0, trial = 0; trial < 5000; ++trial) {
        auto const text = [&](std::uint64_t most) {
            std::string t;
            for (auto n = draws.below(most, at++); n > 0; --n) t += words[draws.below(std::size(words), at++)];
            return t;
        };
        if (trial % 4 == 0) context = text(9);
        std::string const   continuation = text(5);
        auto const          before       = last.tokens;
        qeval::joint_tokens got, alone;
        try {
            got = qeval::tokenize_jointly(encoder, {context}, continuation, "x", last);
        } catch (qeval::file_error const&) {
            CHECK_THROWS_AS(jointly(e, context, continuation, "x"), qeval::file_error);
            continue;
        }
        alone = jointly(e, context, continuation, "x");
        CHECK(got.request.context == alone.request.context);
        CHECK(got.request.continuation == alone.request.continuation);
        CHECK(got.truncated == alone.truncated);

        ids all(got.request.context.begin(), got.request.context.end());
        all.insert(all.end(), got.request.continuation.begin(), got.request.continuation.end());
        ids whole = e.encode(context + continuation);
        whole.insert(whole.begin(), e.bos());
        CHECK(all.size() == std::min<std::size_t>(whole.size(), 13)); // one more than is read
        CHECK(std::equal(all.rbegin(), all.rend(), whole.rbegin()));
        CHECK(got.truncated == (whole.size() > 13));
        ++asked;
        if (before == last.tokens) {
            CHECK(before.data() == last.tokens.data()); // not only equal
            shared += !before.empty();
        }
    }
    CHECK(asked > 2000);
    CHECK(shared > 500);
}
