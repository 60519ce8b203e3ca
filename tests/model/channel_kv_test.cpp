// Keys and values under the scales and offsets of a checkpoint: every channel of every layer has its own.
#include <cmath>
#include <cstddef>
#include <vector>

#include <qeval/model/channel_kv.hpp>
#include <qeval/model/cpu/kv_cache.hpp>

#include "tests/support/catch.hpp"

namespace {

float rounded(float x, float scale, float zero) {
    return (std::fmin(127.0f, std::fmax(-128.0f, std::nearbyint(x / scale + zero))) - zero) * scale;
}
qeval::channel_numbers numbers(int count, int seed) {
    qeval::channel_numbers n;
    for (int i = 0; i < count; ++i) {
        n.scales.push_back(0.01f + 0.003f * static_cast<float>((i * 7 + seed) % 11));
        n.zeros.push_back(static_cast<float>((i * 37 + seed * 11) % 256 - 128));
    }
    return n;
}

} // namespace

TEST_CASE("each channel of a head is rounded with its own scale and offset, in the layer and head that it belongs to") {
    qeval::cache_shape shape;
    shape.layers = 2, shape.kv_heads = 3, shape.head_size = 16, shape.max_tokens = 64, shape.value_size = 8;
    std::vector<qeval::channel_numbers> const keys{numbers(48, 1), numbers(48, 2)},
        values{numbers(24, 3), numbers(24, 4)};
    std::vector<qeval::channel_kv_layers::layer> layers;
    for (std::size_t l = 0; l < 2; ++l)
        layers.push_back(
            {qeval::channel_kv_layers::by_heads(keys[l], 3), qeval::channel_kv_layers::by_heads(values[l], 3)});
    qeval::channel_kv_layers const format(std::move(layers));
    qeval::cpu::kv_cache           cache(shape, &format);
    CHECK(format.layers() == 2);
    CHECK(cache.page_bytes() == 2 * 3 * 16 * (16 + 8));
    std::vector<float> key, value;
    for (int i = 0; i < 16; ++i) key.push_back(0.4f * static_cast<float>(i - 8) + 0.01f);
    for (int i = 0; i < 8; ++i) value.push_back(0.9f * static_cast<float>(i - 4));
    for (qeval::index layer = 0; layer < 2; ++layer) {
        cache.open(layer, 1);
        for (qeval::index head = 0; head < 3; ++head) {
            cache.store(layer, head, 0, key, value);
            qeval::cpu::kv_cache::head_view const view(cache, layer, head, 0, 1);
            auto const&                           k = keys[static_cast<std::size_t>(layer)];
            auto const&                           v = values[static_cast<std::size_t>(layer)];
            for (std::size_t i = 0; i < 16; ++i) {
                auto const c = static_cast<std::size_t>(head) * 16 + i;
                CHECK(view.keys(0)[i * 16] == rounded(key[i], k.scales[c], k.zeros[c]));
            }
            for (std::size_t i = 0; i < 8; ++i) {
                auto const c = static_cast<std::size_t>(head) * 8 + i;
                CHECK(view.values(0)[i] == rounded(value[i], v.scales[c], v.zeros[c]));
            }
        }
    }
}
