// What msModelSlim itself writes is read in method/golden_test.cpp; here is what is refused, and each type by hand.
// Also tests ascend/channel_cache.hpp, ascend/fixed_inputs.hpp, ascend/offsets.hpp and ascend/scaled_weights.hpp.
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <qeval/core/bits.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/scheme/method/ascend.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::int8_sym, qeval::int8_asym>;

auto const         formats = qeval::table_of<some>();
qeval::thread_pool pool(2);

constexpr qeval::index rows = 3, cols = 8;
constexpr float        input_scale = 0.5f, weight_scales[] = {0.25f, 2, 1.5f};
constexpr int          input_offset = -3;

int code_of(qeval::index i) { return static_cast<int>(i * 37 % 256) - 128; }

struct checkpoint_of {
    std::string                type  = "W8A8";
    std::string                dtype = "float16";
    std::vector<stored_tensor> tensors;
    std::string                more_config = {}, more_description = {};

    // The matrix "a", whose inputs are rounded to stored numbers.
    static checkpoint_of fixed(bool floats = false, bool biased = false) {
        checkpoint_of            c{"W8A8", floats ? "bfloat16" : "float16", {}};
        std::vector<std::int8_t> codes;
        for (qeval::index i = 0; i < rows * cols; ++i) codes.push_back(static_cast<std::int8_t>(code_of(i)));
        std::vector<std::int64_t> bits;
        std::vector<float>        scales, biases;
        std::vector<std::int32_t> moved;
        for (qeval::index r = 0; r < rows; ++r) {
            scales.push_back(input_scale * weight_scales[r]);
            bits.push_back(qeval::bit_cast<std::int32_t>(scales.back()));
            biases.push_back(biased ? 10.0f * static_cast<float>(r + 1) : 0.0f);
            int sum = 0;
            for (qeval::index k = 0; k < cols; ++k) sum += code_of(r * cols + k);
            moved.push_back(static_cast<std::int32_t>(std::nearbyint(biases.back() / scales.back())) -
                            sum * input_offset);
        }
        c.tensors = {stored("a.weight", "I8", {rows, cols}, codes),
                     floats ? stored("a.deq_scale", "F32", {rows}, scales) : stored("a.deq_scale", "I64", {rows}, bits),
                     stored("a.quant_bias", "I32", {rows}, moved),
                     stored("a.input_scale", "F32", {1}, std::vector<float>{input_scale}),
                     stored("a.input_offset", "F32", {1}, std::vector<float>{input_offset})};
        if (biased) c.tensors.push_back(stored("a.bias", "F32", {rows}, biases));
        return c;
    }
    // Without rounded inputs: scales and offsets of the weights.
    static checkpoint_of scaled(std::string const& type, qeval::index groups, std::vector<float> const& offsets) {
        checkpoint_of            c{type, "float16", {}};
        std::vector<std::int8_t> codes;
        for (qeval::index i = 0; i < rows * cols; ++i) codes.push_back(static_cast<std::int8_t>(code_of(i)));
        std::vector<float> scales, zeros;
        for (qeval::index i = 0; i < rows * groups; ++i) {
            scales.push_back(0.5f + static_cast<float>(i));
            zeros.push_back(offsets[static_cast<std::size_t>(i) % offsets.size()]);
        }
        c.tensors = {stored("a.weight", "I8", {rows, cols}, codes),
                     stored("a.weight_scale", "F32", {rows, groups}, scales),
                     stored("a.weight_offset", "F32", {rows, groups}, zeros)};
        return c;
    }
    [[nodiscard]] std::string description() const {
        return R"({"model_quant_type":")" + type + R"(","a.weight":")" + type + R"(","norm.weight":"FLOAT")" +
               more_description + "}";
    }
    void put(scratch const& folder) const {
        put_file(folder / "config.json", config(4, (R"(,"torch_dtype":")" + dtype + "\"" + more_config).c_str()));
        put_file(folder / "quant_model_description_w8a8.json", description());
        put_file(folder / "quant_model_weight_w8a8.safetensors", file_of(tensors));
    }
    // Its first matrix, decoded.
    [[nodiscard]] std::vector<float> values(std::string* format = nullptr) const {
        scratch const folder;
        put(folder);
        auto const                    file = qeval::open_checkpoint(folder.path(), {});
        qeval::quantized_source const source(formats, file, pool);
        auto const*                   t = source.find("a.weight");
        REQUIRE(t != nullptr);
        if (format) *format = t->type;
        std::vector<float> out(static_cast<std::size_t>(t->count()));
        qeval::stored_matrix(*formats.stored(*t), *t)->decode(0, out);
        return out;
    }
};

