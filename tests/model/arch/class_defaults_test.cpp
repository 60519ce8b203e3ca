#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/io/json/json_document.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/reference_model.hpp"

using namespace qeval_test;

namespace {

// What a class in transformers 4.57.6 has for every entry (tests/golden/make_model_facts.py).
qeval::json_document golden() {
    auto const path = source("tests/golden/model_facts.json");
    return qeval::parse_json(slurp(path), path.string(), {std::size_t{4} << 20, 200'000, 64, "JS01"});
}
bool same(std::optional<qeval::json_value> const& theirs, qeval::taken_default::any_value const& ours) {
    return std::visit(
        [&]<class T>(T const& value) {
            if constexpr (std::is_same_v<T, std::monostate>) {
                return !theirs;
            } else if constexpr (std::is_same_v<T, bool>) {
                return theirs && theirs->is_boolean() && theirs->boolean() == value;
            } else if constexpr (std::is_same_v<T, std::string>) {
                return theirs && theirs->is_string() && theirs->string() == value;
            } else {
                double const number = double(value);
                return theirs && theirs->is_number() &&
                       std::abs(theirs->number(-1e18, 1e18) - number) <= 3e-7 * std::abs(number);
            }
        },
        ours);
}
std::optional<qeval::json_value> value_of(qeval::json_value theirs, std::string_view key) {
    auto const dot = key.find('.');
    if (dot == key.npos) return theirs.find(key);
    auto const outer = theirs.find(key.substr(0, dot));
    return outer ? outer->find(key.substr(dot + 1)) : std::nullopt;
}
// What the class has null for, and its model a value of its own, or 0; and what is told in words.
bool is_meant(std::string_view key) {
    return key == "n_inner" || key == "hidden_activation" || key == "n_group" || key == "topk_group" ||
           key == "layer_types";
}

constexpr char const* size_keys[] = {"hidden_size",
                                     "intermediate_size",
                                     "num_hidden_layers",
                                     "num_attention_heads",
                                     "vocab_size",
                                     "n_embd",
                                     "n_layer",
                                     "n_head",
                                     "n_positions",
                                     "max_position_embeddings",
                                     "num_experts",
                                     "num_local_experts",
                                     "n_routed_experts",
                                     "n_shared_experts",
                                     "num_experts_per_tok",
                                     "moe_intermediate_size",
                                     "shared_expert_intermediate_size",
                                     "kv_lora_rank",
                                     "q_lora_rank",
                                     "qk_rope_head_dim",
                                     "qk_nope_head_dim",
                                     "v_head_dim"};

std::string config_of(std::string_view type) {
    bool const none = type == "deepseek_v2"; // of experts of a token, which a file must say
    return "{\"model_type\":\"" + std::string(type) + "\"" + (none ? ",\"num_experts_per_tok\":6}" : "}");
}

} // namespace

TEST_CASE("a config.json that names its class alone is the model that the class was made for") {
    auto const  file    = golden();
    auto const  classes = file.at("classes");
    std::size_t sizes   = 0;
    for (auto const* a : architectures()) {
        std::string const type(a->names().model_type);
        if (type.empty()) continue;
        CAPTURE(type);
        auto const                 theirs   = classes.at(type);
        auto const                 document = qeval::parse_json(config_of(type), "config.json");
        qeval::config_reader const r(document);
        (void)a->read(r);
        for (auto const& taken : r.defaults()) {
            CAPTURE(taken.key);
            if (!is_meant(taken.key)) CHECK(same(value_of(theirs, taken.key), taken.value));
        }
        for (char const* key : size_keys) {
            if (!theirs.find(key)) continue;
            bool const alias = theirs.find("n_embd") && !std::string_view(key).starts_with("n_"); // GPT-2's, of n_embd
            CAPTURE(key);
            bool const told = std::ranges::find(r.defaults(), key, &qeval::taken_default::key) != r.defaults().end();
            CHECK((told || alias));
            ++sizes;
        }
    }
    CHECK(sizes > 150);
}
TEST_CASE("CF01 what a class has no value for is asked for, and a default that fits no file is refused") {
    auto const refused = [](std::string const& text, refusal const& wanted) {
        auto const document = qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
        check_refused(
            [&] {
                qeval::config_reader const r(document);
                (void)architectures().of(r).read(r);
            },
            wanted);
    };
    refused(R"({"model_type":"deepseek_v2"})", {"CF01", "", "num_experts_per_tok", ""});
    std::string const limited =
        R"({"model_type":"deepseek_v2","num_experts_per_tok":6,"topk_method":"group_limited_greedy")";
    refused(limited + "}", {"CF01", "", "n_group", ""});
    refused(limited + R"(,"n_group":8})", {"CF01", "groups of experts", "0 of them used", ""});
    refused(R"({"model_type":"deepseek_v3","n_group":null})", {"CF01", "n_group", "null", "a number of groups"});
    refused(R"({"model_type":"deepseek_v3","n_group":2})", {"CF01", "groups of experts", "4 of them used", ""});
    refused(R"({"model_type":"qwen3_moe","num_experts":5})", {"CF01", "experts of a token", "8", "at most 5"});
}
