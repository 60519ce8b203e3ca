// What every family of the list writes is read back by its method with the values that the scheme gave it, whatever the
// format, and is in the container as it is planned. Also tests family/family_output.hpp, family/integer_family.hpp,
// family/gptq_output.hpp, family/awq_output.hpp, family/compressed_tensors_output.hpp, family/bitsandbytes_output.hpp,
// family/ascend_output.hpp, directory_files.hpp, directory_from_gguf.hpp, packed_integers.hpp, read_back.hpp,
// ../method/gptq_words.hpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/output/outputs.hpp>
#include <qeval/scheme/output/read_back.hpp>
#include <qeval/scheme/stored_matrix.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/one_layer_checkpoint.hpp"
#include "tests/support/stored_tensors.hpp"

namespace {

using namespace qeval_test;
using qeval::index;
namespace fs = std::filesystem;

using some = qeval::format_list<qeval::dense_f32, qeval::dense_f16, qeval::dense_bf16, qeval::nf4, qeval::nf4_dq,
                                qeval::fp4, qeval::fp4_dq, qeval::llm_int8, qeval::int2, qeval::int3, qeval::int4,
                                qeval::int8_asym, qeval::int2_sym, qeval::int3_sym, qeval::int4_sym, qeval::int8_sym,
                                qeval::fp8_e4m3, qeval::q4_0, qeval::q8_0>;

qeval::format_table const& formats() {
    static auto const all = qeval::table_of<some>();
    return all;
}
qeval::thread_pool pool(2);

struct matrix {
    char const*        name;
    qeval::tensor_role role;
    index              rows, cols;
};
constexpr matrix matrices[] = {{"model.embed_tokens.weight", qeval::tensor_role::embedding, 40, 128},
                               {"model.layers.0.self_attn.q_proj.weight", qeval::tensor_role::attn_q, 128, 128},
                               {"model.layers.0.self_attn.k_proj.weight", qeval::tensor_role::attn_k, 32, 128},
                               {"model.layers.0.mlp.down_proj.weight", qeval::tensor_role::mlp_down, 128, 256},
                               {"lm_head.weight", qeval::tensor_role::head, 40, 128}};

qeval::tensor_slot slot_of(matrix const& m) {
    qeval::tensor_slot slot;
    slot.role = m.role, slot.layer = 0, slot.layers = 1;
    slot.name = m.name, slot.rows = m.rows, slot.cols = m.cols;
    return slot;
}
// A directory of BF16 matrices and an F32 norm; what a model is made of does not matter here.
class model {
public:
    model() {
        std::vector<stored_tensor> all;
        for (auto const& m : matrices) {
            qeval::random_stream const random(3, all.size());
            std::vector<qeval::bf16>   values;
            for (index i = 0; i < m.rows * m.cols; ++i) {
                auto const row = 1 + i / m.cols % 5; // zero points of rows differ, down to those that lie at an end
                auto const x   = static_cast<float>(random.uniform(static_cast<std::size_t>(i)));
                values.push_back(qeval::bf16::from(row == 1   ? x + 0.1f
                                                   : row == 2 ? -x
                                                   : row == 3 ? (i / m.cols % 2 == 0 ? 0 : 1e-9f * x)
                                                              : x * float(row) - 1.5f));
            }
            all.push_back(stored(m.name, "BF16", {m.rows, m.cols}, values));
            description_.matrices.push_back(slot_of(m));
        }
        all.push_back(stored("model.norm.weight", "F32", {128}, std::vector<float>(128, 1.5f)));
        put_file(folder_ / "tokenizer.json", "{\"a\": 1}\n");
        put_file(folder_ / "config.json", R"({"model_type": "llama", "torch_dtype": "bfloat16"})");
        put_file(folder_ / "model.safetensors", file_of(all));
        file_   = std::make_unique<qeval::checkpoint>(qeval::open_checkpoint(folder_.path(), {}));
        source_ = std::make_unique<qeval::quantized_source>(formats(), *file_, pool);
    }
    [[nodiscard]] qeval::matrix_builder builder(std::string_view scheme) const {
        return {qeval::scheme_plan(qeval::parse_scheme(scheme), description_, formats()), pool, {}};
    }
    [[nodiscard]] qeval::quantization asked(qeval::matrix_builder& with) const {
        return {*file_, *source_, description_, with};
    }
    [[nodiscard]] qeval::model_description const& description() const { return description_; }
    [[nodiscard]] qeval::quantized_source const&  source() const { return *source_; }

private:
    scratch                                  folder_;
    qeval::model_description                 description_;
    std::unique_ptr<qeval::checkpoint>       file_;
    std::unique_ptr<qeval::quantized_source> source_;
};
model const& tiny() {
    static model const made;
    return made;
}

std::vector<float> values_of(qeval::any_packed const& packed) {
    std::vector<float> out(static_cast<std::size_t>(packed.rows() * packed.cols()));
    packed.decode(0, out);
    return out;
}
// Of the matrices that the scheme quantizes: what was written is what it makes.
void check_values(qeval::matrix_builder& builder, fs::path const& written) {
    auto const                    file = qeval::open_checkpoint(written, {});
    qeval::quantized_source const read(formats(), file, pool);
    int                           quantized = 0;
    for (auto const& slot : tiny().description().matrices) {
        auto const made   = builder.pack(*tiny().source().find(slot.name), slot).packed;
        auto const stored = read.find(slot.name);
        INFO(slot.name << " in " << made->format());
        REQUIRE(stored != nullptr);
        CHECK(values_of(*qeval::stored_matrix(*formats().stored(*stored), *stored)) == values_of(*made));
        quantized += stored->maker != nullptr ? 1 : 0;
    }
    CHECK(quantized == 3);
    CHECK(values_of(*qeval::stored_matrix(*formats().find("F32"), [&] {
              auto norm  = *read.find("model.norm.weight");
              norm.shape = {1, 128};
              return norm;
          }())) == std::vector<float>(128, 1.5f));
    qeval::mapped_file const words(written / "tokenizer.json");
    CHECK(words.read_text(0, words.size()) == "{\"a\": 1}\n");
}
qeval::json json_at(fs::path const& path) {
    qeval::mapped_file const file(path);
    return *qeval::json_of(file.read_text(0, file.size()));
}
std::unique_ptr<qeval::planned_output> planned(std::string_view format, qeval::matrix_builder& builder) {
    return qeval::output_named(format, qeval::output_formats{}).plan(tiny().asked(builder));
}

template <class Work>
void check_usage(Work const& work, std::string_view wanted) {
    try {
        work();
        FAIL_CHECK("not refused; wanted: " << wanted);
    } catch (qeval::usage_error const& e) {
        CHECK(e.id() == "CL02");
        CHECK_THAT(e.what(), Catch::Contains(std::string(wanted)));
    }
}

struct held {
    std::string_view              format;
    std::vector<std::string_view> schemes;
};
std::vector<held> const families = {
    {"gptq",
     {"int2:g32", "int2:sym", "int3:g64", "int3:channel:sym", "int4", "int4:g32", "int4:channel", "int4:g64:sym"}},
    {"awq", {"int4", "int4:g32", "int4:channel", "int4:g64:sym"}},
    {"compressed-tensors",
     {"int2:g32", "int3", "int3:sym", "int4", "int4:channel", "int4:g32:sym", "int8:g128:sym", "int8:g32:asym",
      "int8:sym", "int8:asym", "int8:tensor:sym", "int8:tensor:asym", "w8a8", "fp8_e4m3", "fp8_e4m3:tensor",
      "fp8_e4m3:128x128", "fp8_e4m3:g64", "fp8_e4m3+a=fp8"}},
    {"bitsandbytes", {"nf4", "nf4:128", "nf4:4096", "nf4:dq", "nf4:32:dq", "fp4", "fp4:256:dq", "int8"}},
    {"ascend", {"int8:sym", "int8:asym"}}};

} // namespace

