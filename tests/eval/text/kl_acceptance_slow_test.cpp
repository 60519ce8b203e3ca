// MindIE's logit check against transformers and gguf-py's rounding (tests/golden/make_kl_acceptance.py), on the bundled
// model.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/golden/kl_acceptance_golden.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/reference_model.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/text/acceptance_windows.hpp>
#include <qeval/eval/text/divergence.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/table_of.hpp>

using namespace qeval_test;

namespace {

using engine_type = qeval::in_process<qeval::tokenizer>;
using formats     = qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::q8_0, qeval::q4_0>;

engine_type engine_of(std::string_view scheme, qeval::thread_pool& pool) {
    auto const folder = source("examples/models/qeval-5m");
    auto const stored = open_floats(folder);
    auto built = qeval::build_model(qeval::cpu::host(pool), qeval::table_of<formats>(), qeval::parse_scheme(scheme),
                                    *architectures().read(stored), stored, pool);
    return {std::move(built.model), qeval::load_tokenizer(folder)};
}

// KL moves with the logits by at most sqrt(2 KL) times their error, to first order. Two orders of float sums differ
// there by 6.0e-6 at most, as measured over all positions and schemes with SSE4 and AVX2 (transformers in float32 from
// itself in float64: 3.3e-6). 1e-9 is the golden file's sixth digit and what is left where KL is nothing.
double tolerance(double kl) { return 1e-9 + 8e-6 * std::sqrt(2 * kl); }

} // namespace

TEST_CASE("the logit check compares what MindIE's does: same texts, positions, divergences, counts and verdict") {
    qeval::thread_pool      pool(2);
    auto                    reference = engine_of("source", pool);
    std::string const       heldout   = slurp(source("examples/models/qeval-5m/data/heldout.txt"));
    auto const              text = qeval::cut_into_windows(reference, qeval::kl_acceptance{}, heldout, "heldout.txt");
    qeval::reference_logits logits;
    std::vector<double>     losses(std::size_t(text.positions()));
    logits.read(reference, text, 0, text.count(), losses);

    REQUIRE(text.windows.size() == acceptance_texts.size());
    for (qeval::index w = 0; w < text.count(); ++w) {
        auto const written = text.at(w).subspan(std::size_t(text.window(w).first) + 1);
        INFO("text " << w);
        CHECK(std::vector<int>(written.begin(), written.end()) == acceptance_texts[std::size_t(w)]);
    }
    for (acceptance_case const& golden : acceptance_cases) {
        INFO(golden.scheme);
        auto                     scheme = engine_of(golden.scheme, pool);
        qeval::divergence_values values(text.positions());
        values.read(scheme, text, 0, text.count(), logits);
        auto const count = values.result(text).acceptance;
        CHECK(count.compared == golden.compared);
        CHECK(count.above_1e_4 == golden.above_1e_4);
        CHECK(count.above_1e_3 == golden.above_1e_3);
        CHECK(count.passes() == golden.passes);
        if (golden.kl.empty()) CHECK(*std::max_element(values.kl().begin(), values.kl().end()) < 1e-9);
        for (std::size_t w = 0; w < golden.kl.size(); ++w) {
            INFO("text " << w);
            auto const from = std::size_t(text.window(qeval::index(w)).slot);
            for (std::size_t i = 0; i < golden.kl[w].size(); ++i) {
                double const kl = golden.kl[w][i], allowed = tolerance(kl);
                INFO("position " << i);
                CHECK(std::abs(values.kl()[from + i] - kl) <= allowed);
                // No value is so near to a limit that rounding decides on which side it is: the counts have no
                // tolerance.
                CHECK(std::min(std::abs(kl - 1e-4), std::abs(kl - 1e-3)) > allowed);
            }
        }
    }
}
