#include <string>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/scheme/published_columns.hpp>
#include <qeval/scheme/table_of.hpp>

namespace {

std::string columns(char const* scheme) {
    static qeval::format_table const formats =
        qeval::table_of<qeval::format_list<qeval::dense_bf16, qeval::q8_0, qeval::nf4, qeval::nf4_dq, qeval::llm_int8,
                                           qeval::int4, qeval::int8_sym>>();
    auto const c = qeval::published_columns_of(qeval::parse_scheme(scheme), formats);
    return c.type + " | " + c.compute + " | " + c.double_quantized + " | " + c.group;
}

} // namespace

TEST_CASE("the rows of a published comparison are told apart by its own columns") { // Mistral-7B under bitsandbytes,
                                                                                    // AWQ and GPTQ
    CHECK(columns("bf16@bf16") == "BF16 | BF16 | N/A | N/A");
    CHECK(columns("int8@bnb") == "INT8 | F16&INT8 | N/A | N/A");
    CHECK(columns("nf4@f16") == "NF4 | F16 | False | 64");
    CHECK(columns("nf4:128@f16") == "NF4 | F16 | False | 128");
    CHECK(columns("nf4:dq@f16") == "NF4 | F16 | True | 64");
    CHECK(columns("nf4:256:dq") == "NF4 | F32 | True | 256");
    CHECK(columns("int4:g128@f16") == "INT4 | F16 | N/A | 128");
}

TEST_CASE("columns that a scheme has no value for say so") {
    CHECK(columns("q8_0") == "Q8_0 | F32 | N/A | 32");
    CHECK(columns("all:q8_0") == "Q8_0 | F32 | N/A | 32");
    CHECK(columns("q4_k_m") == "Q4_K_M | F32 | N/A | N/A");  // several formats
    CHECK(columns("w8a8") == "INT8:SYM | INT8 | N/A | N/A"); // a scale for each row
    CHECK(columns("source") == "SOURCE | F32 | N/A | N/A");
}
