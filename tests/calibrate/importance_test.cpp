// Importance against llama.cpp's llama-imatrix (tests/golden/make_imatrix.py), and what it may not depend on.
// Also tests calibration_text.hpp.
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <qeval/calibrate/calibration_text.hpp>
#include <qeval/calibrate/importance.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

struct fixture {
    std::filesystem::path      path = source("tests/golden/imatrix/model.gguf");
    thread_pool                pool{2};
    checkpoint                 file  = open_floats(path);
    std::unique_ptr<causal_lm> model = model_of(file, cpu::host(pool), packed_as<dense_f32>(cpu::exact_path{}, pool));
    tokenizer                  words = load_tokenizer(path);
    std::string                text  = slurp(source("tests/golden/imatrix/text.txt"));

    named_column_sums collect(index pass_tokens, bool head, chunk_options const& how = {64, 0, false}) {
        importance_collector collector([](tensor_slot const& slot) { return slot.name; });
        model->observe(std::ref(collector));
        read_calibration_text(*model, cut_calibration_text(words, text, how, "text.txt"), pass_tokens, head,
                              [](index) {});
        model->observe({});
        return collector.sums();
    }
};
std::vector<float> floats_of(tensor_view const& t) {
    std::vector<float> x(std::size_t(t.count()));
    std::memcpy(x.data(), t.bytes.data(), t.bytes.size());
    return x;
}
bool same(named_column_sums const& a, named_column_sums const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto const& x, auto const& y) {
        return x.first == y.first && x.second.squares == y.second.squares && x.second.sums == y.second.sums &&
               x.second.counts == y.second.counts;
    });
}

} // namespace

TEST_CASE("every column's sum of squares is llama.cpp's within 1e-4, every matrix's count exactly") {
    fixture                      f;
    auto const                   sums     = f.collect(512, true);
    static constexpr gguf_type   f32      = {0, "F32", 1, 4};
    auto const                   expected = read_gguf(source("tests/golden/imatrix/expected.gguf"), {&f32, 1});
    std::map<std::string, index> seen;
    for (auto const& t : expected.tensors) {
        auto const dot    = t.name.rfind('.');
        auto const kind   = t.name.substr(dot);
        auto const values = floats_of(t);
        auto const mine   = sums.find(canonical_name(t.name.substr(0, dot), llama::gguf_names));
        INFO(t.name);
        REQUIRE(mine != sums.end());
        if (kind == ".in_sum2") {
            REQUIRE(mine->second.squares.size() == values.size());
            for (std::size_t i = 0; i < values.size(); ++i)
                CHECK(double(mine->second.squares[i]) == Approx(double(values[i])).epsilon(1e-4));
        } else if (kind == ".in_sum") { // beside the sum's terms, of both signs
            REQUIRE(mine->second.sums.size() == values.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
                double const terms = std::sqrt(double(mine->second.squares[i]) * double(mine->second.counts[0]));
                CHECK(std::abs(double(mine->second.sums[i] - values[i])) <= 1e-4 * terms);
            }
        } else if (kind == ".counts") {
            CHECK(std::vector<float>(mine->second.counts.begin(), mine->second.counts.end()) == values);
        }
        ++seen[kind];
    }
    CHECK(seen[".in_sum2"] == 2 * 7 + 1);
    CHECK(seen[".in_sum2"] == index(sums.size()));
}
TEST_CASE("sums are the same bits however the text is cut into passes, and whether the head is asked") {
    fixture    f;
    auto const sums = f.collect(512, true);
    for (index const pass : {7, 64, 100, 128}) CHECK(same(sums, f.collect(pass, true)));
    auto without = f.collect(512, false);
    CHECK(without.size() + 1 == sums.size());
    CHECK(without.count("lm_head.weight") == 0);
    without.emplace("lm_head.weight", sums.at("lm_head.weight"));
    CHECK(same(sums, without));
}
TEST_CASE(
    "a text becomes whole chunks that begin with BOS; a text of less than two, and a context too long, are refused") {
    fixture    f;
    auto const whole = cut_calibration_text(f.words, f.text, {64, 0, false}, "text.txt");
    auto const plain = f.words.encode(f.text.substr(0, f.text.size() - 1)); // without the newline at its end
    CHECK(whole.chunks == (index(plain.size()) + 1) / 64);
    for (index c = 0; c < whole.chunks; ++c) {
        auto const chunk = whole.chunk(c);
        CHECK(chunk[0] == f.words.bos());
        for (std::size_t i = 1; i < 64; ++i) CHECK(chunk[i] == plain[std::size_t(c) * 64 + i - 1]);
    }
    CHECK(cut_calibration_text(f.words, f.text, {64, 2, false}, "text.txt").tokens ==
          std::vector<token>(whole.tokens.begin(), whole.tokens.begin() + 128));
    auto const special = cut_calibration_text(f.words, "</s>" + f.text, {64, 0, true}, "text.txt");
    CHECK(special.tokens[1] == f.words.eos());
    CHECK_THROWS_WITH(cut_calibration_text(f.words, "Too short.", {64, 0, false}, "short.txt"),
                      Catch::Contains("error[CA02] short.txt") && Catch::Contains("at least 128"));
    CHECK_THROWS_WITH(f.collect(512, false, {300, 0, false}), Catch::Contains("error[CA02]"));
    f.text += f.text + f.text;
    CHECK_THROWS_WITH(f.collect(512, false, {300, 0, false}),
                      Catch::Contains("error[CA03] --ctx: found 300") && Catch::Contains("256"));
}
TEST_CASE("experts are summed apart, matrices without a name not at all, and sums that are not finite are refused") {
    importance_collector collector([](tensor_slot const& slot) { return slot.layer < 0 ? "" : slot.name; });
    std::vector<float>   x = {1, -2, 3, 4};
    tensor_slot          slot{tensor_role::mlp_down, 0, 1, "blk.0.ffn_down_exps.weight", false}, outside;
    auto const           show = [&](tensor_slot s, index rows, index expert) {
        s.member = expert;
        std::vector<token_place> const places(static_cast<std::size_t>(rows));
        collector({s, {x.data(), rows, 2}, places});
    };
    show(slot, 1, 2);
    show(slot, 2, 0);
    show(outside, 2, -1);
    auto const& s = collector.sums().at(slot.name);
    CHECK(collector.sums().size() == 1);
    CHECK(s.counts == std::vector<std::uint64_t>{2, 0, 1});
    CHECK(s.squares == std::vector<float>{10, 20, 0, 0, 1, 4});
    CHECK(s.sums == std::vector<float>{4, 2, 0, 0, 1, -2});
    x[1] = 3e38f;
    show(slot, 1, 1);
    CHECK_THROWS_WITH(collector.sums(), Catch::Contains("error[CA01] tensor \"blk.0.ffn_down_exps.weight\""));
}

} // namespace qeval
