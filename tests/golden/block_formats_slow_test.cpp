// Formats stored as blocks, byte for byte against their origins: ggml and the gguf package.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tests/golden/golden_check.hpp>
#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/format/catalog.hpp>

namespace {

using namespace qeval_test;

template <class F>
std::vector<std::byte> encode(std::vector<float> const& w) {
    constexpr auto         size = static_cast<std::size_t>(F::block_size);
    std::vector<std::byte> out(w.size() / size * sizeof(typename F::block_type));
    for (std::size_t b = 0; b < w.size() / size; ++b) {
        typename F::block_type block;
        qeval::encode<F>(std::span<float const, size>(w.data() + b * size, size), block);
        std::memcpy(out.data() + b * sizeof block, &block, sizeof block);
    }
    return out;
}

template <class F>
std::vector<float> decode(std::span<std::uint8_t const> bytes) {
    constexpr auto     size   = static_cast<std::size_t>(F::block_size);
    std::size_t const  blocks = bytes.size() / sizeof(typename F::block_type);
    std::vector<float> out(blocks * size);
    for (std::size_t b = 0; b < blocks; ++b) {
        typename F::block_type block;
        std::memcpy(&block, bytes.data() + b * sizeof block, sizeof block);
        for (std::size_t i = 0; i < size; ++i)
            out[b * size + i] = qeval::decode<F>(block, static_cast<qeval::index>(i));
    }
    return out;
}

// f16 and e8m0 fields of the random blocks, as make_formats.py has them.
struct block_fields {
    std::string_view format;
    std::vector<int> f16_at, e8m0_at;
};
block_fields const fields[] = {{"Q4_0", {0}, {}},    {"Q4_1", {0, 2}, {}},   {"Q5_0", {0}, {}},   {"Q5_1", {0, 2}, {}},
                               {"Q8_0", {0}, {}},    {"Q2_K", {80, 82}, {}}, {"Q3_K", {108}, {}}, {"Q4_K", {0, 2}, {}},
                               {"Q5_K", {0, 2}, {}}, {"Q6_K", {208}, {}},    {"MXFP4", {}, {0}}};

template <class F>
void check_blocks(std::string_view origin, qeval::index at_least) {
    constexpr auto name  = qeval::name_of<F>();
    qeval::index   total = 0;
    for (format_golden const& g : goldens(origin, name, "blocks")) {
        total += g.rows * g.cols;
        auto const ours = encode<F>(weight_stream(g.stream).take(g.rows * g.cols));
        auto const text = difference(g, ours, sizeof(typename F::block_type));
        INFO(text);
        CHECK(text.empty());
    }
    CHECK(total >= at_least);
}

template <class F>
void check_values() {
    constexpr auto name = qeval::name_of<F>();
    auto const at = std::find_if(std::begin(fields), std::end(fields), [&](auto const& f) { return f.format == name; });
    REQUIRE(at != std::end(fields));
    // ggml has one zero in its e2m1 table, the OCP specification two.
    auto const found = goldens("gguf", name, std::is_same_v<F, qeval::mxfp4> ? "values, -0 as +0" : "values");
    REQUIRE(found.size() == 1);
    format_golden const& g = found[0];
    REQUIRE(g.rows * g.cols >= 1'000'000);
    auto const bytes  = block_bytes(name, g.rows, sizeof(typename F::block_type), at->f16_at, at->e8m0_at);
    auto       values = decode<F>(bytes);
    if (g.what != "values") {
        for (float& v : values) v += 0.0f;
    }
    auto const text = difference(g, std::as_bytes(std::span(values)), sizeof(float));
    INFO(text);
    CHECK(text.empty());
}

// The tensors of an rwkv.cpp file: header u32 magic, version, n_vocab, n_embed, n_layer, data_type; then for each
// tensor u32 n_dims, key length, type, dims, key, data.
struct rwkv_tensor {
    std::string      key;
    std::uint32_t    type = 0;
    std::string_view data;
};
std::vector<rwkv_tensor> read_rwkv(std::string_view file) {
    std::size_t at   = 24;
    auto const  word = [&] {
        std::uint32_t v = 0;
        std::memcpy(&v, file.substr(at, 4).data(), 4);
        at += 4;
        return v;
    };
    std::vector<rwkv_tensor> tensors;
    while (at < file.size()) {
        std::uint32_t const dims = word(), length = word(), type = word();
        std::size_t         count = 1;
        for (std::uint32_t d = 0; d < dims; ++d) count *= word();
        std::string key(file.substr(at, length));
        at += length;
        std::size_t const bytes = type == 0   ? 4 * count
                                  : type == 1 ? 2 * count
                                  : type == 7 ? count / 32 * sizeof(qeval::q5_0::block_type)
                                              : count / 32 * sizeof(qeval::q5_1::block_type);
        tensors.push_back({key, type, file.substr(at, bytes)});
        at += bytes;
    }
    return tensors;
}
std::string read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Re-encodes the FP32 file's tensors and compares with the quantized file; returns the number of blocks compared.
template <class F>
std::size_t compare_rwkv(std::string const& f32_file, std::string const& quantized_file, std::uint32_t type) {
    auto const  source = read_rwkv(f32_file), target = read_rwkv(quantized_file);
    std::size_t blocks = 0;
    REQUIRE(source.size() == target.size());
    for (std::size_t t = 0; t < target.size(); ++t) {
        REQUIRE(source[t].key == target[t].key);
        if (target[t].type != type) continue;
        std::vector<float> w(source[t].data.size() / sizeof(float));
        std::memcpy(w.data(), source[t].data.data(), source[t].data.size());
        auto const ours = encode<F>(w);
        INFO(target[t].key);
        REQUIRE(ours.size() == target[t].data.size());
        CHECK(std::memcmp(ours.data(), target[t].data.data(), ours.size()) == 0);
        blocks += ours.size() / sizeof(typename F::block_type);
    }
    return blocks;
}

} // namespace

