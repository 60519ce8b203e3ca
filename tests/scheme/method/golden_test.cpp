// Checkpoints that each family's own library has quantized
// (tests/golden/quantized): the values of every matrix are those that the
// library makes of it, and what nobody is meant to read is refused.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/data/gzip.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/stored_matrix.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"

namespace {

using namespace qeval_test;

// The folders of all checkpoints, in order.
std::vector<std::filesystem::path> checkpoints() {
    std::vector<std::filesystem::path> all;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(source("tests/golden/quantized"))) {
        if (entry.path().filename() == "golden.json") all.push_back(entry.path().parent_path());
    }
    std::ranges::sort(all);
    return all;
}
std::string name_of(std::filesystem::path const& folder) {
    return folder.parent_path().filename().string() + "/" + folder.filename().string();
}
qeval::json_document golden_of(std::filesystem::path const& folder) {
    qeval::mapped_file const file(folder / "golden.json");
    return qeval::parse_json(file.read_text(0, file.size()), file.name(), {std::size_t{1} << 20, 100'000, 16, "JS01"});
}
qeval::format_table const& formats() {
    static auto const all = qeval::table_of<qeval::catalog>();
    return all;
}
qeval::thread_pool pool(2);

// A library computes in a type of its own; products of a code and a scale are
// rounded to it, where they have more bits.
float as_computed(float value, std::string const& type) {
    if (type == "bfloat16") return qeval::bf16::from(value).to_float();
    if (type == "float16") return qeval::f16::from(value).to_float();
    REQUIRE(type == "float32");
    return value;
}
// LLM.int8's library multiplies code and magnitude first and divides by 127
// then; the format has one factor for a row, as the library's own products do.
// Its codes and magnitudes are the file's, and its values differ by a rounding.
std::vector<float> in_the_librarys_order(qeval::any_packed const& packed, std::vector<float> const& values) {
    std::vector<std::byte> codes, absmax;
    packed.for_each_plane([&](qeval::plane_shape const&, std::span<std::byte const> bytes) {
        auto& plane = codes.empty() ? codes : absmax;
        plane.assign(bytes.begin(), bytes.end());
    });
    std::vector<float> all;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        float most;
        std::memcpy(&most, absmax.data() + i / static_cast<std::size_t>(packed.cols()) * sizeof most, sizeof most);
        all.push_back(static_cast<float>(static_cast<signed char>(codes[i])) * most * (1.0f / 127));
        if (std::fabs(all.back() - values[i]) > std::fabs(values[i]) * 2.4e-7f) FAIL_CHECK("weight " << i);
    }
    return all;
}
// A copy of a checkpoint whose weights are stored compressed.
void unpack(std::filesystem::path const& folder, scratch const& to) {
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        qeval::mapped_file const file(entry.path());
        auto const               text = file.read_text(0, file.size());
        if (entry.path().filename() == "golden.safetensors") continue; // beside the weights
        if (entry.path().extension() != ".gz") {
            put_file(to / entry.path().filename(), text);
        } else {
            put_file(to / entry.path().stem(), qeval::gunzip(text, file.name(), std::uint64_t{1} << 24));
        }
    }
}
// What the matrices of a checkpoint are, and how many were compared.
int compare_all(std::filesystem::path const& folder, qeval::json_document const& golden) {
    scratch const copy;
    unpack(folder, copy);
    auto const                    file = qeval::open_checkpoint(copy.path(), {});
    qeval::quantized_source const read(formats(), file, pool);
    int                           compared = 0;
    golden.at("matrices").for_each_member([&](std::string const& name, qeval::json_value expected) {
        INFO(name_of(folder) << ", " << name);
        auto const* stored = read.find(name);
        REQUIRE(stored != nullptr);
        auto const shape = expected.at("shape");
        REQUIRE(stored->shape == std::vector<qeval::index>{shape[0].integer(1, 1 << 20), shape[1].integer(1, 1 << 20)});
        auto const         packed = qeval::stored_matrix(*formats().stored(*stored), *stored);
        std::vector<float> values(static_cast<std::size_t>(stored->count()));
        packed->decode(0, values);
        if (packed->format() == "int8") values = in_the_librarys_order(*packed, values);
        for (float& v : values) v = as_computed(v, expected.at("dtype").string());
        CHECK(qeval::sha256_hex(std::as_bytes(std::span(values))) == expected.at("sha256").string());
        ++compared;
    });
    return compared;
}

// Made of a layout that nobody is meant to read.
bool is_refused(qeval::json_document const& golden) { return golden.find("refused").has_value(); }

} // namespace

TEST_CASE("every matrix has the values that the library which quantized it gives it") {
    int compared = 0;
    for (auto const& folder : checkpoints()) {
        auto const golden = golden_of(folder);
        if (!is_refused(golden)) compared += compare_all(folder, golden);
    }
    CHECK(compared > 0);
}

TEST_CASE("a layout that is not read is refused by name, whatever it was made of") {
    for (auto const& folder : checkpoints()) {
        if (!is_refused(golden_of(folder))) continue;
        INFO(name_of(folder));
        scratch const copy;
        unpack(folder, copy);
        auto const file = qeval::open_checkpoint(copy.path(), {});
        auto const use  = [&] {
            qeval::quantized_source const read(formats(), file, pool);
            for (auto const& t : read.tensors()) {
                if (t.maker) (void)qeval::stored_matrix(*formats().stored(t), t);
            }
        };
        CHECK_THROWS_AS(use(), qeval::file_error);
    }
}
