// A backend of other make than the CPU's runs every architecture, and gives the same bits: what backends must compute
// is what the two contracts say, and nothing above them knows which one it has.
// Also tests ../model/backend.hpp, any_architecture.hpp, architecture_table.hpp.
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/reference_model.hpp>
#include <tests/support/scalar_backend.hpp>

#include <qeval/core/random.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/scheme/architecture_table.hpp>
#include <qeval/scheme/build.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

using namespace qeval_test;
using qeval::index; // not the one of <strings.h>

// Every path that a scheme can ask for, over formats of numbers and planes, which rows of any length have.
constexpr char const* schemes[] = {"source", "all:f32", "all:f16@f16", "all:bf16@bf16", "nf4:32+kv=f16",
                                   "w8a8",   "int8",    "int8@bnb",    "nf4+a=fp8",     "all:f16+a=int8"};
// Formats of blocks, which are wider than a tiny model's rows.
constexpr char const* block_schemes[] = {
    "source", "q8_0", "all:q8_0+a=int8:32+kv=q8_0", "all:q4_k+kv=q8_0", "all:q4_k+a=int8:32", "all:q8_0+a=int8:256"};

struct outcome {
    std::vector<float>                   logits; // of every position
    std::vector<qeval::logit_summary>    summaries;
    std::vector<qeval::logit_divergence> divergences; // from the position's own logits, one token on
    std::vector<std::string>             notes;
};
bool same(std::vector<float> const& a, std::vector<float> const& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
bool same(qeval::logit_summary const& a, qeval::logit_summary const& b) {
    return a.best == b.best && std::memcmp(&a.log_sum_exp, &b.log_sum_exp, sizeof a.log_sum_exp) == 0 &&
           std::memcmp(&a.logit, &b.logit, sizeof a.logit) == 0;
}
bool operator==(outcome const& a, outcome const& b) {
    bool all = same(a.logits, b.logits) && a.summaries.size() == b.summaries.size() && a.notes == b.notes &&
               a.divergences.size() == b.divergences.size();
    for (std::size_t i = 0; all && i < a.summaries.size(); ++i) all = same(a.summaries[i], b.summaries[i]);
    for (std::size_t i = 0; all && i < a.divergences.size(); ++i) {
        all = same(a.divergences[i].of, b.divergences[i].of) &&
              std::memcmp(&a.divergences[i].kl, &b.divergences[i].kl, sizeof a.divergences[i].kl) == 0;
    }
    return all;
}

std::vector<qeval::token> some_tokens(index n, index vocabulary, std::uint64_t seed) {
    qeval::random_stream const r(seed);
    std::vector<qeval::token>  ids;
    for (index i = 0; i < n; ++i) ids.push_back(qeval::token(r.below(std::uint64_t(vocabulary), std::uint64_t(i))));
    return ids;
}

// Two texts in one pass, then a few tokens more of each, one of them from a fork.
template <class B>
outcome run(B device, qeval::checkpoint const& file, std::string const& scheme, index tokens,
            qeval::thread_pool& pool) {
    auto const model = qeval::architectures_of<B>().read(file);
    auto const built = qeval::build_model(std::move(device), qeval::table_of<qeval::catalog>(),
                                          qeval::parse_scheme(scheme), *model, file, pool);
    outcome    all;
    all.notes       = built.account.notes;
    auto const take = [&](auto, qeval::logit_rows const& rows) {
        auto const                       whole = rows.to_host();
        std::vector<qeval::logit_target> targets;
        std::vector<qeval::kept_row>     kept;
        for (index r = 0; r < whole.rows; ++r) {
            all.logits.insert(all.logits.end(), whole.row(r).begin(), whole.row(r).end());
            targets.push_back({r, qeval::token(r % whole.cols)});
            auto const other = whole.row((r + 1) % whole.rows);
            kept.push_back({other, qeval::normalise(other)});
        }
        for (auto const how : {qeval::exponentials::f32, qeval::exponentials::f64}) {
            auto const s = rows.summarize(targets, how);
            all.summaries.insert(all.summaries.end(), s.begin(), s.end());
        }
        auto const d = rows.diverge(targets, kept);
        all.divergences.insert(all.divergences.end(), d.begin(), d.end());
    };
    index const vocabulary = built.model->vocab_size();
    auto const  a = some_tokens(tokens, vocabulary, 1), b = some_tokens(tokens / 3, vocabulary, 2),
               more                  = some_tokens(3, vocabulary, 3);
    auto const                 first = built.model->start(), second = built.model->start();
    qeval::sequence_step const prompt[] = {{first.get(), a, 0}, {second.get(), b, 0}};
    built.model->forward(prompt, take);
    auto const                 fork   = first->fork(first->length() - 2);
    qeval::sequence_step const next[] = {{fork.get(), more, 0}, {second.get(), std::span(more).first(1), 0}};
    built.model->forward(next, take);
    return all;
}

void check(std::filesystem::path const& folder, std::span<char const* const> all, index tokens) {
    auto const         formats = qeval::table_of<qeval::catalog>();
    auto const         known   = qeval::architectures_of<qeval::cpu::host>();
    auto const         file    = qeval::open_checkpoint(folder, formats.gguf_types(), known.gguf_namings());
    qeval::thread_pool pool(2);
    for (std::string const scheme : all) {
        INFO(folder.filename() << ' ' << scheme);
        auto const expected = run(qeval::cpu::host(pool), file, scheme, tokens, pool);
        auto const found    = run(scalar_backend(pool, qeval::cpu::has_bf16_dot), file, scheme, tokens, pool);
        CHECK(expected.logits.size() > 0);
        CHECK(same(found.logits, expected.logits));
        CHECK(found == expected);
    }
}

} // namespace

TEST_CASE("a backend of plain scalar code gives the CPU's bits for every architecture, format and path") {
    std::map<std::string, bool> covered;
    for (auto const* a : qeval::architectures_of<scalar_backend>()) covered[std::string(a->names().hf_class)] = false;
    for (auto const& entry : std::filesystem::directory_iterator(source("tests/golden/architectures"))) {
        if (!std::filesystem::exists(entry.path() / "config.json")) continue;
        auto const config = qeval::parse_json(slurp(entry.path() / "config.json"), entry.path().string());
        auto const known  = covered.find(std::string(config.at("architectures")[0].string()));
        if (known == covered.end()) continue;
        known->second = true;
        check(entry.path(), schemes, 37);
    }
    for (auto const& [hf_class, found] : covered) {
        INFO(hf_class);
        CHECK(found);
    }
    check(source("examples/models/qeval-5m"), block_schemes, 6); // rows wide enough for blocks
}