void refused(checkpoint_of c, std::function<void(checkpoint_of&)> const& spoil, refusal const& wanted) {
    spoil(c);
    check_refused([&] { (void)c.values(); }, wanted);
}
auto const part = [](checkpoint_of& c, std::string const& name) -> stored_tensor& {
    for (auto& t : c.tensors) {
        if (t.name == name) return t;
    }
    FAIL(name);
    return c.tensors.front();
};
template <class Number>
std::function<void(checkpoint_of&)> set(std::string const& name, std::size_t at, Number value) {
    return [=](checkpoint_of& c) { std::memcpy(part(c, name).bytes.data() + at * sizeof value, &value, sizeof value); };
}
auto const without = [](std::string const& name) {
    return [name](checkpoint_of& c) { std::erase_if(c.tensors, [&](auto const& t) { return t.name == name; }); };
};

} // namespace

TEST_CASE("the scale of a row is deq_scale by the input's scale, whether bits or floats are stored") {
    for (bool const floats : {false, true}) {
        for (bool const biased : {false, true}) {
            auto const         all = checkpoint_of::fixed(floats, biased).values();
            std::vector<float> wanted;
            for (qeval::index i = 0; i < rows * cols; ++i)
                wanted.push_back(static_cast<float>(code_of(i)) * weight_scales[i / cols]);
            CHECK(all == wanted);
        }
    }
    auto sparse = checkpoint_of::fixed();
    sparse.type = "W8A8S";
    CHECK(sparse.values() == checkpoint_of::fixed().values());
}

TEST_CASE("weights with scales and offsets of their own, for rows and for groups, are (q - offset) * scale") {
    for (std::string const type : {"W8A16", "W8A8_DYNAMIC"}) {
        for (qeval::index const groups : {1, 2, 4}) {
            for (std::vector<float> const& offsets : {std::vector<float>{0}, std::vector<float>{-128, 5, 127, 0}}) {
                std::string        format;
                auto const         all = checkpoint_of::scaled(type, groups, offsets).values(&format);
                std::vector<float> wanted;
                for (qeval::index i = 0; i < rows * cols; ++i) {
                    auto const g = i / cols * groups + i % cols / (cols / groups);
                    wanted.push_back(
                        (static_cast<float>(code_of(i)) - offsets[static_cast<std::size_t>(g) % offsets.size()]) *
                        (0.5f + static_cast<float>(g)));
                }
                CHECK(all == wanted);
                CHECK(format.ends_with(offsets.size() == 1 ? ":sym" : ":asym"));
            }
        }
    }
}

TEST_CASE("a configuration that contradicts the description or the weights is refused, and both are named") {
    auto const good = checkpoint_of::fixed();
    refused(good, [](auto& c) { c.more_config = R"(,"quantize":"w8a16")"; },
            {"CF03", "config.json, quantize", "\"w8a16\"", "\"W8A8\" in either case, as ", "another checkpoint"});
    refused(good, [](auto& c) { c.more_config = R"(,"quantize":"")"; },
            {"CF03", "quantize", "\"\"", "model_quant_type"});
    refused(good, [](auto& c) { c.dtype = "bfloat16"; },
            {"CF03", "config.json, torch_dtype", "\"bfloat16\"", "\"a.deq_scale\" is stored in I64"});
    refused(checkpoint_of::fixed(true), [](auto& c) { c.dtype = "float16"; },
            {"CF03", "config.json, torch_dtype", "\"float16\"", "\"a.deq_scale\" is stored in F32"});
    auto agrees        = good;
    agrees.more_config = R"(,"quantize":"w8a8")";
    CHECK(agrees.values().size() == 24);
}

TEST_CASE("a description that the weights contradict, or that is not understood, is refused where it stands") {
    auto const good = checkpoint_of::fixed();
    refused(good, without("a.weight"), {"CF03", "a.weight", "no such tensor", "a tensor of the checkpoint"});
    refused(good, [](auto& c) { c.more_description = R"(,"b.weight":"W8A8")"; },
            {"CF03", "b.weight", "no such tensor", ""});
    for (std::string const type : {"W8A8_MIX", "W8A8SC", "W4A16", "NF4", "FAQuant"}) {
        refused(good, [&](auto& c) { c.type = type; },
                {"CF03", "a.weight", "\"" + type + "\"", "\"FLOAT\", \"W8A16\", \"W8A8\""});
    }
    refused(good, [](auto& c) { c.type = "FLOAT"; }, {"CF03", "\"a.weight\"", "type I8", "a float tensor"});
    refused(good,
            [](auto& c) {
                c.tensors.push_back(stored("b.weight", "I8", {1, 1}, std::vector<std::int8_t>{1}));
            },
            {"CF03", "\"b.weight\"", "type I8", "does not name"});
    refused(good, [](auto& c) { c.more_description = R"(,"fa_quant_type":"FAQuant")"; },
            {"CF03", "fa_quant_type", "\"FAQuant\"", "nothing"});
    refused(good, [](auto& c) { c.more_description = R"(,"metadata":{"quarot":{}})"; },
            {"CF03", "metadata.quarot", "an object", "nothing", "online rotations"});
    refused(checkpoint_of::scaled("W8A16", 2, {0}), [](auto& c) { c.more_description = R"(,"group_size":8)"; },
            {"CF03", "group_size", "8", "4, by the shape of"});
}

