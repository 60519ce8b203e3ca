// A matrix from the bytes of a file: where they lie, if somebody keeps them and their place allows it, else a copy.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/error.hpp>
#include <qeval/core/random.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/q4_k.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/stored.hpp>

namespace {

using qeval::index;

constexpr index rows = 5, cols = 256;

template <class F>
qeval::packed_matrix<F> sample() {
    qeval::random_stream const draw(5);
    std::vector<float>         w(std::size_t(rows * cols));
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(draw.uniform(i) - 0.5);
    return qeval::pack<F>(qeval::matrix_view<float const>(w.data(), rows, cols));
}

// The stored bytes, `shift` bytes after an aligned place.
template <class F>
std::shared_ptr<qeval::aligned_bytes> file_of(qeval::packed_matrix<F> const& m, std::size_t shift) {
    auto        file = std::make_shared<qeval::aligned_bytes>(static_cast<std::size_t>(m.bytes()) + shift);
    std::size_t at   = shift;
    qeval::write_stored(m, [&](std::span<std::byte const> piece) {
        std::copy(piece.begin(), piece.end(), file->data() + at);
        at += piece.size();
    });
    return file;
}

template <class F>
bool equal(qeval::packed_matrix<F> const& a, qeval::packed_matrix<F> const& b) {
    for (index r = 0; r < rows; ++r) {
        for (index c = 0; c < cols; ++c) {
            if (a(r, c) != b(r, c)) return false;
        }
    }
    return true;
}

template <class F>
void check_places() {
    INFO(qeval::name_of<F>());
    auto const m = sample<F>();
    for (std::size_t shift : {0u, 1u, 2u, 4u}) {
        auto const file  = file_of(m, shift);
        auto const bytes = file->span().subspan(shift);
        auto const mine  = qeval::read_stored<F>(bytes, rows, cols, "test");
        CHECK_FALSE(mine.shares());
        CHECK(equal(mine, m));

        auto const kept = qeval::read_stored<F>(bytes, rows, cols, "test", {}, file);
        CHECK(kept.shares() == qeval::packed_matrix<F>::can_share(bytes.data(), rows, cols));
        CHECK(file.use_count() == (kept.shares() ? 2 : 1));
        CHECK(equal(kept, m));
        if (shift == 0) CHECK(kept.shares());
        std::vector<std::byte> again; // what is written is what was read
        qeval::write_stored(
            kept, [&](std::span<std::byte const> piece) { again.insert(again.end(), piece.begin(), piece.end()); });
        CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    }
}

TEST_CASE(
    "stored bytes are used where they lie if somebody keeps them, and copied where a number would be misaligned") {
    check_places<qeval::q4_k>();       // blocks of half floats
    check_places<qeval::dense_f32>();  // numbers
    check_places<qeval::dense_bf16>(); //
    check_places<qeval::int4>();       // planes
    CHECK_FALSE(qeval::packed_matrix<qeval::dense_f32>::can_share(
        reinterpret_cast<std::byte const*>(std::uintptr_t{66}), 1, 1));
    CHECK(qeval::packed_matrix<qeval::dense_bf16>::can_share(reinterpret_cast<std::byte const*>(std::uintptr_t{66}), 1,
                                                             1));
}

TEST_CASE("a matrix keeps the bytes it shares, after everybody else has let go") {
    auto const          m    = sample<qeval::q4_k>();
    auto                file = file_of(m, 0);
    auto                kept = qeval::read_stored<qeval::q4_k>(file->span(), rows, cols, "test", {}, file);
    std::weak_ptr const watch(file);
    file.reset();
    auto const moved = std::move(kept);
    CHECK_FALSE(watch.expired());
    CHECK(equal(moved, m));
}

TEST_CASE("another number of bytes than the shape asks for is refused, kept or not") {
    auto const m    = sample<qeval::q4_k>();
    auto const file = file_of(m, 1);
    try {
        (void)qeval::read_stored<qeval::q4_k>(file->span(), rows, cols, "tensor \"w\"", {}, file);
        FAIL("accepted");
    } catch (qeval::file_error const& e) {
        CHECK_THAT(e.what(), Catch::Contains("PK01") && Catch::Contains("tensor \"w\"") &&
                                 Catch::Contains("721 bytes") && Catch::Contains("720"));
    }
}

} // namespace
