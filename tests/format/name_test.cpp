// Names with group sizes: what is read, what is written back, what is refused.
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/list.hpp>

namespace {

using namespace qeval;
using some = format_list<q4_0, nf4, nf4_dq, llm_int8, int4, int4_sym, fp8_e4m3>;

// The name in full of what the text finds; "" where it finds nothing.
std::string found(std::string_view text) {
    std::string name;
    visit_format(some{}, text, [&](auto tag) { name = name_in<typename decltype(tag)::type>(tag.geometry); });
    return name;
}

TEST_CASE("one part of a name may say the sizes of groups") {
    CHECK(found("nf4") == "nf4");
    CHECK(found("NF4:64") == "nf4"); // its own size
    CHECK(found("nf4:128:DQ") == "nf4:128:dq");
    CHECK(found("nf4:dq:128") == "nf4:128:dq"); // anywhere behind the first part
    for (int block = 32; block <= 4096; block *= 2) {
        std::string const size = block == 64 ? "" : ":" + std::to_string(block);
        CHECK(found("nf4:" + std::to_string(block)) == "nf4" + size);
        CHECK(found("nf4:" + std::to_string(block) + ":dq") == "nf4" + size + ":dq");
    }
    CHECK(found("int4:g128") == "int4");
    CHECK(found("int4:g32") == "int4:g32");
    CHECK(found("int4:channel") == "int4:channel");
    CHECK(found("int4:sym:tensor") == "int4:tensor:sym");
    CHECK(found(found("int4:sym:tensor")) == "int4:tensor:sym"); // what is written is read
    CHECK(found("fp8_e4m3:128X128") == "fp8_e4m3:128x128");
    CHECK(found("int8") == "int8");
}

TEST_CASE("sizes that mean nothing are no name") {
    for (char const* text : {"nf4:16",
                             "nf4:8192",
                             "nf4:96",
                             "nf4:0",
                             "nf4:064",
                             "nf4:-64",
                             "nf4:",
                             "nf4::dq",
                             "nf4:64:64",
                             "nf4:g64",
                             "nf4:99999999999999999999",
                             "int4:0",
                             "int4:g",
                             "int4:g0",
                             "int4:g70000",
                             "int4:128",
                             "fp8_e4m3:x",
                             "fp8_e4m3:128x",
                             "fp8_e4m3:x128",
                             "fp8_e4m3:128x128x2",
                             "fp8_e4m3:0x4",
                             "q4_0:32",
                             "int8:channel",
                             "int8:g128",
                             ":64",
                             ":",
                             ""}) {
        INFO(text);
        CHECK(found(text).empty());
    }
}

static_assert(geometry_named<nf4>("nf4:4096")->size == 4096 && !geometry_named<nf4>("fp4"));
static_assert(geometry_named<fp8_e4m3>("fp8_e4m3:128x64")->height == 128 &&
              geometry_named<fp8_e4m3>("fp8_e4m3:tensor")->height == 0);

} // namespace
