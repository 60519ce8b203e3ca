#include <cstdint>
#include <string>

#include <qeval/io/gguf/gguf_shards.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

// One file of `count` as gguf-split writes it: what it is of, and the tensors; the first has the metadata, too.
gguf_bytes shard(std::uint16_t number, std::uint16_t count, std::int32_t tensors, char const* tensor) {
    gguf_bytes g;
    if (number == 0) g.text("general.architecture", "llama");
    g.number("split.no", 2, number).number("split.count", 2, count).number("split.tensors.count", 5, tensors);
    return g.tensor(tensor, {2}, 0, 8);
}
void put_model(scratch const& dir) {
    put_file(dir / "m-00001-of-00003.gguf", shard(0, 3, 3, "a").bytes());
    put_file(dir / "m-00002-of-00003.gguf", shard(1, 3, 3, "b").bytes());
    put_file(dir / "m-00003-of-00003.gguf", shard(2, 3, 3, "c").bytes());
}
auto read(scratch const& dir, char const* name) { return qeval::read_gguf_shards(dir / name, gguf_types); }
void refused(scratch const& dir, char const* name, refusal const& wanted) {
    check_refused([&] { (void)read(dir, name); }, wanted);
}

} // namespace

TEST_CASE("any shard of a GGUF opens all of them, in their order, and leads to the one with the metadata") {
    scratch const dir;
    put_model(dir);
    for (char const* name : {"m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"}) {
        auto const shards = read(dir, name);
        REQUIRE(shards.size() == 3);
        CHECK(shards[0].metadata.find("general.architecture") != nullptr);
        for (std::size_t i = 0; i < 3; ++i) CHECK(shards[i].tensors[0].name == std::string(1, "abc"[i]));
        CHECK(qeval::read_model_metadata(dir / name).find("general.architecture") != nullptr);
    }
}
TEST_CASE("a whole file is its own shard, also one that was merged again") {
    scratch const dir;
    for (std::uint32_t const count : {0, 1}) {
        gguf_bytes g;
        put_file(dir / "x.gguf", g.number("split.no", 2, std::uint16_t{0}).u32("split.count", count).bytes());
        CHECK(read(dir, "x.gguf").size() == 1);
        CHECK(qeval::read_model_metadata(dir / "x.gguf").file() == qeval::display_name(dir / "x.gguf"));
    }
    gguf_bytes plain;
    put_file(dir / "m-00001-of-00002.gguf", plain.tensor("a", {2}, 0, 8).bytes()); // a name alone says nothing
    CHECK(read(dir, "m-00001-of-00002.gguf").size() == 1);
}
TEST_CASE("GG26 a shard that is missing or was renamed is named") {
    scratch const dir;
    put_model(dir);
    std::filesystem::remove(dir / "m-00002-of-00003.gguf");
    for (char const* name : {"m-00001-of-00003.gguf", "m-00003-of-00003.gguf"})
        refused(dir, name, {"GG26", name, "no file \"m-00002-of-00003.gguf\"", "shard 2 of 3", "incomplete"});
    std::filesystem::rename(dir / "m-00003-of-00003.gguf", dir / "n.gguf");
    refused(dir, "n.gguf", {"GG26", "n.gguf", "the name \"n.gguf\"", "ends in -00003-of-00003.gguf", "renamed"});
    check_refused([&] { (void)qeval::read_model_metadata(dir / "n.gguf"); }, {"GG26", "n.gguf", "the name", "-00003"});
}
TEST_CASE("GG26 numbers that no split has are rejected") {
    scratch const dir;
    put_file(dir / "m.gguf", shard(3, 3, 1, "a").bytes());
    refused(dir, "m.gguf", {"GG26", "split.no", "3", "from 0 to 2"});
    gguf_bytes g;
    put_file(dir / "m.gguf", g.number("split.count", 5, std::int32_t{-2}).bytes());
    refused(dir, "m.gguf", {"GG26", "split.count", "-2", "from 0"});
    gguf_bytes h;
    put_file(dir / "m.gguf", h.number("split.count", 2, std::uint16_t{2}).bytes());
    refused(dir, "m.gguf", {"GG25", "metadata", "no key \"split.no\"", ""});
}
TEST_CASE("GG27 a shard of another model is rejected") {
    scratch const dir;
    put_model(dir);
    put_file(dir / "m-00002-of-00003.gguf", shard(1, 2, 3, "b").bytes());
    refused(dir, "m-00001-of-00003.gguf",
            {"GG27", "m-00002-of-00003.gguf", "shard 2 of 2", "shard 2 of 3", "two models"});
    put_file(dir / "m-00002-of-00003.gguf", shard(2, 3, 3, "b").bytes());
    refused(dir, "m-00001-of-00003.gguf", {"GG27", "m-00002-of-00003.gguf", "shard 3 of 3", "shard 2 of 3"});
    put_file(dir / "m-00002-of-00003.gguf", shard(1, 3, 9, "b").bytes());
    refused(dir, "m-00001-of-00003.gguf", {"GG27", "m-00002-of-00003.gguf", "9", "3, as in"});
    put_file(dir / "m-00002-of-00003.gguf", shard(1, 3, 3, "b").tensor("d", {2}, 0, 8).bytes());
    refused(dir, "m-00003-of-00003.gguf", {"GG27", "split.tensors.count", "3", "4, as many", "two models"});
}
