#include <limits>
#include <set>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/tiny_model.hpp>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8_channel.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/matrix_slots.hpp>

namespace {

using some = qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::q8_0, qeval::int8_channel>; // few: this file compiles them all

std::vector<float> last_logits(qeval::causal_lm& model) {
    std::vector<qeval::token> const tokens{1, 4, 2, 9, 3};
    auto const                      state = model.start();
    qeval::sequence_step const      step{state.get(), tokens, 4};
    std::vector<float>              out;
    model.forward({&step, 1}, [&](auto, qeval::matrix_view<float const> logits) { out.assign(logits.row(0).begin(), logits.row(0).end()); });
    return out;
}

} // namespace

TEST_CASE("bytes of a model are the stored bytes of its matrices and the norms") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(2);
    std::size_t                  floats = 0, norms = 0;
    for (auto const& t : model.tensors()) (t.shape.size() == 1 ? norms : floats) += std::size_t(t.count());
    auto const source = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("source"), model.config, model, pool);
    CHECK(source.account.weight_bytes == 4 * (floats + norms));
    CHECK(source.account.bits_per_weight() == 32.0);
    auto const half = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("all:f16"), model.config, model, pool);
    CHECK(half.account.weight_bytes == 2 * floats + 4 * norms);
    auto const channel = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("w8a16"), model.config, model, pool);
    CHECK(channel.account.covered_weights == floats - 15 * 12); // without the embedding
    CHECK(channel.account.kernels == std::set<std::string>{"exact/lanes"});
}

TEST_CASE("a scheme that changes nothing gives the logits of the source, bit for bit") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(3);
    auto source = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("source"), model.config, model, pool);
    auto same   = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("all:f32+kv=f32"), model.config, model, pool);
    auto other  = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("w8a8"), model.config, model, pool);
    CHECK(last_logits(*source.model) == last_logits(*same.model));
    CHECK(last_logits(*source.model) != last_logits(*other.model));
    CHECK(other.account.kernels == std::set<std::string>{"integer-token/lanes"});
}

TEST_CASE("a format without an integer path is named in the notes when activations are to be integers") {
    qeval_test::tiny_model const model;
    qeval::thread_pool           pool(1);
    auto const built = qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("all:f16+a=int8"), model.config, model, pool);
    REQUIRE_FALSE(built.account.notes.empty());
    CHECK_THAT(built.account.notes[0], Catch::Contains("no integer path for f16"));
}

TEST_CASE("a weight that is not finite is refused by tensor and element, unless allowed") {
    qeval_test::tiny_model model;
    model.values("model.layers.1.mlp.up_proj.weight")[7] = std::numeric_limits<float>::infinity();
    qeval::thread_pool pool(1);
    try {
        (void)qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("q8_0"), model.config, model, pool);
        FAIL("accepted");
    } catch (qeval::file_error const& e) {
        CHECK(e.id() == "ST32");
        CHECK_THAT(e.what(), Catch::Contains("model.layers.1.mlp.up_proj.weight\", element 7"));
    }
    CHECK_NOTHROW(qeval::build_model(qeval::table_of<some>(), qeval::parse_scheme("q8_0"), model.config, model, pool, true));
}

TEST_CASE("every matrix of an architecture is found with its role") {
    qeval_test::tiny_model const model(false);
    auto const                   slots = qeval::matrix_slots(model.config, model);
    CHECK(slots.size() == 2 + 2 * 7);
    for (auto const& s : slots) CHECK(s.stored.shape.size() == 2);
}
