// Also tests ../kv_format.hpp.
#include <cmath>
#include <vector>

#include <qeval/model/cpu/kv_cache.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

constexpr cache_shape shape{2, 3, 10, 100}; // 2 layers, 3 heads of 10, 100 positions

float key_at(index layer, index head, index position, index i) {
    return float(layer * 1000 + head * 100 + position) + float(i) / 16;
}

void fill(cpu::kv_cache& c, index positions, float shift = 0) {
    c.reserve(positions);
    for (index l = 0; l < shape.layers; ++l) c.open(l, positions);
    std::vector<float> k(10), v(10);
    for (index p = c.length(); p < c.length() + positions; ++p) {
        for (index l = 0; l < shape.layers; ++l) {
            for (index h = 0; h < shape.kv_heads; ++h) {
                for (index i = 0; i < 10; ++i) {
                    k[std::size_t(i)] = key_at(l, h, p, i) + shift;
                    v[std::size_t(i)] = -key_at(l, h, p, i) - shift;
                }
                c.store(l, h, p, k, v);
            }
        }
    }
    c.advance(positions);
}
// Whether positions [from, to) read back as fill() wrote them, to half a unit in the last place of `bits` of fraction.
bool holds(cpu::kv_cache const& c, index from, index to, float shift, double relative = 0) {
    for (index l = 0; l < shape.layers; ++l) {
        for (index h = 0; h < shape.kv_heads; ++h) {
            cpu::kv_cache::head_view const view(c, l, h, from / 16, (to + 15) / 16);
            for (index p = from; p < to; ++p) {
                for (index i = 0; i < 10; ++i) {
                    float const expected = key_at(l, h, p, i) + shift;
                    float const k        = view.keys(p / 16)[i * 16 + p % 16];
                    float const v        = view.values(p / 16)[(p % 16) * c.padded_value() + i];
                    if (std::abs(double(k) - double(expected)) > relative * double(expected) || k != -v) return false;
                }
            }
        }
    }
    return true;
}

} // namespace

TEST_CASE("keys and values come back, over page borders and in pieces") {
    cpu::kv_cache c(shape, nullptr);
    fill(c, 5);
    fill(c, 11);
    fill(c, 1);
    fill(c, 30);
    CHECK(c.length() == 47);
    CHECK(holds(c, 0, 47, 0));
    CHECK_FALSE(holds(c, 0, 47, 1)); // the comparison can fail
}

TEST_CASE("other storage formats round and nothing else") {
    cpu::kv_cache half(shape, &kv_format_for<kv_plain<f16>>()), brain(shape, &kv_format_for<kv_plain<bf16>>());
    cpu::kv_cache full(shape, &kv_format_for<kv_plain<float>>()), plain(shape, nullptr);
    fill(half, 40), fill(brain, 40), fill(full, 40);
    CHECK(holds(half, 0, 40, 0, 0x1p-11));
    CHECK_FALSE(holds(half, 0, 40, 0, 0x1p-13));
    CHECK(holds(brain, 0, 40, 0, 0x1p-8));
    CHECK_FALSE(holds(brain, 0, 40, 0, 0x1p-10));
    CHECK(holds(full, 0, 40, 0));
    CHECK(half.page_bytes() == 2 * 3 * 2 * 16 * 10 * 2); // layers, heads, K and V, positions, head size, bytes
    CHECK(full.page_bytes() == 2 * half.page_bytes());
    CHECK(plain.page_bytes() == 2 * 3 * 16 * (10 + 16) * 4); // f32 values are padded to 16
}

TEST_CASE("a fork begins with the same positions, and neither side sees what the other writes") {
    for (kv_format const* const format : {static_cast<kv_format const*>(nullptr), &kv_format_for<kv_plain<float>>()}) {
        cpu::kv_cache c(shape, format);
        fill(c, 37);
        for (index const at : {0, 1, 15, 16, 17, 32, 37}) {
            auto a = c.fork(at), b = c.fork(at);
            CHECK(a.length() == at);
            fill(a, 20, 5000);
            fill(b, 3, 7000);
            CHECK(holds(a, 0, at, 0));
            CHECK(holds(a, at, at + 20, 5000));
            CHECK(holds(b, 0, at, 0));
            CHECK(holds(b, at, at + 3, 7000));
            CHECK(holds(c, 0, 37, 0));
        }
        auto early = c.fork(20); // and the original goes on while a fork lives
        fill(c, 10);
        CHECK(holds(c, 0, 47, 0));
        CHECK(holds(early, 0, 20, 0));
    }
}

TEST_CASE("more positions than the context are refused before anything is stored") {
    cpu::kv_cache c(shape, nullptr);
    fill(c, 99);
    CHECK_THROWS_WITH(c.reserve(2), Catch::Contains("error[MO01]") && Catch::Contains("99 + 2 tokens") &&
                                        Catch::Contains("at most 100"));
    CHECK(c.length() == 99);
    fill(c, 1);
    CHECK(holds(c, 0, 100, 0));
}

} // namespace qeval
