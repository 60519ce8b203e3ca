// Scales that are quantized themselves: the code book and the choice of codes.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/policy/double_quantized.hpp>

namespace {

float entry(unsigned c) { return qeval::levels<qeval::dynamic_map>::value(c); }

TEST_CASE("the dynamic map ascends, is symmetric but for its 1, and has 0 in the middle") {
    for (unsigned c = 0; c < 255; ++c) CHECK(entry(c) < entry(c + 1));
    for (unsigned c = 0; c < 127; ++c) CHECK(entry(c) == -entry(254 - c));
    CHECK(entry(127) == 0.0f);
    CHECK(entry(255) == 1.0f);
    CHECK(entry(128) == Approx(5.5e-7f)); // 1e-6 times the middle of 0.1 and 1
    CHECK(entry(254) == Approx(0.99296875f));
}

TEST_CASE("each scale gets the nearest entry, the lower one of two that are equally near") {
    qeval::random_stream const draw(4);
    std::vector<float>         scales(1000);
    for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = static_cast<float>(std::pow(draw.uniform(i), 4.0));
    std::vector<std::uint8_t> codes(scales.size());
    float                     nested[4] = {}, offset = 0;
    std::byte* const plane[3] = {reinterpret_cast<std::byte*>(codes.data()), reinterpret_cast<std::byte*>(nested),
                                 reinterpret_cast<std::byte*>(&offset)};
    qeval::double_quantized<256>::store(plane, scales);
    for (std::size_t i = 0; i < scales.size(); ++i) {
        float const x    = (scales[i] - offset) * (1.0f / nested[i / 256]);
        unsigned    best = 0;
        for (unsigned c = 1; c < 256; ++c) {
            if (std::fabs(x - entry(c)) < std::fabs(x - entry(best))) best = c;
        }
        CHECK(unsigned{codes[i]} == best);
    }
}

} // namespace
