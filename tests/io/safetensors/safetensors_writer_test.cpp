// Also tests safetensors_head.hpp, ../file/planned_write.hpp.
#include <map>
#include <string>
#include <vector>

#include <qeval/io/safetensors/safetensors.hpp>
#include <qeval/io/safetensors/safetensors_writer.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

// Fills each tensor with bytes that tell its name and place.
void fill(qeval::tensor_plan const& plan, qeval::byte_sink const& sink) {
    std::vector<std::byte> bytes(qeval::planned_bytes(plan));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte(plan.name[0] + int(i % 7));
    sink(std::span(bytes).first(bytes.size() / 2)); // in two pieces
    sink(std::span(bytes).subspan(bytes.size() / 2));
}

} // namespace

TEST_CASE("what is written is read back: names, types, shapes, bytes and metadata") {
    scratch const                            dir;
    std::vector<qeval::tensor_plan> const    plans    = {{"b.weight", "F16", {3, 5}},
                                                         {"a", "U8", {7}},
                                                         {"none", "F32", {0, 4}},
                                                         {"scalar", "F64", {}},
                                                         {"\xc3\xa9\"q", "F4", {4}}};
    std::map<std::string, std::string> const metadata = {{"format", "pt"}, {"note", "line\n\"two\""}};
    qeval::write_safetensors(dir / "m.safetensors", plans, metadata, fill);
    auto const f = qeval::read_safetensors(dir / "m.safetensors");
    REQUIRE(f.tensors.size() == plans.size());
    CHECK(std::map<std::string, std::string>(f.metadata.begin(), f.metadata.end()) == metadata);
    for (auto const& p : plans) {
        auto const t =
            std::find_if(f.tensors.begin(), f.tensors.end(), [&](auto const& x) { return x.name == p.name; });
        REQUIRE(t != f.tensors.end());
        CHECK(t->type == p.type);
        CHECK(t->shape == p.shape);
        REQUIRE(t->bytes.size() == qeval::planned_bytes(p));
        for (std::size_t i = 0; i < t->bytes.size(); ++i) CHECK(t->bytes[i] == std::byte(p.name[0] + int(i % 7)));
        // wide types come first, so every tensor lies at a multiple of its element size
        auto const at = std::size_t(t->bytes.data() - f.tensors[0].bytes.data());
        CHECK(at % (qeval::find_safetensors_dtype(p.type)->bits / 8 + (p.type == "F4")) == 0);
    }
    std::uint64_t length = 0;
    std::memcpy(&length, get_file(dir / "m.safetensors").data(), 8);
    CHECK(length % 8 == 0);
    CHECK(qeval::head_of(plans, metadata).file_bytes() == get_file(dir / "m.safetensors").size());
}
TEST_CASE("a plan no reader would accept, and a tensor of another size, are refused and leave no file") {
    scratch const dir;
    auto const    refused = [&](std::vector<qeval::tensor_plan> const& plans, char const* id, auto const& fill_with) {
        try {
            qeval::write_safetensors(dir / "m", plans, {}, fill_with);
            FAIL_CHECK("accepted");
        } catch (qeval::internal_error const& e) {
            CHECK(e.id() == id);
        }
        CHECK(std::filesystem::is_empty(dir.path()));
    };
    refused({{"x", "F31", {1}}}, "SW01", fill);
    refused({{"", "F32", {1}}}, "SW01", fill);
    refused({{"x", "F32", {1}}, {"x", "F32", {2}}}, "SW01", fill);
    refused({{"__metadata__", "F32", {1}}}, "SW01", fill);
    refused({{"x", "F4", {3}}}, "SW01", fill);
    refused({{"x", "U8", {-1}}}, "SW01", fill);
    refused({{"x", "U8", {4}}}, "SW02", [](auto const&, qeval::byte_sink const& sink) {
        std::byte const one{};
        sink({&one, 1});
    });
}
