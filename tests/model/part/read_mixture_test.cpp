// What configurations say of experts, and what no router could do.
#include <string>
#include <string_view>

#include <qeval/io/json/json_document.hpp>
#include <qeval/model/arch/deepseek_v3.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/data.hpp"

namespace {

using namespace qeval_test;

// The golden DeepSeek-V3, one number of it changed.
void read_with(std::string const& key, std::string const& value) {
    auto       text = get_file(source("tests/golden/architectures/deepseek-v3/config.json"));
    auto const at   = text.find("\"" + key + "\": ");
    REQUIRE(at != text.npos);
    auto const from = at + key.size() + 4;
    text.replace(from, text.find_first_of(",\n", from) - from, value);
    auto const document = qeval::parse_json(text, "config.json", {std::size_t{4} << 20, 200'000, 64, "CF01"});
    (void)qeval::deepseek_v3::read(qeval::config_reader(document));
}

} // namespace

TEST_CASE("CF01: groups of unequal size, of one expert, or too few for what a token asks are refused") {
    CHECK_NOTHROW(read_with("n_routed_experts", "8"));
    check_refused([] { read_with("n_group", "3"); }, {"CF01", "groups of experts", "8 experts in 3 groups", "equal"});
    check_refused([] { read_with("n_group", "8"); }, {"CF01", "groups of experts", "8 experts in 8 groups", "equal"});
    check_refused([] { read_with("topk_group", "0"); }, {"CF01", "groups of experts", "0 of them used", "room"});
    check_refused([] { read_with("num_experts_per_tok", "8"); }, {"CF01", "groups of experts", "8 experts", "room"});
}
