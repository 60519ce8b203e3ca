// Inputs that are made row by row, for every kind of linear.
// Also tests linear.hpp.
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tests/kernel/sample_layer.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/input_rows.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/kernel/rounded_linear.hpp>
#include <qeval/kernel/static_int8_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test::sample_layer;
using qeval::index; // not the one of <strings.h>

TEST_CASE("rows that are made where they are packed give the bits of stored rows") {
    thread_pool                          pool(3);
    auto const                           w = weights(), x = inputs(50, 90); // more than a piece of the columns
    std::vector<std::unique_ptr<linear>> all;
    auto const                           packed = [&] { return pack<int8_sym>({w.data(), rows, cols}, pool); };
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{}, pool));
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{compute_type::f16}, pool));
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::bf16_path{}, pool));
    for (auto group : {cpu::activation_group::depths_32, cpu::activation_group::token}) {
        all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::integer_path{group}, pool));
    }
    all.push_back(std::make_unique<rounded_linear>(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{}, pool),
                                                   any_activation_of<int8_token>, pool));
    auto stored = packed();
    auto parts  = derive_static_int8(stored.view(), 0.1f, 3.0f);
    all.push_back(std::make_unique<static_int8_linear>(
        cpu::make_linear<int8_sym>(without_scales(std::move(stored)), cpu::exact_path{}, pool), std::move(parts),
        pool));
    auto       outer = packed();
    auto const at    = outer.view();
    all.push_back(std::make_unique<outlier_linear>(
        cpu::make_linear<int8_sym>(std::move(outer), cpu::integer_path{}, pool),
        [at](index r, index k) { return at(r, k); }, 6.0f, outlier_choice::per_token, pool));
    auto const make = [](void const* how, index row, std::span<float> out) { // halves of what is stored
        auto const& from = *static_cast<std::vector<float> const*>(how);
        for (index k = 0; k < cols; ++k)
            out[static_cast<std::size_t>(k)] = from[static_cast<std::size_t>(row * cols + k)] / 2;
    };
    auto halves = x;
    for (float& v : halves) v /= 2;
    for (index const n : {index{1}, index{2}, index{50}}) {
        for (auto const& l : all) {
            INFO(l->kernel() << ", " << n << " rows");
            std::vector<float> y(static_cast<std::size_t>(n * rows));
            l->apply(*l->prepare(input_rows(n, cols, make, &x)), {y.data(), n, rows});
            CHECK(y == run(*l, {halves.begin(), halves.begin() + n * cols}));
        }
    }
}

} // namespace