TEST_CASE("what a family writes is read back with the values of the scheme") {
    for (auto const& [format, schemes] : families) {
        for (auto const scheme : schemes) {
            INFO(format << ", " << scheme);
            scratch const folder;
            auto          builder = tiny().builder(scheme);
            auto const    made    = planned(format, builder);
            made->write(folder.path());
            check_values(builder, folder.path());
            std::uintmax_t bytes = 0;
            for (auto const& file : made->files(folder.path())) bytes += fs::file_size(file);
            CHECK(made->account().file_bytes == bytes);
            CHECK(made->account().quantized == 3);
        }
    }
}

TEST_CASE("GPTQ's scales of 8 bits have 16 bits, and each code is the nearest that they give") {
    for (auto const scheme : {"int8:g32:sym", "int8:channel:sym", "int8:g64:asym"}) {
        INFO(scheme);
        scratch const folder;
        auto          builder = tiny().builder(scheme);
        planned("gptq", builder)->write(folder.path());
        auto const                    file = qeval::open_checkpoint(folder.path(), {});
        qeval::quantized_source const read(formats(), file, pool);
        for (auto const* name : {matrices[1].name, matrices[2].name, matrices[3].name}) {
            auto const& stored = *read.find(name);
            auto const  found  = values_of(*qeval::stored_matrix(*formats().stored(stored), stored));
            auto const  wanted = values_of(*qeval::stored_matrix(*formats().find("BF16"), *tiny().source().find(name)));
            auto const  slot   = *std::ranges::find(tiny().description().matrices, name, &qeval::tensor_slot::name);
            auto const  before = values_of(*builder.pack(*tiny().source().find(name), slot).packed); // in 32 bits
            for (std::size_t r = 0; r < wanted.size(); r += static_cast<std::size_t>(stored.shape[1])) {
                auto const row         = std::span(wanted).subspan(r, static_cast<std::size_t>(stored.shape[1]));
                auto const [low, high] = std::ranges::minmax(row);
                double const step      = double(std::max(high, 0.0f) - std::min(low, 0.0f)) / 127;
                double       worst = 0, allowed = 0;
                for (std::size_t i = 0; i < row.size(); ++i) {
                    worst   = std::max(worst, std::fabs(double(found[r + i]) - double(row[i])));
                    allowed = std::max(allowed, std::fabs(double(before[r + i]) - double(row[i])));
                }
                CHECK(worst <= allowed + 0.07 * step + 4e-5); // 127 codes away a scale is off by 2^-12 of itself
            }
        }
    }
}

