// The bundled model, whose matrices are stored as BF16: what rounding them to another type does is known by the type.
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/core/half.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/describe.hpp>
#include <qeval/scheme/table_of.hpp>
#include <qeval/scheme/weight_errors.hpp>

namespace {

using namespace qeval;
using qeval::index;                                               // not the one of <strings.h>
using some = format_list<dense_f32, dense_f16, dense_bf16, q8_0>; // few: this file compiles them all

struct bundled {
    checkpoint        file = open_checkpoint(qeval_test::source("examples/models/qeval-5m"), {});
    format_table      formats{table_of<some>()};
    model_description model = describe<llama>(llama::read(file.config()));

    [[nodiscard]] std::vector<weight_error> errors(std::string const& scheme, int threads) const {
        thread_pool pool(threads);
        return weight_errors(scheme_plan(parse_scheme(scheme), model, formats), model, finder_in(file), pool, {});
    }
};

// |rounded - w| / |w| over a tensor, where `round` gives the stored value.
template <class Round>
double relative_error(tensor_view const& t, Round const& round) {
    double lost = 0, whole = 0;
    for (index i = 0; i < t.count(); ++i) {
        bf16 stored;
        std::memcpy(&stored, t.bytes.data() + 2 * i, 2);
        double const w = double{stored.to_float()}, d = double{round(stored.to_float())} - w;
        lost += d * d;
        whole += w * w;
    }
    return std::sqrt(lost / whole);
}

} // namespace

TEST_CASE("every matrix has its error, in the model's order, on any number of threads; as it is stored it has none") {
    bundled const b;
    auto const&   matrices = b.model.matrices;
    for (int const threads : {1, 3}) {
        auto const half = b.errors("all:f16", threads), same = b.errors("all:bf16", threads);
        REQUIRE(half.size() == matrices.size());
        REQUIRE(same.size() == matrices.size());
        for (std::size_t i = 0; i < matrices.size(); ++i) {
            INFO(matrices[i].name);
            auto const& stored = *b.file.find(matrices[i].name);
            REQUIRE(stored.type == "BF16");
            CHECK(half[i].name == matrices[i].name);
            CHECK(half[i].layer == matrices[i].layer);
            CHECK(half[i].format == "F16");
            CHECK(half[i].relative_rmse ==
                  Approx(relative_error(stored, [](float w) { return f16::from(w).to_float(); }))
                      .epsilon(1e-12)
                      .margin(0));
            CHECK(same[i].relative_rmse == 0);
        }
    }
}

TEST_CASE("eight bits in blocks lose about a five-hundredth of what is largest in a block, and no more") {
    bundled const b;
    for (auto const& e : b.errors("all:q8_0", 2)) {
        INFO(e.name);
        CHECK(e.format == "Q8_0");
        CHECK(e.relative_rmse > 0.002); // a step is 1/127 of the largest of 32, an error 1/sqrt(12) of a step
        CHECK(e.relative_rmse < 0.012);
    }
}
