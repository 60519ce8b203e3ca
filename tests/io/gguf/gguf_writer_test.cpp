// Also tests ../file/planned_write.hpp.
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <qeval/io/gguf/gguf_writer.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

constexpr qeval::gguf_type f32 = gguf_types[0];

} // namespace

TEST_CASE("a file that llama.cpp wrote, taken apart and written again, is the same bytes") {
    auto const          path = source("tests/golden/imatrix/expected.gguf");
    auto const          file = qeval::read_gguf(path, gguf_types);
    qeval::gguf_entries metadata;
    for (auto const& v : file.metadata.values()) {
        if (v.array) {
            auto const texts = v.strings();
            metadata.add(v.key, std::vector<std::string>(texts.begin(), texts.end()));
        } else if (v.kind == qeval::gguf_kind::string) {
            metadata.add(v.key, v.string());
        } else {
            REQUIRE(v.kind == qeval::gguf_kind::u32);
            metadata.add(v.key, std::uint32_t(v.integer(0, 0xffffffff)));
        }
    }
    std::vector<qeval::gguf_tensor_plan> plans;
    for (auto const& t : file.tensors) plans.push_back({t.name, f32, t.shape});
    REQUIRE(plans.size() > 10);
    scratch const dir;
    qeval::write_gguf(dir / "again.gguf", metadata, plans, [&](auto const& p, qeval::byte_sink const& sink) {
        auto const bytes = file.tensors[std::size_t(&p - plans.data())].bytes;
        sink(bytes.first(bytes.size() / 2)); // in two pieces
        sink(bytes.subspan(bytes.size() / 2));
    });
    CHECK(get_file(dir / "again.gguf") == get_file(path));
    CHECK(qeval::gguf_size(metadata, plans) == get_file(path).size());
}
TEST_CASE("blocks, several dimensions and a file without tensors are read back") {
    scratch const                              dir;
    std::vector<qeval::gguf_tensor_plan> const plans = {{"q", gguf_types[2], {3, 2, 64}}, {"one", f32, {1}}};
    qeval::gguf_entries                        metadata;
    metadata.add("general.architecture", std::string_view("llama"));
    qeval::write_gguf(dir / "m.gguf", metadata, plans, [](auto const& p, qeval::byte_sink const& sink) {
        sink(std::vector<std::byte>(qeval::planned_bytes(p), std::byte(p.name[0])));
    });
    auto const file = qeval::read_gguf(dir / "m.gguf", gguf_types);
    REQUIRE(file.tensors.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(file.tensors[i].name == plans[i].name);
        CHECK(file.tensors[i].type == plans[i].type.name);
        CHECK(file.tensors[i].shape == plans[i].shape);
        for (auto const b : file.tensors[i].bytes) CHECK(b == std::byte(plans[i].name[0]));
    }
    CHECK(file.tensors[0].bytes.size() == 3 * 2 * 64 / 32 * 18);
    CHECK(file.metadata.at("general.architecture").string() == "llama");

    qeval::write_gguf(dir / "empty.gguf", {}, {}, [](auto const&, auto const&) {});
    CHECK(qeval::read_gguf(dir / "empty.gguf", gguf_types).tensors.empty());
}
TEST_CASE("a plan that no reader would accept, and a tensor of another size, are refused and leave no file") {
    scratch const dir;
    auto const    refused = [&](qeval::gguf_tensor_plan const& plan, char const* id) {
        try {
            qeval::write_gguf(dir / "m.gguf", {}, {&plan, 1},
                                 [](auto const&, qeval::byte_sink const& sink) { sink(std::vector<std::byte>(4)); });
            FAIL_CHECK("accepted");
        } catch (qeval::internal_error const& e) {
            CHECK(e.id() == id);
        }
        CHECK(std::filesystem::is_empty(dir.path()));
    };
    refused({"", f32, {1}}, "SW01");
    refused({std::string(64, 'n'), f32, {1}}, "SW01");
    refused({"five", f32, {1, 1, 1, 1, 1}}, "SW01");
    refused({"none", f32, {0, 2}}, "SW01");
    refused({"blocks", gguf_types[2], {2, 33}}, "SW01");
    refused({"huge", f32, {qeval::index(1) << 40, qeval::index(1) << 40}}, "SW01");
    refused({"short", f32, {2}}, "SW02");
}
