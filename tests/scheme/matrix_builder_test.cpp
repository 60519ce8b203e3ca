// What reaches the encoders: the importance of a matrix's columns where its format weighs errors, and a note where it
// has none.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

constexpr qeval::index rows = 3, cols = 256;

struct fixture {
    qeval::format_table      formats = qeval::table_of<qeval::catalog>();
    qeval::thread_pool       pool{1};
    std::vector<float>       w = std::vector<float>(rows * cols), weights = std::vector<float>(cols);
    qeval::importance_matrix importance{"imatrix.gguf", "", {}};
    qeval::model_description model;
    qeval::tensor_slot const slot{qeval::tensor_role::mlp_up, 0, 1, "w", false};

    fixture() {
        qeval::random_stream const random(1);
        for (std::size_t i = 0; i < w.size(); ++i) w[i] = float(random.uniform(i)) * 2 - 1;
        for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = k % 3 == 0 ? 100.0f : 0.01f;
        (void)importance.add("w", weights);
    }
    [[nodiscard]] qeval::tensor_view stored(std::string name) const {
        return {std::move(name), "F32", {rows, cols}, std::as_bytes(std::span(w)), {}};
    }
    [[nodiscard]] qeval::matrix_builder builder(std::string const& scheme, qeval::importance_matrix const* with) {
        return {qeval::scheme_plan(qeval::parse_scheme(scheme), model, formats, with != nullptr), pool, {false, with}};
    }
};
std::vector<std::byte> bytes_of(qeval::any_packed const& m) {
    std::vector<std::byte> all;
    m.write([&](std::span<std::byte const> piece) { all.insert(all.end(), piece.begin(), piece.end()); });
    return all;
}

} // namespace

TEST_CASE("an importance matrix changes what weighing encoders write, to what pack() with it writes") {
    fixture f;
    for (char const* scheme : {"all:q4_k", "all:q4_0", "all:iq4_nl"}) {
        INFO(scheme);
        auto       weighed = f.builder(scheme, &f.importance), plain = f.builder(scheme, nullptr);
        auto const bytes = bytes_of(*weighed.pack(f.stored("w"), f.slot).packed);
        CHECK(bytes != bytes_of(*plain.pack(f.stored("w"), f.slot).packed));
        auto const format = f.formats.find(scheme + 4);
        REQUIRE(format->weighs_importance());
        CHECK(bytes ==
              bytes_of(*format->pack(qeval::matrix_view<float const>(f.w.data(), rows, cols), f.pool, f.weights)));
        CHECK(weighed.account().notes.empty());
    }
}

TEST_CASE("formats that weigh no errors encode the same with an importance matrix") {
    fixture f;
    for (char const* scheme : {"all:q8_0", "all:f16", "all:nf4"}) {
        INFO(scheme);
        auto weighed = f.builder(scheme, &f.importance), plain = f.builder(scheme, nullptr);
        CHECK(bytes_of(*weighed.pack(f.stored("w"), f.slot).packed) ==
              bytes_of(*plain.pack(f.stored("w"), f.slot).packed));
        CHECK(weighed.account().notes.empty());
    }
}

TEST_CASE("a matrix that the importance matrix lacks is named; embeddings and heads are never in one") {
    fixture f;
    auto    b = f.builder("all:q4_k", &f.importance);
    (void)b.pack(f.stored("other"), {qeval::tensor_role::mlp_up, 0, 1, "other", false});
    REQUIRE(b.account().notes.size() == 1);
    CHECK(b.account().notes[0] == "other: not in imatrix.gguf; all weights count alike");
    (void)b.pack(f.stored("token"), {qeval::tensor_role::embedding, -1, 1, "token", false});
    CHECK(b.account().notes.size() == 1);
}

TEST_CASE("IM05: an importance matrix of another model is refused by the columns of a matrix") {
    fixture f;
    (void)f.importance.add("short", {1, 2, 3});
    auto b = f.builder("all:q4_k", &f.importance);
    try {
        (void)b.pack(f.stored("short"), {qeval::tensor_role::mlp_up, 0, 1, "short", false});
        FAIL("accepted");
    } catch (qeval::file_error const& e) {
        CHECK(e.id() == "IM05");
        CHECK(e.why().found == "3 numbers");
        CHECK(e.why().expected == "256, one for each column");
    }
}
