// Also tests scheme.hpp.
#include <tests/support/catch.hpp>

#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/scheme/scheme.hpp>
#include <qeval/scheme/spec.hpp>

using qeval::compute_type;
using qeval::parse_scheme;

namespace {

std::string refusal(char const* text) {
    try {
        (void)parse_scheme(text);
    } catch (qeval::usage_error const& e) {
        return e.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("every part of the scheme grammar is read") {
    auto const s = parse_scheme("NF4:128:dq+kv=Q8_0@F16");
    CHECK(s.name == "NF4:128:dq+kv=Q8_0@F16"); // as given
    CHECK(s.weights == "nf4:128:dq");
    CHECK(s.kv == "q8_0");
    CHECK(s.compute == compute_type::f16);
    CHECK(s.activations == nullptr);
    auto const m = parse_scheme("q4_k_m~2025-02");
    CHECK(m.weights == "q4_k_m");
    CHECK(m.revision == "2025-02");
    auto const a = parse_scheme("int4:g128+a=int8:32");
    CHECK(a.weights == "int4:g128");
    CHECK(a.activations == &qeval::any_activation_of<qeval::int8_groups_32>);
    CHECK(parse_scheme("bf16@bf16").compute == compute_type::bf16);
}

TEST_CASE("names of deployment tools stand for formats and paths") {
    CHECK(parse_scheme("w8a16").weights == "int8:sym");
    CHECK(parse_scheme("w4a16:g64").weights == "int4:g64");
    CHECK(parse_scheme("fp8:128x128@bf16").weights == "fp8_e4m3:128x128");
    CHECK(parse_scheme("fp8_e5m2").weights == "fp8_e5m2");
    CHECK(parse_scheme("b1.58:tensor").weights == "ternary:tensor");
    auto const scaled = parse_scheme("w8a8:tensor+kv=f16");
    CHECK((scaled.weights == "int8:sym:tensor" && scaled.activations->name == "int8" && scaled.kv == "f16"));
    auto const fixed = parse_scheme("w8a8:static");
    CHECK((fixed.weights == "int8:sym" && fixed.static_scales && fixed.activations->name == "int8"));
    CHECK((parse_scheme("int8@bnb").weights == "int8" && parse_scheme("int8@bnb").batch_outliers));
    CHECK_FALSE(parse_scheme("int8").batch_outliers);
    for (char const* name : {"f32", "bf16", "fp8", "int8", "int8:32", "int8:256"}) {
        CHECK(parse_scheme(std::string("nf4+a=") + name).activations->name == name);
    }
    auto const w8a8 = parse_scheme("W8A8+kv=f16");
    CHECK(w8a8.weights == "int8:sym");
    CHECK(w8a8.activations->name == "int8");
    CHECK(w8a8.kv == "f16");
    CHECK_FALSE(w8a8.static_scales);
    CHECK(parse_scheme("nf4+a=int8_token").activations == w8a8.activations);
}

TEST_CASE("a scheme that breaks the grammar is refused with what was found and the form") {
    for (char const* bad : {"", "@f16", "nf4@", "nf4@f8", "nf4+", "nf4+b=int8", "nf4+a=int4", "nf4+kv=", "nf4@f16@f32",
                            "nf4+a=int8@f16", "q4_k_m~"}) {
        INFO(bad);
        CHECK_THAT(refusal(bad), Catch::StartsWith("error[SC01]"));
        CHECK_THAT(refusal(bad), Catch::Contains("weights[:block][:dq][+a=FORMAT][+kv=FORMAT][@compute][~revision]"));
    }
}

TEST_CASE("a scheme declared as a type is the scheme written as text") {
    struct w8a8 : qeval::scheme<"W8A8", qeval::weights_in<qeval::int8_sym>, qeval::activations<qeval::int8_token>,
                                qeval::kv<qeval::f16>> {};
    auto const declared = w8a8::spec();
    auto const written  = parse_scheme("w8a8+kv=f16");
    CHECK(declared.name == "W8A8");
    CHECK(declared.weights == written.weights);
    CHECK(declared.activations == written.activations);
    CHECK(declared.kv == written.kv);
}
