// Also tests planned_matrices.hpp.
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/scheme/memory_plan.hpp>
#include <qeval/scheme/table_of.hpp>

using namespace qeval;

TEST_CASE("memory for weights is what a scheme makes, a second copy of the largest, and vectors in 32 bits") {
    auto const             formats = table_of<dense_f32, dense_f16, dense_bf16, q8_0>();
    std::vector<std::byte> bytes(64 * 256 * 2);
    tensor_view const      small{"small.weight", "BF16", {32, 256}, std::span(bytes).first(32 * 256 * 2)},
        large{"large.weight", "BF16", {64, 256}, bytes};
    model_description m;
    m.matrices = {{.role = tensor_role::attn_q, .layer = 0, .name = "small.weight", .rows = 32, .cols = 256},
                  {.role = tensor_role::mlp_up, .layer = 0, .name = "large.weight", .rows = 64, .cols = 256}};
    m.tensors  = {{"small.weight", {32, 256}}, {"large.weight", {64, 256}}, {"norm.weight", {256}}};
    tensor_finder const find = [&](std::string_view name) { return name == "small.weight" ? &small : &large; };

    auto const stored = plan_memory(scheme_plan(parse_scheme("source"), m, formats), m, find);
    CHECK(stored.mapped == 96 * 256 * 2);
    CHECK(stored.made == 0);
    CHECK(stored.needed() == 256 * 4);

    auto const made = plan_memory(scheme_plan(parse_scheme("all:q8_0"), m, formats), m, find);
    CHECK(made.mapped == 0);
    CHECK(made.made == 96 * 256 / 32 * 34);
    CHECK(made.largest == 64 * 256 / 32 * 34);
    CHECK(made.needed() == made.made + made.largest + 256 * 4);

    m.matrices[1].transposed  = true; // what is stored the other way round is copied
    tensor_view turned        = large;
    turned.shape              = {256, 64};
    tensor_finder const found = [&](std::string_view name) { return name == "small.weight" ? &small : &turned; };
    CHECK(plan_memory(scheme_plan(parse_scheme("source"), m, formats), m, found).made == 64 * 256 * 2);
}
