// How much memory a hostile header takes: at most 64 MiB and four times the header. Every allocation of this program
// passes through here; it is counted while a test says so.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include <malloc.h>

#include <qeval/io/gguf.hpp>
#include <qeval/io/json_document.hpp>
#include <qeval/io/safetensors.hpp>

#include "tests/io/gguf_bytes.hpp"

namespace {

thread_local bool        counting = false;
thread_local std::size_t live = 0, peak = 0;

void* take(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    if (counting) {
        live += ::malloc_usable_size(memory);
        peak = std::max(peak, live);
    }
    return memory;
}
void give(void* memory) noexcept {
    if (counting && memory != nullptr) live -= std::min(live, ::malloc_usable_size(memory));
    std::free(memory);
}

} // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void  operator delete(void* memory) noexcept { give(memory); }
void  operator delete[](void* memory) noexcept { give(memory); }
void  operator delete(void* memory, std::size_t) noexcept { give(memory); }
void  operator delete[](void* memory, std::size_t) noexcept { give(memory); }
// A sanitizer's own versions of these would not fit the ones above; the aligned ones go together and stay.
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void  operator delete(void* memory, std::nothrow_t const&) noexcept { give(memory); }
void  operator delete[](void* memory, std::nothrow_t const&) noexcept { give(memory); }

namespace {

using namespace qeval_test;

// The most bytes that were in use at one moment of a read that is refused or succeeds.
template <class Read>
std::size_t peak_of(Read const& read) {
    live = peak = 0;
    counting    = true;
    try {
        read();
    } catch (qeval::file_error const&) {}
    counting = false;
    return peak;
}
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
constexpr std::size_t mib = std::size_t{1} << 20;

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