TEST_CASE("of five parts of a linear none may be missing, of another shape, or not a number that a quantizer writes") {
    auto const  good = checkpoint_of::fixed(), floats = checkpoint_of::fixed(true);
    float const nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (std::string const name : {"deq_scale", "quant_bias", "input_scale", "input_offset"}) {
        refused(good, without("a." + name), {"CF02", "\"a." + name + "\"", "no such tensor", "the other parts"});
        refused(good, [&](auto& c) { part(c, "a." + name).shape.push_back(1); }, {"CF02", "\"a." + name, "[", "["});
        refused(good,
                [&](auto& c) {
                    part(c, "a." + name).dtype = "U8", part(c, "a." + name).shape = {static_cast<qeval::index>(
                                                           part(c, "a." + name).bytes.size())};
                },
                {"CF03", "\"a." + name, "U8", ""});
    }
    refused(good,
            [](auto& c) {
                part(c, "a.weight").shape = {0, cols}, part(c, "a.weight").bytes.clear();
            },
            {"CF02", "\"a.weight\"", "[0, 8]", "codes"});
    for (float const bad : {nan, inf, 0.0f}) {
        refused(good, set("a.input_scale", 0, bad), {"ST32", "\"a.input_scale\"[0]", "", "a finite number"});
        refused(floats, set("a.deq_scale", 2, bad), {"ST32", "\"a.deq_scale\"[2]", "", "a finite number"});
        refused(good, set("a.deq_scale", 1, static_cast<std::int64_t>(qeval::bit_cast<std::uint32_t>(bad))),
                {"ST32", "\"a.deq_scale\"[1]", "", "the bits of a float"});
    }
    refused(good, set("a.deq_scale", 1, std::int64_t{1} << 40),
            {"ST32", "\"a.deq_scale\"[1]", "1099511627776", "the bits"});
    for (float const bad : {nan, 0.5f, 128.0f, -129.0f})
        refused(good, set("a.input_offset", 0, bad), {"CF03", "\"a.input_offset\"[0]", "", "a whole number from -128"});
    // Two more than the codes give: one may be a rounding.
    auto         moved = good;
    std::int32_t stored_bias;
    std::memcpy(&stored_bias, part(moved, "a.quant_bias").bytes.data() + 4, 4);
    refused(good, set("a.quant_bias", 1, stored_bias + 2),
            {"CF03", "\"a.quant_bias\"[1]", std::to_string(stored_bias + 2),
             std::to_string(stored_bias) + ", by the codes"});
    auto const biased = checkpoint_of::fixed(false, true);
    refused(biased, [](auto& c) { part(c, "a.bias").shape = {1}, part(c, "a.bias").bytes.resize(4); },
            {"CF02", "\"a.bias\"", "type F32, shape [1]", "floats, [3]"});
    refused(biased, [](auto& c) { part(c, "a.bias").dtype = "I32"; }, {"CF02", "\"a.bias\"", "type I32", "floats"});
    refused(biased, without("a.bias"), {"CF03", "\"a.quant_bias\"", "", "no bias beside it"});
}

TEST_CASE("scales and offsets of weights are refused where they are missing, of another shape, or no numbers") {
    auto const good = checkpoint_of::scaled("W8A16", 2, {0, 3});
    for (std::string const name : {"weight_scale", "weight_offset"}) {
        refused(good, without("a." + name), {"CF02", "\"a." + name + "\"", "no such tensor", "the other parts"});
        refused(good, [&](auto& c) { part(c, "a." + name).shape = {6}; }, {"CF02", "\"a.weight_", "[", "["});
    }
    for (auto const& shape : {std::vector<qeval::index>{2, 3}, {1, 6}, {3, 1, 2}, {6}}) {
        refused(good, [&](auto& c) { part(c, "a.weight_scale").shape = part(c, "a.weight_offset").shape = shape; },
                {"CF02", "\"a.weight_scale\"", "[", "[3, groups]"});
    }
    refused(good, set("a.weight_scale", 3, 0.0f), {"ST32", "\"a.weight_scale\"[3]", "0.0", "not zero"});
    refused(good, set("a.weight_offset", 1, 1.5f), {"CF03", "\"a.weight_offset\"[1]", "1.5", "a whole number"});
    refused(good, set("a.weight_offset", 1, 200.0f), {"CF03", "\"a.weight_offset\"[1]", "200", "-128 to 127"});
}

