#include <string>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/quantized_source.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/one_layer_checkpoint.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::dense_f32, qeval::q8_0>; // few: this file compiles them all

// Two rows of one block of Q8_0 each, and a norm beside them.
std::string stored() {
    return safetensors_bytes("{" + tensor_entry("a.weight", "U8", "[68]", "[0,68]") + "," +
                                 tensor_entry("norm.weight", "F32", "[2]", "[68,76]") + "}",
                             std::string(76, '\1'));
}
std::string described(std::string const& entry, std::string const& method = "qeval") {
    return config(
        4, (",\"quantization_config\":{\"quant_method\":\"" + method + "\",\"tensors\":{" + entry + "}}").c_str());
}
void refused(std::string const& entry, refusal const& wanted) {
    scratch const dir;
    auto const    file = open(dir, described(entry), stored());
    check_refused([&] { qeval::quantized_source(qeval::table_of<some>(), file); }, wanted);
}

} // namespace

TEST_CASE("a tensor of bytes is the matrix that config.json describes; all others are as they are stored") {
    scratch const dir;
    auto const    file = open(dir, described(R"("a.weight":{"format":"q8_0","shape":[2,32]})"), stored());
    qeval::quantized_source const source(qeval::table_of<some>(), file);
    auto const*                   matrix = source.find("a.weight");
    REQUIRE(matrix != nullptr);
    CHECK(matrix->type == "Q8_0");
    CHECK(matrix->shape == std::vector<qeval::index>{2, 32});
    CHECK(matrix->bytes.size() == 68);
    REQUIRE(source.find("norm.weight") != nullptr);
    CHECK(source.find("norm.weight")->type == "F32");
    CHECK(source.find("b.weight") == nullptr);
    CHECK(source.tensors().size() == 2);
}

TEST_CASE("a matrix whose class stores it transposed has its shape there, and is multiplied as it was quantized") {
    scratch const                 dir;
    auto const                    text = described(R"("a.weight":{"format":"q8_0","shape":[2,32],"transposed":true})");
    auto const                    file = open(dir, text, stored());
    qeval::quantized_source const source(qeval::table_of<some>(), file);
    auto const*                   matrix = source.find("a.weight");
    REQUIRE(matrix != nullptr);
    CHECK(matrix->shape == std::vector<qeval::index>{32, 2});
    qeval::tensor_slot slot;
    slot.name = "a.weight", slot.rows = 2, slot.cols = 32, slot.transposed = true;
    auto const multiplied = qeval::slot_tensor(qeval::finder_in(source), slot);
    CHECK(multiplied.shape == std::vector<qeval::index>{2, 32});
    CHECK(multiplied.bytes.data() == matrix->bytes.data());
}

TEST_CASE("what another program has quantized is left as it is stored") {
    scratch const dir;
    for (auto const& text :
         {config(), described(R"("a.weight":{"format":"q8_0","shape":[2,32]})", "compressed-tensors")}) {
        auto const                    file = open(dir, text, stored());
        qeval::quantized_source const source(qeval::table_of<some>(), file);
        CHECK(source.find("a.weight")->type == "U8");
        CHECK(source.find("a.weight")->shape == std::vector<qeval::index>{68});
    }
}

TEST_CASE("a description that does not fit its tensor is refused where it stands") {
    refused(R"("b.weight":{"format":"q8_0","shape":[2,32]})", {"CF03", "b.weight", "no such tensor", "a tensor"});
    refused(R"("a.weight":{"format":"q9_9","shape":[2,32]})", {"CF03", "format", "q9_9", "a format of this program"});
    refused(R"("a.weight":{"format":"q8_0","shape":[64]})", {"CF03", "shape", "", "[rows, columns]"});
    refused(R"("a.weight":{"format":"q8_0","shape":[3,32]})", {"CF02", "a.weight", "68 bytes", "102 in q8_0"});
}
