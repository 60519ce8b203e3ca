#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/scheme/attribution.hpp>

namespace {

std::vector<std::string> parts(char const* scheme, bool splits_inputs = false) {
    std::vector<std::string> names;
    for (auto const& s : qeval::attribution_steps(qeval::parse_scheme(scheme), splits_inputs)) names.push_back(s.part);
    return names;
}
using list = std::vector<std::string>;

} // namespace

TEST_CASE(
    "each source of error of a scheme is one step, in the order weights, activations, sums, compute type, cache") {
    CHECK(parts("source").empty());
    CHECK(parts("q4_0") == list{"weights"});
    CHECK(parts("w8a8") == list{"weights", "activations", "accumulation"});
    CHECK(parts("q4_0+a=int8:32+kv=q8_0") == list{"weights", "activations", "accumulation", "KV cache"});
    CHECK(parts("nf4@f16") == list{"weights", "compute"});
    CHECK(parts("source@bf16") == list{"compute"});
    CHECK(parts("source+kv=q4_0") == list{"KV cache"});
    CHECK(parts("int8", true) == list{"weights", "activations, accumulation"});
}

TEST_CASE("the last step is the scheme itself, the first has nothing but its weights") {
    auto const full  = qeval::parse_scheme("q4_0+a=int8:32+kv=q8_0");
    auto const steps = qeval::attribution_steps(full);
    CHECK(steps.back().spec.name == full.name);
    CHECK(steps.back().spec.activations == full.activations);
    CHECK(steps.back().spec.kv == full.kv);
    CHECK_FALSE(steps.back().spec.exact_sums);
    CHECK(steps[0].spec.name == full.name + " [weights]");
    CHECK(steps[0].spec.activations == nullptr);
    CHECK(steps[0].spec.kv.empty());
    CHECK(steps[1].spec.exact_sums);
    CHECK(steps[1].spec.activations->name == "int8:32");
}