TEST_CASE("inputs are rounded with the numbers of the five parts, or a token at a time; keys and values by channels") {
    auto const input = [](checkpoint_of const& c) {
        scratch const folder;
        c.put(folder);
        auto const                    file = qeval::open_checkpoint(folder.path(), {});
        qeval::quantized_source const source(formats, file, pool);
        return source.find("a.weight")->input;
    };
    auto const fixed = input(checkpoint_of::fixed());
    REQUIRE(fixed != nullptr);
    CHECK(fixed->activation == "int8:stored");
    CHECK(fixed->numbers == qeval::input_numbers{input_scale, input_offset, 0});
    REQUIRE(input(checkpoint_of::scaled("W8A8_DYNAMIC", 1, {0})) != nullptr);
    CHECK(input(checkpoint_of::scaled("W8A8_DYNAMIC", 1, {0}))->activation == "int8");
    CHECK(input(checkpoint_of::scaled("W8A16", 1, {0})) == nullptr);

    auto cached             = checkpoint_of::fixed(); // two heads of two channels
    cached.more_description = R"(,"kv_cache_type":"C8","kv_quant_type":"C8")";
    std::string const of    = "model.layers.0.self_attn.";
    for (std::string const module : {"k_proj", "v_proj"}) {
        cached.tensors.push_back(stored(of + module + ".kv_cache_scale", "F32", {4}, std::vector<float>{1, 2, 4, 8}));
        cached.tensors.push_back(
            stored(of + module + ".kv_cache_offset", "F32", {4}, std::vector<float>{0, -128, 3, 127}));
    }
    scratch const folder;
    cached.put(folder);
    auto const                    file = qeval::open_checkpoint(folder.path(), {});
    qeval::quantized_source const source(formats, file, pool);
    REQUIRE(source.cache_format() != nullptr);
    CHECK(source.cache_format()->layers() == 1);
    CHECK(source.tensors().size() == 1);
    std::byte  code[2];
    auto const row = std::vector<float>{8, 8};
    source.cache_format()->of_values(0, 1).encode(row, code);
    CHECK(static_cast<int>(code[0]) == 2 + 3);
    CHECK(static_cast<int>(code[1]) == 127); // 1 + 127, cut

    auto const refused_cache = [&](std::function<void(checkpoint_of&)> const& spoil, refusal const& wanted) {
        refused(cached, spoil, wanted);
    };
    refused_cache(without(of + "v_proj.kv_cache_offset"),
                  {"CF02", "v_proj.kv_cache_offset", "no such tensor", "the other parts"});
    refused_cache(set(of + "k_proj.kv_cache_scale", 1, 0.0f),
                  {"ST32", "k_proj.kv_cache_scale\"[1]", "0.0", "not zero"});
    refused_cache(set(of + "k_proj.kv_cache_offset", 1, 0.5f),
                  {"CF03", "k_proj.kv_cache_offset\"[1]", "0.5", "a whole number"});
    refused_cache([&](auto& c) { c.more_config = R"(,"num_key_value_heads":3)"; },
                  {"CF02", "kv_cache_scale", "4 channels", "each of 3 heads"});
    refused_cache([&](auto& c) { c.more_description = R"(,"kv_cache_type":"C4")"; },
                  {"CF03", "kv_cache_type", "\"C4\"", "\"C8\""});
    refused(checkpoint_of::fixed(), [](auto& c) { c.more_description = R"(,"kv_cache_type":"C8")"; },
            {"CF02", "kv_cache_type", "no .k_proj.kv_cache_scale", "one for each layer"});
}

TEST_CASE("weights of Ascend need their description, and there is one") {
    auto const    good = checkpoint_of::fixed();
    scratch const two;
    good.put(two);
    put_file(two / "quant_model_description.json", good.description());
    check_refused([&] { (void)qeval::open_checkpoint(two.path(), {}); },
                  {"CF03", two.path().string(),
                   "\"quant_model_description.json\" and \"quant_model_description_w8a8.json\"", "one description"});
    scratch const none;
    auto          said = good;
    said.more_config   = R"(,"quantize":"w8a8")";
    said.put(none);
    std::filesystem::remove(none / "quant_model_description_w8a8.json");
    auto const file = qeval::open_checkpoint(none.path(), {});
    check_refused([&] { qeval::quantized_source(formats, file, pool); },
                  {"CF03", "config.json, quantize", "\"w8a8\", and no quant_model_description", "msModelSlim"});
}
