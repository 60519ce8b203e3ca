// Which of longrope's two lists holds: by the context that a model is used with. What each computes is held against
// transformers in tests/model/arch/golden_test.cpp (phi3, phi3-partial: short; phi3-long: long).
#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/json/json_document.hpp>
#include <qeval/model/part/rope_scaling.hpp>
#include <qeval/model/part/rotary.hpp>

#include "tests/io/gguf/gguf_bytes.hpp"

namespace {

using namespace qeval_test;

struct choice {
    std::vector<float> frequencies;
    qeval::index       context = 0;
    std::string        note;
};
// Of heads of 4 rotated by a base of 1: a frequency is one by its factor. The model has 100 positions.
choice choose(qeval::config_reader r, qeval::index context) {
    r.use_context(context);
    auto const read = qeval::read_rotation(r, {.head_size = 4, .theta = 1}, 100);
    return {read.rope.frequencies, read.scaling.context, r.notes().empty() ? "" : r.notes().front()};
}
std::vector<float> const shorter{1.0f / 2, 1.0f / 4}, longer{1.0f / 8, 1.0f / 16};

void check_choice(qeval::config_reader const& r) {
    auto const unsaid = choose(r, 0), within = choose(r, 20), whole = choose(r, 30), beyond = choose(r, 31);
    CHECK(unsaid.frequencies == shorter);
    CHECK(unsaid.context == 30);
    CHECK_THAT(unsaid.note, Catch::Contains("longrope's short factors are used, for a context of 30"));
    CHECK(within.frequencies == shorter);
    CHECK(within.context == 20);
    CHECK(whole.frequencies == shorter);
    CHECK(whole.context == 30);
    CHECK(beyond.frequencies == longer);
    CHECK(beyond.context == 31);
    CHECK(choose(r, 1000).context == 100); // no more than the model has
}
qeval::json_document json(std::string const& text) {
    return qeval::parse_json(text, "config.json", {1u << 20, 10'000, 64, "CF01"});
}
std::string const factors = R"("rope_type":"longrope","short_factor":[2,4],"long_factor":[8,16])";

} // namespace

TEST_CASE("longrope's long factors hold where the context is longer than the one before scaling, in each spelling") {
    std::string const before = R"("original_max_position_embeddings":30)";
    for (std::string const& text :
         {"{" + before + ",\"rope_scaling\":{" + factors + "}}", "{\"rope_scaling\":{" + factors + "," + before + "}}",
          "{\"rope_parameters\":{" + factors + "," + before + "}}"}) {
        INFO(text);
        auto const document = json(text);
        check_choice(qeval::config_reader(document));
    }
}
TEST_CASE("without long factors longrope is refused where the context asks for them") {
    std::string const          scaling  = R"("rope_scaling":{"rope_type":"longrope","short_factor":[2,4]})";
    auto const                 document = json("{\"original_max_position_embeddings\":30," + scaling + "}");
    qeval::config_reader const r(document);
    CHECK(choose(r, 30).frequencies == shorter);
    check_refused([&] { (void)choose(r, 31); }, {"CF01", "rope_scaling", "no field \"long_factor\"", ""});
}
TEST_CASE("a GGUF has two tensors of longrope's factors, chosen alike") {
    scratch const dir;
    gguf_bytes    g;
    g.text("general.architecture", "phi3").u32("phi3.rope.scaling.original_context_length", 30);
    put_file(dir / "m.gguf", g.bytes());
    auto const         file        = qeval::read_gguf(dir / "m.gguf", gguf_types);
    float const        lists[2][2] = {{2, 4}, {8, 16}};
    qeval::tensor_view tensors[2];
    for (int i = 0; i < 2; ++i) {
        tensors[i].name  = i == 0 ? "rope_factors_short.weight" : "rope_factors_long.weight";
        tensors[i].type  = "F32";
        tensors[i].shape = {2};
        tensors[i].bytes = std::as_bytes(std::span(lists[i]));
    }
    check_choice(qeval::config_reader(file.metadata, [&](std::string_view name) {
        auto const t = std::ranges::find(tensors, name, &qeval::tensor_view::name);
        return t == std::end(tensors) ? nullptr : &*t;
    }));
}
TEST_CASE("a model without longrope is used with its own context, or a shorter one, and rotates alike in both") {
    auto const                 document = json(R"({"rope_theta":10000})");
    qeval::config_reader const r(document);
    CHECK(choose(r, 0).context == 100);
    CHECK(choose(r, 40).context == 40);
    CHECK(choose(r, 0).frequencies == choose(r, 40).frequencies);
    CHECK(choose(r, 40).note.empty());
}
