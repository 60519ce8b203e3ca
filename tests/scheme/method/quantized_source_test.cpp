// Also tests methods.hpp and qeval.hpp.
#include <string>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/list.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/support/one_layer_checkpoint.hpp"

namespace {

using namespace qeval_test;
using some = qeval::format_list<qeval::dense_f32, qeval::q8_0>; // few: this file compiles them all

qeval::thread_pool pool(1);

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
    check_refused([&] { qeval::quantized_source(qeval::table_of<some>(), file, pool); }, wanted);
}

} // namespace

TEST_CASE("a tensor of bytes is the matrix that config.json describes; all others are as they are stored") {
    scratch const dir;
    auto const    file = open(dir, described(R"("a.weight":{"format":"q8_0","shape":[2,32]})"), stored());
    qeval::quantized_source const source(qeval::table_of<some>(), file, pool);
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
    qeval::quantized_source const source(qeval::table_of<some>(), file, pool);
    auto const*                   matrix = source.find("a.weight");
    REQUIRE(matrix != nullptr);
    CHECK(matrix->shape == std::vector<qeval::index>{32, 2});
    qeval::tensor_slot slot;
    slot.name = "a.weight", slot.rows = 2, slot.cols = 32, slot.transposed = true;
    auto const multiplied = qeval::slot_tensor(qeval::finder_in(source), slot);
    CHECK(multiplied.shape == std::vector<qeval::index>{2, 32});
    CHECK(multiplied.bytes.data() == matrix->bytes.data());
}

TEST_CASE("what nobody has quantized is left as it is stored") {
    scratch const                 dir;
    auto const                    file = open(dir, config(), stored());
    qeval::quantized_source const source(qeval::table_of<some>(), file, pool);
    CHECK(source.find("a.weight")->type == "U8");
    CHECK(source.find("a.weight")->shape == std::vector<qeval::index>{68});
}

TEST_CASE("a method that is not read is refused by name, with what helps where that is known") {
    auto const unread = [](std::string const& method, refusal const& wanted) {
        scratch const dir;
        auto const    file = open(dir, described("", method), stored());
        check_refused([&] { qeval::quantized_source(qeval::table_of<some>(), file, pool); }, wanted);
    };
    unread("magic", {"CF03", "quantization_config.quant_method", "\"magic\"", "gptq"});
    unread("torchao", {"CF03", "quantization_config.quant_method", "\"torchao\"", "gptq", "torchao's own"});
}

TEST_CASE("a quantizer's own file says what config.json does not") {
    scratch const dir;
    put_file(dir / "quantize_config.json", R"({"bits":5,"group_size":32})");
    auto const file = open(dir, config(), stored());
    check_refused([&] { qeval::quantized_source(qeval::table_of<some>(), file, pool); },
                  {"CF03", "quantize_config.json, bits", "5", "2, 3, 4 or 8"});
}

TEST_CASE("a description that does not fit its tensor is refused where it stands") {
    refused(R"("b.weight":{"format":"q8_0","shape":[2,32]})", {"CF03", "b.weight", "no such tensor", "a tensor"});
    refused(R"("a.weight":{"format":"q9_9","shape":[2,32]})", {"CF03", "format", "q9_9", "a format of this program"});
    refused(R"("a.weight":{"format":"q8_0","shape":[64]})", {"CF03", "shape", "", "[rows, columns]"});
    refused(R"("a.weight":{"format":"q8_0","shape":[3,32]})", {"CF02", "a.weight", "68 bytes", "102 in q8_0"});
}
