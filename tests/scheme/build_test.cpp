// Also tests any_format.hpp, kv_blocks.hpp, stored_matrix.hpp, table_of.hpp.
#include <cstddef>
#include <limits>
#include <list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/tiny_model.hpp>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

using some = qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::q8_0, qeval::int8_sym,
                                qeval::llm_int8>; // few: this file compiles them all

std::vector<float> last_logits(qeval::causal_lm& model) {
    std::vector<qeval::token> const tokens{1, 4, 2, 9, 3};
    auto const                      state = model.start();
    qeval::sequence_step const      step{state.get(), tokens, 4};
    std::vector<float>              out;
    model.forward({&step, 1}, [&](auto, qeval::matrix_view<float const> logits) {
        out.assign(logits.row(0).begin(), logits.row(0).end());
    });
    return out;
}

qeval::blueprint_of<qeval::llama, qeval::cpu::host> blueprint(qeval_test::tiny_model const& m) {
    return qeval::blueprint_of<qeval::llama, qeval::cpu::host>(m.config);
}

struct file { // the tensors of a model, with something that stands for the mapping
    std::vector<qeval::tensor_view> views;
    std::shared_ptr<int>            mapping = std::make_shared<int>(0);

    [[nodiscard]] qeval::tensor_view const* find(std::string_view name) const {
        for (auto const& t : views) {
            if (t.name == name) return &t;
        }
        return nullptr;
    }
    [[nodiscard]] std::span<qeval::tensor_view const> tensors() const { return views; }
};

} // namespace

TEST_CASE("bytes of a model are the stored bytes of its matrices and the norms") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(2);
    std::size_t                  floats = 0, norms = 0;
    for (auto const& t : model.tensors()) (t.shape.size() == 1 ? norms : floats) += std::size_t(t.count());
    auto const source = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                           qeval::parse_scheme("source"), blueprint(model), model, pool);
    CHECK(source.account.weight_bytes == 4 * (floats + norms));
    CHECK(source.account.bits_per_weight() == 32.0);
    auto const half = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                         qeval::parse_scheme("all:f16"), blueprint(model), model, pool);
    CHECK(half.account.weight_bytes == 2 * floats + 4 * norms);
    auto const channel = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                            qeval::parse_scheme("w8a16"), blueprint(model), model, pool);
    CHECK(channel.account.covered_weights == floats - 15 * 12); // without the embedding
    CHECK(channel.account.kernels == std::set<std::string>{"exact/lanes"});
}

TEST_CASE("weights in the format of their file stay there; others do not need the file any more") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(2);
    file                         source;
    long                         matrices = 0;
    for (auto t : model.tensors()) {
        matrices += t.shape.size() == 2 ? 1 : 0;
        t.memory = source.mapping;
        source.views.push_back(std::move(t));
    }
    long const before = source.mapping.use_count();
    auto const as_is  = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                           qeval::parse_scheme("source"), blueprint(model), source, pool);
    CHECK(source.mapping.use_count() == before + matrices);
    auto const packed = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                           qeval::parse_scheme("all:q8_0"), blueprint(model), source, pool);
    CHECK(source.mapping.use_count() == before + matrices);
    CHECK(last_logits(*as_is.model).size() == last_logits(*packed.model).size());
}

TEST_CASE(
    "encoded weights are kept in the kernel layout, a file's on request: bytes and logits are the same, bit for bit") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(2);
    auto const                   formats = qeval::table_of<some>();
    for (std::string const path : {"", "+a=int8:32", "@f16"}) {
        INFO(path);
        auto const encoded = qeval::build_model(qeval::cpu::host(pool), formats, qeval::parse_scheme("all:q8_0" + path),
                                                blueprint(model), model, pool);
        CHECK(encoded.account.kernels.begin()->ends_with("/r16"));

        file                              source; // the same weights, stored
        std::list<std::vector<std::byte>> bytes;
        for (auto t : model.tensors()) {
            if (t.shape.size() == 2) {
                auto& stored = bytes.emplace_back();
                formats.find("q8_0")
                    ->pack(*qeval::stored_numbers(t), pool)
                    ->write([&](std::span<std::byte const> part) {
                        stored.insert(stored.end(), part.begin(), part.end());
                    });
                t.type   = "Q8_0";
                t.bytes  = stored;
                t.memory = source.mapping;
            }
            source.views.push_back(std::move(t));
        }
        long const before = source.mapping.use_count();
        auto const build  = [&](bool repack) {
            return qeval::build_model(qeval::cpu::host(pool), formats, qeval::parse_scheme("all:q8_0" + path),
                                       blueprint(model), source, pool, {.repack = repack});
        };
        auto const mapped = build(false);
        CHECK(mapped.account.kernels.begin()->ends_with("/lanes"));
        CHECK(source.mapping.use_count() == before + long(bytes.size()));
        auto const repacked = build(true);
        CHECK(repacked.account.kernels == encoded.account.kernels);
        CHECK(source.mapping.use_count() == before + long(bytes.size()));
        CHECK(repacked.account.weight_bytes == mapped.account.weight_bytes);
        CHECK(encoded.account.weight_bytes == mapped.account.weight_bytes);
        CHECK(last_logits(*repacked.model) == last_logits(*mapped.model));
        CHECK(last_logits(*encoded.model) == last_logits(*mapped.model));
    }
}

