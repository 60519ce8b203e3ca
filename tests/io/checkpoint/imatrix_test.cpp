// Importance matrices as llama.cpp writes them, and malformed ones.
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/io/checkpoint/imatrix.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using qeval_test::append;

constexpr qeval::tensor_name_pair names[] = {{"token_embd", "model.embed_tokens"},
                                             {"output", "lm_head"},
                                             {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
                                             {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
                                             {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
                                             {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
                                             {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"}};

std::string floats(std::vector<float> const& x) {
    std::string out;
    for (float v : x) append(out, v);
    return out;
}
// The older form, entry by entry.
class dat_bytes {
public:
    dat_bytes& entry(std::string const& name, std::int32_t calls, std::vector<float> const& sums) {
        append(entries_, std::int32_t(name.size()));
        entries_ += name;
        append(entries_, calls);
        append(entries_, std::int32_t(sums.size()));
        entries_ += floats(sums);
        ++count;
        return *this;
    }
    std::int32_t count = 0; // as stated in the file

    [[nodiscard]] std::string bytes() const {
        std::string out;
        append(out, count);
        return out + entries_;
    }

private:
    std::string entries_;
};
qeval_test::gguf_bytes gguf_of_an_imatrix() {
    qeval_test::gguf_bytes gguf;
    gguf.text("general.type", "imatrix")
        .strings("imatrix.datasets", {"wiki.train.raw"})
        .u32("imatrix.chunk_count", 2)
        .u32("imatrix.chunk_size", 512);
    return gguf;
}
qeval_test::gguf_bytes& put(qeval_test::gguf_bytes& gguf, std::string const& name,
                            std::vector<std::uint64_t> const& dims, std::vector<float> const& x) {
    gguf.info(name, dims, 0, gguf.data.size());
    gguf.data += floats(x);
    gguf.data.resize((gguf.data.size() + 31) / 32 * 32);
    return gguf;
}
void check_imatrix_refused(std::string const& bytes, qeval_test::refusal const& wanted) {
    qeval_test::scratch const dir;
    qeval_test::put_file(dir / "imatrix", bytes);
    qeval_test::check_refused([&] { (void)qeval::read_imatrix(dir / "imatrix", names); }, wanted);
}
qeval::importance_matrix read(std::string const& bytes) {
    qeval_test::scratch const dir;
    qeval_test::put_file(dir / "imatrix", bytes);
    return qeval::read_imatrix(dir / "imatrix", names);
}
std::vector<float> columns(qeval::importance_matrix const& m, char const* name) {
    auto const x = m.find(name);
    return {x.begin(), x.end()};
}

} // namespace

TEST_CASE("a GGUF importance matrix gives the mean square of each column, under canonical names") {
    auto gguf = gguf_of_an_imatrix();
    put(gguf, "blk.0.ffn_up.weight.in_sum2", {4}, {2, 4, 0, 1});
    put(gguf, "blk.0.ffn_up.weight.counts", {1}, {8});
    put(gguf, "output.weight.in_sum2", {2, 1}, {3, 6});
    put(gguf, "output.weight.counts", {1, 1}, {3});
    auto const m = read(gguf.bytes());
    CHECK(m.size() == 2);
    CHECK(m.sha256().size() == 64);
    CHECK(m.datasets() == std::vector<std::string>{"wiki.train.raw"});
    CHECK(columns(m, "model.layers.0.mlp.up_proj.weight") == std::vector<float>{0.25f, 0.5f, 0, 0.125f});
    CHECK(columns(m, "lm_head.weight") == std::vector<float>{1, 2});
    CHECK(m.find("model.layers.1.mlp.up_proj.weight").empty());
}

TEST_CASE("experts have means of their own; one that met no token counts all columns alike") {
    auto gguf = gguf_of_an_imatrix();
    put(gguf, "blk.0.ffn_up_exps.weight.in_sum2", {2, 3}, {2, 4, 7, 9, 3, 3});
    put(gguf, "blk.0.ffn_up_exps.weight.counts", {1, 3}, {2, 0, 3});
    auto const m = read(gguf.bytes());
    CHECK(columns(m, "blk.0.ffn_up_exps.weight") == std::vector<float>{1, 2, 1, 1, 1, 1});
    auto const second = m.find("blk.0.ffn_up_exps.weight", 2, 3);
    CHECK(std::vector<float>(second.begin(), second.end()) == std::vector<float>{1, 1});
    auto const first = m.find("blk.0.ffn_up_exps.weight", 0, 3);
    CHECK(std::vector<float>(first.begin(), first.end()) == std::vector<float>{1, 2});
}

TEST_CASE("the older form gives sums over calls, with or without the data set behind the entries") {
    auto const  dat  = dat_bytes().entry("blk.1.attn_q.weight", 4, {4, 8}).entry("blk.1.attn_k.weight", 0, {4, 8});
    std::string with = dat.bytes();
    append(with, std::int32_t(12));
    append(with, std::int32_t(4));
    with += "wiki";
    for (std::string const& bytes : {dat.bytes(), with}) {
        auto const m = read(bytes);
        CHECK(m.size() == 2);
        CHECK(m.datasets().size() == (bytes == with ? 1 : 0));
        CHECK(columns(m, "model.layers.1.self_attn.q_proj.weight") == std::vector<float>{1, 2});
        CHECK(columns(m, "model.layers.1.self_attn.k_proj.weight") == std::vector<float>{4, 8});
    }
}

TEST_CASE("IM01: a model, an empty file of either form, and other files are no importance matrix") {
    qeval_test::gguf_bytes model;
    model.text("general.architecture", "llama").tensor("output.weight", {32, 1}, 0, 128);
    check_imatrix_refused(model.bytes(), {"IM01", "imatrix", "no imatrix.chunk_count",
                                          "the metadata of an importance matrix", "a model"});
    check_imatrix_refused(gguf_of_an_imatrix().bytes(), {"IM01", "imatrix", "no entry", "NAME.in_sum2"});
    check_imatrix_refused("", {"IM04", "byte 0", "0 bytes left", "4 bytes"});
    check_imatrix_refused("{\"a\": 1}", {"IM04", "the entry count", "", "1 to 0", "no importance matrix"});
    check_imatrix_refused("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
                          {"IX07", "imatrix", "a Git LFS pointer", ""});
}

TEST_CASE("IM02: sums without counts, counts that do not divide them, and matrices named twice") {
    auto alone = gguf_of_an_imatrix();
    put(alone, "blk.0.ffn_up.weight.in_sum2", {4}, {2, 4, 0, 1});
    check_imatrix_refused(alone.bytes(),
                          {"IM02", "blk.0.ffn_up.weight.in_sum2", "no blk.0.ffn_up.weight.counts", "one beside it"});
    auto odd = gguf_of_an_imatrix();
    put(odd, "a.in_sum2", {4}, {2, 4, 0, 1});
    put(odd, "a.counts", {1, 3}, {1, 1, 1});
    check_imatrix_refused(odd.bytes(), {"IM02", "a.in_sum2", "4 sums for 3 counts", "as many for each count"});
    check_imatrix_refused(dat_bytes().entry("a", 1, {1}).entry("a", 1, {1}).bytes(),
                          {"IM02", "\"a\"", "a second time", "one entry"});
}

TEST_CASE("IM03: mean squares are finite and not negative") {
    float const infinity = std::numeric_limits<float>::infinity();
    for (float bad : {-1.0f, infinity, std::numeric_limits<float>::quiet_NaN()}) {
        auto gguf = gguf_of_an_imatrix();
        put(gguf, "a.in_sum2", {2}, {1, bad});
        put(gguf, "a.counts", {1}, {1});
        check_imatrix_refused(gguf.bytes(), {"IM03", "a.in_sum2", "", "finite numbers >= 0"});
        check_imatrix_refused(dat_bytes().entry("a", 1, {1, bad}).bytes(),
                              {"IM03", "\"a\"", "", "finite numbers >= 0"});
    }
}

TEST_CASE("IM04: counts and lengths of the older form are checked against the file before anything is allocated") {
    auto const whole = dat_bytes().entry("blk.0.attn_q.weight", 1, {1, 2, 3}).bytes();
    for (std::size_t n = 0; n < whole.size(); ++n) check_imatrix_refused(whole.substr(0, n), {"IM04", "byte", "", ""});
    for (std::int32_t n : {-1, 0, 2, 1 << 30}) {
        auto dat  = dat_bytes().entry("blk.0.attn_q.weight", 1, {1, 2, 3});
        dat.count = n;
        check_imatrix_refused(dat.bytes(), {"IM04", "", "", ""});
    }
    for (std::int32_t n : {-1, 0, 4, std::numeric_limits<std::int32_t>::max()}) { // of values
        std::string bytes;
        append(bytes, std::int32_t(1));
        append(bytes, std::int32_t(1));
        bytes += "a";
        append(bytes, std::int32_t(1));
        append(bytes, n);
        bytes += floats({1, 2, 3});
        check_imatrix_refused(bytes, {"IM04", "entry 0, value count", std::to_string(n), "1 to 3"});
    }
}
