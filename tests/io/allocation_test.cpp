// How much memory a hostile header takes: at most 64 MiB and four times the header.
#include <string>

#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/safetensors/safetensors.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"
#include "tests/support/counted_memory.hpp"

namespace {

using namespace qeval_test;

std::size_t peak_of_safetensors(std::string const& bytes) {
    scratch const dir;
    put_file(dir / "m", bytes);
    auto const path = dir / "m";
    return peak_of([&] { (void)qeval::read_safetensors(path); });
}
std::size_t peak_of_gguf(std::string const& bytes) {
    scratch const dir;
    put_file(dir / "m", bytes);
    auto const path = dir / "m";
    return peak_of([&] { (void)qeval::read_gguf(path, gguf_types); });
}

} // namespace

TEST_CASE("the counter sees allocations") {
    CHECK(peak_of([] { std::string(10 * mib, 'x').shrink_to_fit(); }) >= 10 * mib);
}
TEST_CASE("a file of 50 bytes that claims 2^40 of anything allocates next to nothing") {
    std::size_t const little = 100'000; // one read buffer and a message
    for (int what = 0; what < 2; ++what) {
        gguf_bytes g;
        (what == 0 ? g.tensor_count : g.entry_count) = std::uint64_t{1} << 40;
        CHECK(peak_of_gguf(g.bytes() + std::string(26, '\0')) < little);
    }
    std::string length;
    append(length, std::uint64_t{1} << 40);
    CHECK(peak_of_gguf(gguf_bytes().raw("a", 8, length).bytes()) < little);
    CHECK(peak_of_gguf(gguf_bytes().array("a", 8, std::uint64_t{1} << 40, "").bytes()) < little);
    CHECK(peak_of_gguf(gguf_bytes().array("a", 10, std::uint64_t{1} << 40, "").bytes()) < little);
    CHECK(peak_of_gguf(gguf_bytes().info("w", {std::uint64_t{1} << 40}, 0, 0).bytes()) < little);
    CHECK(peak_of_safetensors(length + std::string(42, '{')) < little);
    CHECK(peak_of_safetensors(safetensors_bytes("{" + tensor_entry("x", "F32", "[1099511627776]", "[0,4398046511104]") +
                                                "}")) < little);
}
TEST_CASE("headers built to need memory stay within 64 MiB and four times their size") {
    auto const check = [](std::string const& bytes, std::size_t used) {
        INFO(bytes.size() << " bytes of header, peak " << used);
        CHECK(used <= 64 * mib + 4 * bytes.size());
    };
    std::string many = "{", strings = "{\"__metadata__\":{", nested = "{\"x\":{\"shape\":[";
    for (int i = 0; i < 400'000; ++i) {
        many +=
            (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
        strings += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
        nested += "[],";
    }
    many += "}";
    strings += "}}";
    check(many, peak_of_safetensors(safetensors_bytes(many)));
    check(strings, peak_of_safetensors(safetensors_bytes(strings)));
    check(nested, peak_of_safetensors(safetensors_bytes(nested)));

    gguf_bytes tensors, keys, texts;
    for (int i = 0; i < 200'000; ++i) tensors.info(std::to_string(i), {1}, 0, 0);
    for (int i = 0; i < 60'000; ++i) keys.raw(std::to_string(i), 0, "x");
    texts.array("a", 8, 2'000'000, std::string(16'000'000, '\0'));
    check(tensors.head(), peak_of_gguf(tensors.head()));
    check(keys.bytes(), peak_of_gguf(keys.bytes()));
    check(texts.bytes(), peak_of_gguf(texts.bytes()));
}
