#include <filesystem>
#include <string>

#include <qeval/io/checkpoint/hf_directory.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
namespace fs = std::filesystem;

std::string read(fs::path const& dir, std::string const& name) {
    return get_file(qeval::hf_directory(dir).file(name, "index, a"));
}
void refused(fs::path const& dir, std::string const& name, refusal const& wanted) {
    check_refused([&] { (void)read(dir, name); }, wanted);
}

} // namespace

TEST_CASE("a file of a model directory is found by the name that another file gives it") {
    scratch const dir;
    put_file(dir / "1.safetensors", "one");
    put_file(dir / "part/2.safetensors", "two");
    CHECK(read(dir.path(), "1.safetensors") == "one");
    CHECK(read(dir.path(), "part/2.safetensors") == "two");
    CHECK(qeval::hf_directory(dir.path()).has("1.safetensors"));
    CHECK_FALSE(qeval::hf_directory(dir.path()).has("2.safetensors"));
    refused(dir.path(), "2.safetensors",
            {"IX02", "index, a", "no file \"2.safetensors\"", dir.path().string(), "an incomplete download"});
    check_refused([&] { (void)qeval::hf_directory(dir / "none"); }, {"IO01", "none", "", "a model directory"});
}

TEST_CASE("IX01 a name that climbs, is absolute or empty, or holds a NUL is rejected") {
    scratch const dir;
    put_file(dir / "1.safetensors", "one");
    using namespace std::string_literals;
    for (auto const& name : {"../1.safetensors"s, "sub/../../1.safetensors"s, "/etc/passwd"s, ""s, "a\0b"s, ".."s})
        refused(dir.path(), name, {"IX01", "index, a", "", "a file inside the model directory"});
}

TEST_CASE("IX01 a link that leaves the model directory is rejected, one inside it is accepted") {
    scratch const outside, dir;
    put_file(outside / "secret", "secret");
    put_file(dir / "real/1.safetensors", "one");
    fs::create_symlink("real/1.safetensors", dir / "inner");
    fs::create_symlink(outside / "secret", dir / "outer");
    CHECK(read(dir.path(), "inner") == "one");
    refused(dir.path(), "outer", {"IX01", "index, a", "a link to " + (outside / "secret").string(), "blob store"});
}

TEST_CASE("the hub's cache is accepted: refs, snapshots and links into its blobs, and nothing beyond them") {
    scratch const  dir;
    fs::path const model    = dir / "models--org--name";
    fs::path const snapshot = model / "snapshots/0123abcd";
    fs::create_directories(snapshot);
    put_file(model / "refs/main", "0123abcd\n");
    put_file(model / "blobs/77aa", "weights");
    put_file(dir / "elsewhere", "secret");
    fs::create_symlink("../../blobs/77aa", snapshot / "model.safetensors");
    fs::create_symlink("../../../elsewhere", snapshot / "outer");
    CHECK(qeval::hf_directory(model).path() == snapshot);
    CHECK(read(model, "model.safetensors") == "weights");
    CHECK(read(snapshot, "model.safetensors") == "weights");
    refused(model, "outer", {"IX01", "index, a", "a link to", "blob store"});
    fs::remove(model / "refs/main"); // as a download by revision leaves it
    CHECK(qeval::hf_directory(model).path() == snapshot);
    fs::create_directories(model / "snapshots/4567cdef");
    refused(model, "outer", {"IO01", "refs/main", "", "a readable file"});
    put_file(model / "refs/main", "../../elsewhere");
    refused(model, "outer", {"IX01", "refs/main", "../../elsewhere", "a revision in hexadecimal"});
}