TEST_CASE("a scheme that changes nothing gives the logits of the source, bit for bit") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(3);
    auto source = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), qeval::parse_scheme("source"),
                                     blueprint(model), model, pool);
    auto same   = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(),
                                     qeval::parse_scheme("all:f32+kv=f32"), blueprint(model), model, pool);
    auto other  = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), qeval::parse_scheme("w8a8"),
                                     blueprint(model), model, pool);
    CHECK(last_logits(*source.model) == last_logits(*same.model));
    CHECK(last_logits(*source.model) != last_logits(*other.model));
    CHECK(other.account.kernels == std::set<std::string>{"integer-token/lanes"});
}

TEST_CASE("a format without an integer path is named in the notes when activations are to be integers") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(1);
    auto const                   scheme = qeval::parse_scheme("all:f16+a=int8");
    auto const                   built =
        qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), scheme, blueprint(model), model, pool);
    REQUIRE_FALSE(built.account.notes.empty());
    CHECK_THAT(built.account.notes[0], Catch::Contains("no integer path for f16"));
    CHECK(built.account.kernels == std::set<std::string>{"exact/numbers, inputs as int8"});
}

TEST_CASE("activation formats, LLM.int8 and group sizes come from the scheme's text") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(2);
    auto const                   build = [&](char const* scheme) {
        return qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), qeval::parse_scheme(scheme),
                                                    blueprint(model), model, pool);
    };
    auto exact = build("all:f32"), fp8 = build("all:f32+a=fp8"), bf16 = build("all:f32+a=bf16"),
         f32 = build("all:f32+a=f32");
    CHECK(fp8.account.notes.empty());
    CHECK(fp8.account.kernels == std::set<std::string>{"exact/numbers, inputs as fp8"});
    CHECK(last_logits(*exact.model) == last_logits(*f32.model));
    CHECK(last_logits(*exact.model) != last_logits(*fp8.model));
    CHECK(last_logits(*bf16.model) != last_logits(*fp8.model));

    auto token = build("int8"), batch = build("int8@bnb"), bare = build("int8+a=int8");
    CHECK(token.account.kernels == std::set<std::string>{"integer-token/lanes + f16 outliers"});
    CHECK(batch.account.kernels == std::set<std::string>{"integer-token/lanes + f16 outliers of the batch"});
    CHECK(bare.account.kernels == std::set<std::string>{"integer-token/lanes"});
    CHECK_THROWS_WITH(build("w8a8@bnb"), Catch::Contains("only int8 chooses outliers"));
    CHECK_THROWS_WITH(build("w8a8:static"), Catch::Contains("SC04"));

    CHECK(build("w8a16:tensor").account.covered_bytes < build("w8a16").account.covered_bytes);
    CHECK(build("w8a16:g4").account.covered_bytes > build("w8a16").account.covered_bytes);
    CHECK_THROWS_WITH(build("w8a16:g0"), Catch::Contains("SC01"));
}

TEST_CASE("a weight that is not finite is refused by tensor and element, unless allowed") {
    qeval_test::tiny_model model;
    model.values("model.layers.1.mlp.up_proj.weight")[7] = std::numeric_limits<float>::infinity();
    qeval::thread_pool pool(1);
    try {
        (void)qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), qeval::parse_scheme("q8_0"),
                                 blueprint(model), model, pool);
        FAIL("accepted");
    } catch (qeval::file_error const& e) {
        CHECK(e.id() == "ST32");
        CHECK_THAT(e.what(), Catch::Contains("model.layers.1.mlp.up_proj.weight\", element 7"));
    }
    CHECK_NOTHROW(qeval::build_model(qeval::cpu::host(pool), qeval::table_of<some>(), qeval::parse_scheme("q8_0"),
                                     blueprint(model), model, pool, {true}));
}