TEST_CASE("a family that does not hold a format names what it holds") {
    struct refused {
        std::string_view format, scheme, wanted;
    };
    for (auto const& [format, scheme, wanted] :
         {refused{"gptq", "nf4", "int2, int3, int4 or int8"}, refused{"awq", "int3", "int4, with zero points"},
          refused{"bitsandbytes", "int4", "nf4 or fp4"}, refused{"compressed-tensors", "nf4", "fp8_e4m3"},
          refused{"ascend", "int4", "int8:sym or int8:asym"}, refused{"awq", "all:int4", "an embedding in numbers"},
          refused{"gptq", "int4+a=int8", "inputs that its files can speak of"},
          refused{"awq", "source", "a scheme that quantizes"}}) {
        INFO(format << ", " << scheme);
        auto builder = tiny().builder(scheme);
        check_usage([&, f = format] { (void)planned(f, builder); }, wanted);
    }
}

TEST_CASE("weights above the limit of a file lie in several, with an index, each matrix in one of them") {
    scratch const      folder;
    auto               builder = tiny().builder("int4:g32");
    qeval::gptq_output made(tiny().asked(builder), 20'000);
    made.write(folder.path());
    CHECK(fs::exists(folder / "model.safetensors.index.json"));
    CHECK(made.files(folder.path()).size() > 4);
    check_values(builder, folder.path());
    // and are not mixed with those of another checkpoint
    auto const whole = planned("gptq", builder);
    check_usage([&] { whole->write(folder.path()); }, "weights of another checkpoint");
}

TEST_CASE(
    "Ascend's codes, scales and offsets are the scheme's values, and the description names the type of every tensor") {
    for (auto const scheme : {"int8:sym", "int8:asym"}) {
        INFO(scheme);
        scratch const folder;
        auto          builder = tiny().builder(scheme);
        planned("ascend", builder)->write(folder.path());
        auto const file = qeval::read_safetensors(folder / "quant_model_weights.safetensors", qeval::file_access::map);
        std::map<std::string, qeval::tensor_view> stored;
        for (auto const& t : file.tensors) stored[t.name] = t;
        auto const types = json_at(folder / "quant_model_description.json");
        for (auto const& [name, t] : stored) CHECK(types.contains(name));
        for (auto const& slot : tiny().description().matrices) {
            auto const module = slot.name.substr(0, slot.name.rfind('.'));
            bool const whole  = stored.contains(module + ".weight_scale");
            CHECK(types.at(slot.name) == (whole ? "W8A16" : "FLOAT"));
            if (!whole) continue;
            auto const made = builder.pack(*tiny().source().find(slot.name), slot).packed;
            auto const want = values_of(*made);
            bool       same = true;
            for (qeval::index i = 0; i < slot.rows * slot.cols; ++i) {
                auto const q = qeval::stored_number<std::int8_t>(stored[slot.name].bytes, i);
                auto const o = qeval::stored_number<float>(stored[module + ".weight_offset"].bytes, i / slot.cols);
                auto const s = qeval::stored_number<float>(stored[module + ".weight_scale"].bytes, i / slot.cols);
                same         = same && (static_cast<float>(q) - o) * s == want[static_cast<std::size_t>(i)];
            }
            CHECK(same);
        }
        CHECK(json_at(folder / "config.json")["quantize"] == "w8a16");
    }
}

TEST_CASE("codes go from one family to another as they are, and what is read back tells of any other value") {
    scratch const first, second, other;
    auto          builder = tiny().builder("int4:g32");
    planned("gptq", builder)->write(first.path());
    auto const                    file = qeval::open_checkpoint(first.path(), {});
    qeval::quantized_source const source(formats(), file, pool);
    auto                          as_stored = tiny().builder("source");
    qeval::quantization           asked{file, source, tiny().description(), as_stored};
    asked.from_quantized = true;
    auto const made      = qeval::output_named("awq", qeval::output_formats{}).plan(asked);
    made->write(second.path());
    auto const                    written = qeval::open_checkpoint(second.path(), {});
    qeval::quantized_source const read(formats(), written, pool);
    auto const                    proof = qeval::read_back(asked, *made, read);
    CHECK(proof.tensors == 5);
    CHECK(proof.values == 40 * 128 * 2 + 160 * 128 + 128 * 256);
    CHECK(proof.different == 0);

    auto coarser = tiny().builder("int4:g64");
    planned("awq", coarser)->write(other.path());
    auto const                    third = qeval::open_checkpoint(other.path(), {});
    qeval::quantized_source const wrong(formats(), third, pool);
    CHECK(qeval::read_back(asked, *made, wrong).different > 1000);
}

TEST_CASE("a GGUF's blocks become a directory with the rows of q and k in its order") {
    constexpr matrix         parts[] = {{"model.embed_tokens.weight", qeval::tensor_role::embedding, 16, 64},
                                        {"model.layers.0.self_attn.q_proj.weight", qeval::tensor_role::attn_q, 64, 64},
                                        {"model.layers.0.self_attn.k_proj.weight", qeval::tensor_role::attn_k, 32, 64},
                                        {"model.layers.0.mlp.up_proj.weight", qeval::tensor_role::mlp_up, 96, 64}};
    qeval::model_description d;
    d.architecture = "LlamaForCausalLM", d.vocab_size = 16, d.sharing = 2;
    d.cache = {1, 2, 16, 40};
    std::vector<qeval::gguf_tensor_plan> plans;
    std::vector<std::vector<float>>      weights;
    for (auto const& m : parts) {
        d.matrices.push_back(slot_of(m));
        bool const blocks = m.role != qeval::tensor_role::embedding;
        plans.push_back({m.name,
                         blocks ? qeval::gguf_type{2, "Q4_0", 32, 18} : qeval::gguf_type{0, "F32", 1, 4},
                         {m.rows, m.cols}});
        qeval::random_stream const random(9, plans.size());
        auto&                      w = weights.emplace_back(static_cast<std::size_t>(m.rows * m.cols));
        for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(random.uniform(i) - 0.5);
    }
    qeval::gguf_entries entries;
    entries.add("general.architecture", std::string_view("llama"));
    entries.add("llama.context_length", std::uint32_t{40});
    entries.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    scratch const folder, out;
    qeval::write_gguf(
        folder / "m.gguf", entries, plans, [&](qeval::gguf_tensor_plan const& p, qeval::byte_sink const& sink) {
            auto const  n = static_cast<std::size_t>(&p - plans.data());
            auto const& w = weights[n];
            formats().find(p.type.name)->pack({w.data(), parts[n].rows, parts[n].cols}, pool)->write(sink);
        });
    auto const                    file = qeval::open_checkpoint(folder / "m.gguf", formats().gguf_types());
    qeval::quantized_source const source(formats(), file, pool);
    qeval::matrix_builder         builder(qeval::scheme_plan(qeval::parse_scheme("source"), d, formats()), pool, {});
    qeval::quantization           asked{file, source, d, builder};
    asked.from_quantized = true;
    auto const made      = qeval::output_named("compressed-tensors", qeval::output_formats{}).plan(asked);
    made->write(out.path());
    auto const                    written = qeval::open_checkpoint(out.path(), {});
    qeval::quantized_source const read(formats(), written, pool);
    CHECK(qeval::read_back(asked, *made, read).different == 0);
    // Row 1 of a head of 16, which rotates with row 9, is row 2 of the GGUF; row 17 is of the next head.
    auto const rows = [&](char const* name, qeval::quantized_source const& from) {
        auto const& t = *from.find(name);
        return values_of(*qeval::stored_matrix(*formats().stored(t), t));
    };
    auto const theirs = rows(parts[1].name, source), ours = rows(parts[1].name, read);
    auto const row = [](std::vector<float> const& of, int r) {
        return std::vector<float>(of.begin() + r * 64, of.begin() + (r + 1) * 64);
    };
    CHECK(row(ours, 0) == row(theirs, 0));
    CHECK(row(ours, 1) == row(theirs, 2));
    CHECK(row(ours, 9) == row(theirs, 3));
    CHECK(row(ours, 17) == row(theirs, 18));
    CHECK(rows(parts[3].name, read) == rows(parts[3].name, source));
    auto const config = json_at(out / "config.json");
    CHECK(config.at("rms_norm_eps") == 1e-5);
    CHECK(config.at("num_attention_heads") == 4);
    CHECK(config.at("intermediate_size") == 96);
    CHECK(made->account().notes.size() >= 1); // that there is no tokenizer
}
