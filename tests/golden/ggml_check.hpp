// Checks every format of the catalog that ggml_golden.inc knows against ggml's bytes and values.
#pragma once

#include <cstring>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/golden/golden_check.hpp>
#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/format/catalog.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>

namespace qeval_test {

inline constexpr format_golden ggml_goldens[] = {
#include <tests/golden/ggml_golden.inc>
};

// Calls check(format_tag<F>, golden) for every golden of that quantity that `wanted` picks; returns the formats
// checked.
template <class Wanted, class Check>
std::set<std::string_view> for_each_ggml_golden(std::string_view what, Wanted wanted, Check check) {
    std::set<std::string_view> checked;
    qeval::for_each_format(qeval::catalog{}, [&](auto tag) {
        for (format_golden const& g : ggml_goldens) {
            if (g.format != qeval::name_of<typename decltype(tag)::type>() || g.what != what || !wanted(g)) continue;
            check(tag, g);
            checked.insert(g.format);
        }
    });
    return checked;
}

// The formats that have a golden of that quantity.
inline std::set<std::string_view> formats_with(std::string_view what) {
    std::set<std::string_view> names;
    for (format_golden const& g : ggml_goldens) {
        if (g.what == what) names.insert(g.format);
    }
    return names;
}

// What make_ggml.py has for the columns of a matrix.
inline std::vector<float> column_importance(qeval::index cols) { return weight_stream("importance").take(cols); }

// Encodes the goldens' streams, with importance where `what` says so, and compares the blocks.
template <class Wanted>
void check_ggml_blocks(std::string_view what, Wanted wanted) {
    bool const weighs  = what == "blocks, importance";
    auto const checked = for_each_ggml_golden(what, wanted, [weighs](auto tag, format_golden const& g) {
        using F = typename decltype(tag)::type;
        if constexpr (qeval::in_blocks<F>) {
            auto const              w = weight_stream(g.stream).take(g.rows * g.cols);
            qeval::thread_pool      pool(2);
            qeval::packed_matrix<F> packed;
            if constexpr (qeval::takes_importance<F>) {
                if (weighs) packed = qeval::pack<F>({w.data(), g.rows, g.cols}, column_importance(g.cols), pool);
            }
            if (!weighs) packed = qeval::pack<F>({w.data(), g.rows, g.cols}, pool);
            REQUIRE(packed.rows() == g.rows); // 0: a format that the origin weighs, but not we
            auto const text = difference(g, packed.stored(), sizeof(typename F::block_type));
            INFO(text);
            CHECK(text.empty());
        }
    });
    CHECK((checked == formats_with(what)));
}

} // namespace qeval_test