TEMPLATE_TEST_CASE("a million and more weights encode to the bytes of ggml's reference encoder", "[golden]",
                   qeval::q8_0, qeval::q4_0, qeval::q4_1, qeval::q5_0, qeval::q5_1, qeval::q2_k, qeval::q3_k,
                   qeval::q4_k, qeval::q5_k, qeval::q6_k) {
    check_blocks<TestType>("ggml", 1'000'000);
}

TEMPLATE_TEST_CASE("a million and more weights encode to the bytes of the gguf package", "[golden]", qeval::q8_0,
                   qeval::q4_0, qeval::q4_1, qeval::q5_0, qeval::q5_1) {
    check_blocks<TestType>("gguf", 1'000'000);
}

TEST_CASE("MXFP4 rounds as the OCP specification says", "[golden]") {
    check_blocks<qeval::mxfp4>("formula", 1'000'000);
}

TEMPLATE_TEST_CASE("a million random codes decode to the gguf package's values, bit for bit", "[golden]", qeval::q8_0,
                   qeval::q4_0, qeval::q4_1, qeval::q5_0, qeval::q5_1, qeval::q2_k, qeval::q3_k, qeval::q4_k,
                   qeval::q5_k, qeval::q6_k, qeval::mxfp4) {
    check_values<TestType>();
}

TEST_CASE("a trained model's Q5_0 and Q5_1 blocks, as ggml wrote them, come out byte for byte", "[golden][data]") {
    auto const f32  = data("quant-golden/rwkv4-660K/tiny-rwkv-4v0-660K-FP32.bin");
    auto const q5_0 = data("quant-golden/rwkv4-660K/tiny-rwkv-4v0-660K-Q5_0.bin");
    auto const q5_1 = data("quant-golden/rwkv4-660K/tiny-rwkv-4v0-660K-Q5_1.bin");
    if (!f32 || !q5_0 || !q5_1) return;
    std::string const source = read_file(*f32);
    CHECK(compare_rwkv<qeval::q5_0>(source, read_file(*q5_0), 7) == 18432);
    CHECK(compare_rwkv<qeval::q5_1>(source, read_file(*q5_1), 8) == 18432);
}
