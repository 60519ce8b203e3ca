// Special tokens are tokens in marked places of a text, and text everywhere else.
#include <algorithm>
#include <string>
#include <vector>

#include <qeval/io/tokenizer/marked_encoder.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

#include "tests/io/tokenizer/tokenizer_cases.hpp"

using namespace qeval;
using namespace qeval_test;

namespace {

tokenizer bundled() { return load_tokenizer(source("examples/models/qeval-5m")); }

} // namespace

TEST_CASE("a special token is one where it stands within a marked place, and is spelled out where it does not") {
    auto const           words = bundled();
    marked_encoder const encode(words.parts());
    std::string const    end(words.piece(words.eos())), text = "a" + end + "b" + end;
    auto const           first = 1, second = int(end.size()) + 2, size = int(text.size());
    auto const           ends = [&](std::vector<text_range> const& marks) {
        std::vector<bool> is_end;
        for (token const id : encode(text, marks).tokens) is_end.push_back(id == words.eos());
        return is_end;
    };
    auto const count = [&](std::vector<text_range> const& marks) {
        auto const all = ends(marks);
        return std::count(all.begin(), all.end(), true);
    };
    auto const place = [](int begin, int stop) { return text_range{std::size_t(begin), std::size_t(stop)}; };
    CHECK(count({}) == 0);
    CHECK(ends({place(0, size)}) == std::vector<bool>{false, true, false, true});
    CHECK(ends({place(first, second - 1)}).at(1));
    CHECK(count({place(first, second - 1)}) == 1);
    CHECK(ends({place(second, size)}).back());
    CHECK(count({place(second, size)}) == 1);
    CHECK(count({place(first, second - 1), place(second, size)}) == 2);
    CHECK(count({place(first + 1, size)}) == 1);                        // the first one is not whole
    CHECK(count({place(0, first + 2), place(first + 2, second)}) == 0); // nor within one of the places
    CHECK(encode(text, {}).tokens == words.encode(text));
}

TEST_CASE("places are those of the text that is given, whatever bytes of it are no UTF-8") {
    auto const           words = bundled();
    marked_encoder const encode(words.parts());
    std::string const    end(words.piece(words.eos())), text = "\xff" + end + "\x80" + end + "\xc3";
    text_range const     second{2 + end.size(), 2 + 2 * end.size()};
    auto const           ids = encode(text, {&second, 1}).tokens;
    CHECK(std::count(ids.begin(), ids.end(), words.eos()) == 1);
    CHECK(ids.at(ids.size() - 2) == words.eos());
    CHECK(words.decode_with_specials(ids) == text);
}

TEST_CASE("repeated pre-tokens give the same tokens as the first") {
    auto const           words = bundled();
    marked_encoder const encode(words.parts());
    auto const           once = encode(" hello", {}).tokens;
    std::string          text;
    std::vector<token>   want;
    for (int i = 0; i < 50; ++i) {
        text += " hello";
        want.insert(want.end(), once.begin(), once.end());
    }
    CHECK(encode(text, {}).tokens == want);
}
