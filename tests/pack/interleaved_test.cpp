// The kernel layout holds the file's bytes, each once.
// Also tests quad_walk.hpp.
#include <algorithm>
#include <cstring>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/pack/interleaved.hpp>

namespace {

using qeval::index;

template <class F>
void check_layout(index rows, index cols) {
    qeval::packed_matrix<F>    m(rows, cols);
    qeval::random_stream const draw(11);
    auto* const                bytes = reinterpret_cast<std::uint8_t*>(m.blocks());
    for (std::size_t i = 0; i < m.stored().size(); ++i) bytes[i] = static_cast<std::uint8_t>(draw.bits(i));

    qeval::thread_pool                 pool(2);
    qeval::interleaved_matrix<F> const k(m.view(), pool);
    int                                wrong = 0;
    for (index r = 0; r < rows; ++r) {
        for (index b = 0; b < k.blocks(); ++b) {
            auto const block = k.block(r, b);
            wrong += std::memcmp(&block, m.view().row(r) + b, sizeof block) != 0;
        }
    }
    CHECK(wrong == 0);
    // as large as the file, but for rows up to sixteen and the alignment of panels
    index const panels = (rows + 15) / 16;
    CHECK(index(k.bytes()) >= panels * 16 * k.blocks() * index(sizeof(qeval::cell_of<F>)));
    CHECK(index(k.bytes()) < panels * (16 * k.blocks() * index(sizeof(qeval::cell_of<F>)) + 64));
}

TEST_CASE("every block comes back from the kernel layout") {
    int checked = 0;
    qeval::for_each_format(qeval::catalog{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::interleavable<F>) {
            INFO(qeval::name_of<F>());
            check_layout<F>(16, 2 * F::block_size);
            check_layout<F>(37, 3 * F::block_size); // an odd number of blocks, and rows that fill no panel
            ++checked;
        }
    });
    CHECK(checked >= 14);
}

TEST_CASE("where rows hold whole groups of blocks, codes begin on cache lines") {
    qeval::thread_pool                           pool(1);
    qeval::packed_matrix<qeval::q6_k>            m(16, 1024); // blocks of 210 bytes
    qeval::interleaved_matrix<qeval::q6_k> const k(m.view(), pool);
    for (index b = 0; b < 4; ++b) CHECK(reinterpret_cast<std::uintptr_t>(k.find(0, b).codes) % 64 == 0);
}

TEST_CASE("a walk visits every quad once and gives every dword a place of its own") {
    qeval::for_each_format(qeval::catalog{}, [](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::interleavable<F>) {
            INFO(qeval::name_of<F>());
            using walk = qeval::quad_walk<typename F::packing_type, F::block_size>;
            std::vector<int> quads, places(walk::place.begin(), walk::place.end());
            for (int i = 0; i < walk::quads; ++i) quads.push_back(walk::at(i));
            std::ranges::sort(quads);
            std::ranges::sort(places);
            for (int i = 0; i < int(quads.size()); ++i) CHECK(quads[std::size_t(i)] == i);
            for (int i = 0; i < int(places.size()); ++i) CHECK(places[std::size_t(i)] == i);
        }
    });
    // Q6_K: low bits of quads 0 and 16, of 8 and 24, and the high bits of all four lie in places 0, 2 and 1.
    using six = qeval::quad_walk<qeval::q6_k::packing_type, 256>;
    CHECK(six::tile == 128);
    CHECK(six::place[0] == 0);
    CHECK(six::place[32] == 1);
    CHECK(six::place[8] == 2);
    CHECK(six::place[1] == 3);
}

} // namespace
