// Codes and scales that go from ggml's blocks to integers in groups and back: values are equal one by one, and so are
// the bytes of what comes back.
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/random.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/catalog/q4_1.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/scheme/output/exact_forms.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/catch.hpp"

namespace {

using qeval::index;
using some = qeval::format_list<qeval::dense_f32, qeval::q4_0, qeval::q4_1, qeval::q8_0, qeval::int4, qeval::int4_sym,
                                qeval::int8_sym>;

constexpr index rows = 24, cols = 96;

qeval::format_table const& formats() {
    static auto const all = qeval::table_of<some>();
    return all;
}
qeval::thread_pool pool(2);

// Rows of very different magnitude, one of zeros; one whose scales 16 bits round to nothing, or not.
std::vector<float> weights(int smallest = -11) {
    std::vector<float>         w(rows * cols);
    qeval::random_stream const random(5);
    for (std::size_t i = 0; i < w.size(); ++i) {
        auto const r = static_cast<int>(i / cols);
        w[i] =
            r == 3 ? 0 : static_cast<float>((random.uniform(i) - 0.5) * std::pow(10.0, r == 4 ? smallest : r % 5 - 3));
    }
    return w;
}
std::vector<std::byte> bytes_of(qeval::any_packed const& m) {
    std::vector<std::byte> all;
    m.write([&](std::span<std::byte const> part) { all.insert(all.end(), part.begin(), part.end()); });
    return all;
}
std::vector<float> values_of(qeval::any_packed const& m) {
    std::vector<float> all(rows * cols);
    m.decode(0, all);
    return all;
}
// The matrix as another format that holds its numbers; `at`: which of those.
std::unique_ptr<qeval::any_packed> taken_over(qeval::any_packed const& from, std::string const& wanted) {
    for (auto const& form : qeval::exact_forms) {
        auto const name = form.to(from.format(), from.cols());
        if (name.empty() || formats().find(name)->name() != formats().find(wanted)->name()) continue;
        auto const made = form.make(from, "w", pool);
        return formats().find(name)->read(made->span(), from.rows(), from.cols(), "w", made);
    }
    return nullptr;
}

} // namespace

TEST_CASE("ggml's blocks are integers in groups of 32 with the same values, and come back byte for byte") {
    for (auto const& [blocks, integers] : {std::pair{"Q4_0", "int4:g32:sym"}, {"Q8_0", "int8:g32:sym"}}) {
        for (int const smallest : {-4, -11}) {
            INFO(blocks << ", 10^" << smallest);
            auto const w    = weights(smallest);
            auto const from = formats().find(blocks)->pack({w.data(), rows, cols}, pool);
            auto const made = taken_over(*from, integers);
            REQUIRE(made != nullptr);
            CHECK(values_of(*made) == values_of(*from));
            auto const back = taken_over(*made, blocks);
            REQUIRE(back != nullptr);
            CHECK(values_of(*back) == values_of(*from));
            // What has no scale comes back as a block of zeros, whatever its codes were.
            if (smallest == -4) CHECK(bytes_of(*back) == bytes_of(*from));
        }
    }
}

TEST_CASE("integers in longer groups are ggml's blocks with a scale written several times") {
    auto const w = weights();
    for (auto const* name : {"int4:channel:sym", "int4:g96:sym", "int4:g32:sym"}) {
        auto const from = formats().find(name)->pack({w.data(), rows, cols}, pool);
        auto const made = taken_over(*from, "Q4_0");
        REQUIRE(made != nullptr);
        CHECK(values_of(*made) == values_of(*from));
    }
    auto const odd = formats().find("int4:g48:sym")->pack({w.data(), rows, cols}, pool); // blocks would straddle groups
    CHECK(taken_over(*odd, "Q4_0") == nullptr);
}

TEST_CASE("a scale of 32 bits that 16 do not hold is refused, and is no reason to round it") {
    std::vector<float> const w(rows * cols, 0.1f);
    auto const               from = formats().find("int8:g32:sym")->pack({w.data(), rows, cols}, pool);
    CHECK_THROWS_AS(taken_over(*from, "Q8_0"), qeval::file_error);
}

TEST_CASE("minima are zero points where they are whole steps, and are refused with what is left where they are not") {
    auto const w    = weights();
    auto const from = formats().find("Q4_1")->pack({w.data(), rows, cols}, pool);
    try {
        (void)taken_over(*from, "int4:g32");
        FAIL_CHECK("not refused");
    } catch (qeval::usage_error const& e) {
        CHECK(e.id() == "SC10");
        CHECK_THAT(e.what(), Catch::Contains("values differ, by up to") && Catch::Contains("relative RMS"));
    }
    // d = 0.5, m = -1.5: a zero point of 3
    std::vector<qeval::q4_1::block_type> blocks(rows * cols / 32);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        blocks[b].scales[0]  = qeval::f16::from(0.5f);
        blocks[b].offsets[0] = qeval::f16::from(-0.5f * static_cast<float>(b % 16));
        for (std::size_t j = 0; j < 16; ++j) blocks[b].codes[j] = static_cast<std::uint8_t>(37 * j + b);
    }
    auto const whole = formats().find("Q4_1")->read(std::as_bytes(std::span(blocks)), rows, cols, "w");
    auto const made  = taken_over(*whole, "int4:g32");
    REQUIRE(made != nullptr);
    CHECK(values_of(*made) == values_of(*whole));
}
