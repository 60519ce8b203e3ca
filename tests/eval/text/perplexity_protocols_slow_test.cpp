// Every perplexity protocol against transformers and the rules of its origin (tests/golden/make_perplexities.py), to
// five digits.
// Also tests strided_windows.hpp, whole_windows.hpp, text_rows.hpp.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/packed_model.hpp>
#include <tests/support/reference_model.hpp>

#include <qeval/engine/in_process.hpp>
#include <qeval/eval/text/llamacpp_windows.hpp>
#include <qeval/eval/text/perplexity.hpp>
#include <qeval/eval/text/strided_windows.hpp>
#include <qeval/eval/text/whole_windows.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/model/cpu/host.hpp>

using namespace qeval_test;

namespace {

struct golden_perplexity {
    std::string_view model, protocol;
    qeval::index     ctx;
    double           value;
};
constexpr golden_perplexity golden[] = {
#include <tests/golden/perplexity_golden.inc>
};

using engine_type = qeval::in_process<qeval::tokenizer>;

template <class Protocol>
double perplexity(engine_type& engine, std::string_view text, qeval::index ctx) {
    Protocol protocol;
    protocol.ctx       = ctx;
    auto const windows = qeval::cut_into_windows(engine, protocol, text, "wiki.test.raw");
    return qeval::perplexity_of(qeval::token_losses(engine, windows, 4096, [](qeval::index, auto) {}), windows)
        .perplexity.value;
}
std::map<std::string_view, double (*)(engine_type&, std::string_view, qeval::index)> const protocols = {
    {"llamacpp", perplexity<qeval::llamacpp_half_window>},
    {"llamacpp_stride", perplexity<qeval::llamacpp_stride>},
    {"hf_strided", perplexity<qeval::hf_strided>},
    {"gptq", perplexity<qeval::gptq_2048>},
    {"exllamav3", perplexity<qeval::exllamav3>},
    {"llmc_c4", perplexity<qeval::llmc_c4>},
    {"llmc_ptb", perplexity<qeval::llmc_ptb>},
    {"llmc_pile", perplexity<qeval::llmc_pile>}};

} // namespace

TEST_CASE("every perplexity protocol gives its origin's number to five digits") {
    auto const file = data("datasets/wikitext-2-raw/wiki.test.raw"), stories = data("models/stories260K");
    if (!file || !stories) return;
    auto raw = qeval::read_data_file(*file).bytes.substr(0, 24000);
    raw.resize(raw.rfind('\n') + 1);
    qeval::thread_pool                                  pool(2);
    std::map<std::string, std::unique_ptr<engine_type>> engines;
    auto const add = [&](std::string const& name, std::filesystem::path const& weights,
                         std::filesystem::path const& words) {
        auto const stored = open_floats(weights);
        engines[name]     = std::make_unique<engine_type>(
            model_of(stored, qeval::cpu::host(pool), packed_as<qeval::dense_f32>(qeval::cpu::exact_path{}, pool)),
            qeval::load_tokenizer(words));
    };
    add("stories260K", *stories / "hf", *stories / "stories260K.gguf");
    add("qeval-5m", source("examples/models/qeval-5m"), source("examples/models/qeval-5m"));
    for (auto const& g : golden) {
        INFO(g.model << " " << g.protocol << " " << g.ctx);
        CHECK(protocols.at(g.protocol)(*engines.at(std::string(g.model)), raw, g.ctx) == Approx(g.value).epsilon(1e-5));
    }
    CHECK(std::size(golden) == 2 * protocols.size());
}
