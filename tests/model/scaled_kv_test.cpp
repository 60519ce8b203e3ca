// Keys and values under the scales of a checkpoint: every layer has its own, for keys and for values.
#include <cmath>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include <qeval/model/cpu/kv_cache.hpp>
#include <qeval/model/scaled_kv.hpp>

#include "tests/support/catch.hpp"

namespace {

std::vector<float> row(qeval::index count, float step) {
    std::vector<float> x(static_cast<std::size_t>(count));
    std::iota(x.begin(), x.end(), -static_cast<float>(count) / 2);
    for (float& v : x) v = v * step + 0.01f;
    return x;
}
float as_int8(float x, float scale) { return std::fmin(127.0f, std::fmax(-128.0f, std::nearbyint(x / scale))) * scale; }
float as_fp8(float x, float scale) { return qeval::e4m3::from(x / scale).to_float() * scale; }

} // namespace

TEST_CASE("a row is stored in a byte a value, and reads back as the rounded number of scales") {
    for (float const scale : {0.0078125f, 0.3f, 2.0f}) {
        auto const x     = row(500, 0.6f);
        auto const check = [&](qeval::kv_format const& format, float (*rounded)(float, float)) {
            REQUIRE(format.row_bytes(500) == 500);
            std::vector<std::byte> bytes(1000);
            format.encode(x, bytes.data());
            format.encode(x, bytes.data() + 500);
            std::vector<float> out(1000);
            format.decode(bytes.data(), 2, {out.data(), 2, 500});
            bool all = true;
            for (std::size_t i = 0; i < out.size(); ++i) all = all && out[i] == rounded(x[i % 500], scale);
            CHECK(all);
        };
        check(qeval::scaled_kv<qeval::int8_units>(scale), &as_int8);
        check(qeval::scaled_kv<qeval::fp8_units>(scale), &as_fp8);
    }
}

TEST_CASE("a cache keeps the keys and the values of each layer under the scales of that layer") {
    qeval::cache_shape shape;
    shape.layers = 2, shape.kv_heads = 1, shape.head_size = 16, shape.max_tokens = 64, shape.value_size = 8;
    std::vector<qeval::kv_scales> const              scales = {{0.5f, 0.25f}, {0.125f, 1.0f}};
    qeval::scaled_kv_layers<qeval::int8_units> const format(scales);
    qeval::cpu::kv_cache                             cache(shape, &format);
    CHECK(format.layers() == 2);
    CHECK(format.name() == "int8 with stored scales");
    CHECK(cache.page_bytes() == 2 * 16 * (16 + 8));
    auto const keys = row(16, 0.37f), values = row(8, 0.83f);
    for (qeval::index layer = 0; layer < 2; ++layer) {
        cache.open(layer, 1);
        cache.store(layer, 0, 0, keys, values);
        qeval::cpu::kv_cache::head_view const view(cache, layer, 0, 0, 1);
        auto const&                           s = scales[static_cast<std::size_t>(layer)];
        for (std::size_t i = 0; i < 16; ++i) CHECK(view.keys(0)[i * 16] == as_int8(keys[i], s.keys));
        for (std::size_t i = 0; i < 8; ++i) CHECK(view.values(0)[i] == as_int8(values[i], s.values));
    }
}
