// What is written against what llama.cpp's llama-imatrix wrote (tests/golden/make_imatrix.py).
#include <cstring>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/checkpoint/imatrix_writer.hpp>
#include <qeval/model/arch/llama.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

constexpr qeval::gguf_type f32 = gguf_types[0];

std::vector<float> floats_of(qeval::tensor_view const& t) {
    std::vector<float> x(std::size_t(t.count()));
    std::memcpy(x.data(), t.bytes.data(), t.bytes.size());
    return x;
}
// The sums of the reference's file.
qeval::named_column_sums reference_sums(qeval::gguf_file const& file) {
    qeval::named_column_sums all;
    for (auto const& t : file.tensors) {
        auto const dot    = t.name.rfind('.');
        auto const kind   = t.name.substr(dot);
        auto const values = floats_of(t);
        if (kind == ".stats") continue;
        auto& s = all[t.name.substr(0, dot)];
        if (kind == ".in_sum2") s.squares.assign(values.begin(), values.end());
        if (kind == ".in_sum") s.sums.assign(values.begin(), values.end());
        if (kind == ".counts") s.counts.assign(values.begin(), values.end());
    }
    return all;
}
qeval::imatrix_origin const origin{"text.txt", 5, 64};

} // namespace

TEST_CASE("from the sums of llama.cpp's GGUF its .dat is made again, byte for byte") {
    auto const file = qeval::read_gguf(source("tests/golden/imatrix/expected.gguf"), {&f32, 1});
    auto       sums = reference_sums(file);
    REQUIRE(sums.erase("output.weight") == 1); // the .dat was made without
    scratch const dir;
    qeval::write_imatrix(dir / "again.dat", sums, origin);
    CHECK(get_file(dir / "again.dat") == get_file(source("tests/golden/imatrix/expected.dat")));
}
TEST_CASE("a written GGUF has the tensors and metadata of llama.cpp's, but for its statistics") {
    auto const    path     = source("tests/golden/imatrix/expected.gguf");
    auto const    expected = qeval::read_gguf(path, {&f32, 1});
    scratch const dir;
    qeval::write_imatrix(dir / "again.gguf", reference_sums(expected), origin);
    auto const  made  = qeval::read_gguf(dir / "again.gguf", {&f32, 1});
    std::size_t found = 0;
    for (auto const& t : expected.tensors) {
        if (t.name.ends_with(".stats")) continue;
        REQUIRE(found < made.tensors.size());
        auto const& mine = made.tensors[found++]; // in this order
        CHECK(mine.name == t.name);
        CHECK(mine.shape == t.shape);
        CHECK(floats_of(mine) == floats_of(t));
    }
    CHECK(found == made.tensors.size());
    for (char const* key : {"imatrix.chunk_count", "imatrix.chunk_size"}) {
        CHECK(made.metadata.at(key).integer(0, 1000) == expected.metadata.at(key).integer(0, 1000));
        CHECK(made.metadata.at(key).kind == expected.metadata.at(key).kind);
    }
    CHECK(made.metadata.at("general.type").string() == expected.metadata.at("general.type").string());
    CHECK(made.metadata.at("imatrix.datasets").strings()[0] == expected.metadata.at("imatrix.datasets").strings()[0]);
}
TEST_CASE("both forms are read back as the same mean squares; an expert without rows counts all columns alike") {
    qeval::named_column_sums all;
    all["blk.0.attn_q.weight"]        = {{1, 2}, {8, 64}, {4}};
    all["blk.0.ffn_down_exps.weight"] = {{1, 2, 0, 0}, {3, 6, 0, 0}, {3, 0}};
    scratch const dir;
    for (std::string const name : {"m.gguf", "m.dat"}) {
        qeval::write_imatrix(dir / name, all, {"wiki.train.raw", 1, 4});
        auto const read = qeval::read_imatrix(dir / name, qeval::llama::gguf_names);
        CHECK(read.size() == 2);
        CHECK(read.datasets() == std::vector<std::string>{"wiki.train.raw"});
        auto const one     = read.find("model.layers.0.self_attn.q_proj.weight"),
                   experts = read.find("blk.0.ffn_down_exps.weight");
        CHECK(std::vector<float>(one.begin(), one.end()) == std::vector<float>{2, 16});
        CHECK(std::vector<float>(experts.begin(), experts.end()) == std::vector<float>{1, 2, 1, 1});
    }
    CHECK_THROWS_WITH(qeval::write_imatrix(dir / "m.imatrix", all, origin),
                      Catch::Contains("error[IM06]") && Catch::Contains(".gguf or .dat"));
}
