// What quantize writes as GGUF, against llama.cpp's own quantizer: every key and every tensor. Also tests
// ../scheme/output/gguf_output.hpp, ../scheme/output/planned_output.hpp, ../scheme/output/chosen_matrices.hpp,
// ../scheme/output/qeval_output.hpp, ../scheme/output/outputs.hpp, ../scheme/output/any_output.hpp,
// ../scheme/output/any_output_format.hpp,
// ../scheme/output/gguf_provenance.hpp,
// ../scheme/output/gguf_tensor_order.hpp, ../scheme/ggml_file_types.hpp, ../scheme/mix_overrides.hpp,
// ../scheme/tensor_override.hpp, ../scheme/output/gguf_classes.hpp, ../scheme/output/gguf_contents.hpp,
// ../scheme/output/gguf_directory_tensors.hpp, ../scheme/output/gguf_from_directory.hpp,
// ../scheme/output/gguf_from_file.hpp, ../scheme/output/gguf_special_tokens.hpp, ../scheme/output/gguf_types.hpp,
// ../scheme/output/gguf_words.hpp, ../scheme/output/gguf_pieces.hpp, ../scheme/output/gguf_keys.hpp,
// ../scheme/output/gguf_row_order.hpp,
// ../io/tokenizer/rule/named_pretokenizers.hpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/error.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/scheme/ggml_file_types.hpp>
#include <qeval/scheme/ggml_mixes.hpp>
#include <qeval/scheme/output/any_output.hpp>
#include <qeval/scheme/output/gguf_tensor_order.hpp>
#include <qeval/scheme/tensor_override.hpp>

namespace {

using qeval::index;
using qeval_test::scratch;
namespace fs = std::filesystem;

struct output_golden {
    std::string_view model, file_type, options;
    bool             weighed;
    std::string_view keys, tensors;
};
constexpr output_golden goldens[] = {
#include <tests/golden/gguf_outputs.inc>
};

struct directory_golden {
    std::string_view folder, tokenizer, file_type, keys, tensors;
};
constexpr directory_golden directories[] = {
#include <tests/golden/gguf_directories.inc>
};

// The models of tests/golden/make_gguf_outputs.py.
constexpr index hidden = 256, heads = 4, key_heads = 2, layers = 2, vocabulary = 32;
struct tiny {
    std::string_view name;
    index            inner, experts;
};
constexpr tiny models[] = {{"dense", 288, 0}, {"experts", 96, 3}};

std::vector<qeval::gguf_tensor_plan> tensors_of(tiny const& m) {
    constexpr qeval::gguf_type           f32{0, "F32", 1, 4};
    std::vector<qeval::gguf_tensor_plan> all;
    auto const add = [&](std::string name, std::vector<index> shape) { all.push_back({name + ".weight", f32, shape}); };
    auto const stack = [&](std::string const& name, index rows, index cols) {
        if (m.experts > 0)
            add(name + "_exps", {m.experts, rows, cols});
        else
            add(name, {rows, cols});
    };
    index const keys = hidden / heads * key_heads;
    add("token_embd", {vocabulary, hidden});
    for (index i = 0; i < layers; ++i) {
        std::string const layer = "blk." + std::to_string(i) + ".";
        add(layer + "attn_norm", {hidden});
        add(layer + "attn_q", {hidden, hidden});
        add(layer + "attn_k", {keys, hidden});
        add(layer + "attn_v", {keys, hidden});
        add(layer + "attn_output", {hidden, hidden});
        add(layer + "ffn_norm", {hidden});
        if (m.experts > 0) add(layer + "ffn_gate_inp", {m.experts, hidden});
        stack(layer + "ffn_gate", m.inner, hidden);
        stack(layer + "ffn_up", m.inner, hidden);
        stack(layer + "ffn_down", hidden, m.inner);
    }
    add("output_norm", {hidden});
    add("output", {vocabulary, hidden});
    return all;
}
// Multiples of 2^-27 in [-1/16, 1/16), from a counter.
std::vector<float> numbers(std::uint64_t seed, std::size_t count) {
    std::vector<float> made(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t x = i * 0x9E3779B97F4A7C15u + seed;
        x               = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93u;
        x ^= x >> 32;
        made[i] = (static_cast<float>(x >> 40) - 8388608.0f) * 0x1p-27f;
    }
    return made;
}
std::size_t count_of(qeval::gguf_tensor_plan const& t) {
    index n = 1;
    for (index const d : t.shape) n *= d;
    return static_cast<std::size_t>(n);
}
void write_model(fs::path const& path, tiny const& m) {
    qeval::gguf_entries e;
    auto const          number = [&](char const* key, index n) { e.add(key, static_cast<std::uint32_t>(n)); };
    e.add("general.architecture", std::string_view("llama"));
    number("general.quantization_version", 2);
    number("general.file_type", 0);
    number("llama.block_count", layers);
    number("llama.context_length", 64);
    number("llama.embedding_length", hidden);
    number("llama.feed_forward_length", m.inner);
    number("llama.attention.head_count", heads);
    number("llama.attention.head_count_kv", key_heads);
    e.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    number("llama.rope.dimension_count", hidden / heads);
    number("llama.vocab_size", vocabulary);
    if (m.experts > 0) {
        number("llama.expert_count", m.experts);
        number("llama.expert_used_count", 2);
    }
    std::vector<std::string>  words;
    std::vector<float>        scores;
    std::vector<std::int32_t> types;
    for (std::int32_t i = 0; i < vocabulary; ++i) {
        words.push_back("word " + std::to_string(i));
        scores.push_back(static_cast<float>(-i) / 4);
        types.push_back(1 + i % 3);
    }
    e.add("tokenizer.ggml.model", std::string_view("none"));
    e.add("tokenizer.ggml.tokens", std::span<std::string const>(words));
    e.add("tokenizer.ggml.scores", std::span<float const>(scores));
    e.add("tokenizer.ggml.token_type", std::span<std::int32_t const>(types));
    e.add("tokenizer.ggml.add_bos_token", false);
    auto const plans = tensors_of(m);
    qeval::write_gguf(path, e, plans, [&](auto const& p, qeval::byte_sink const& sink) {
        auto const values = numbers(static_cast<std::uint64_t>(&p - plans.data()), count_of(p));
        sink(std::as_bytes(std::span(values)));
    });
}
void write_importance(fs::path const& path, tiny const& m) {
    std::ofstream out(path, std::ios::binary);
    auto const    number = [&](std::size_t n) {
        auto const value = static_cast<std::int32_t>(n);
        out.write(reinterpret_cast<char const*>(&value), sizeof value);
    };
    std::vector<std::pair<std::string, std::size_t>> entries;
    for (auto const& t : tensors_of(m)) {
        if (t.shape.size() > 1 && t.name.starts_with("blk."))
            entries.emplace_back(
                t.name, static_cast<std::size_t>(t.shape.back() * (t.shape.size() == 3 ? t.shape[0] : index{1})));
    }
    number(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto const& [name, columns] = entries[i];
        number(name.size());
        out << name;
        number(3);
        number(columns);
        for (float const x : numbers(1000 + i, columns)) {
            float const sum = x + 0.0625f;
            out.write(reinterpret_cast<char const*>(&sum), sizeof sum);
        }
    }
    number(7);
    number(8);
    out << "text.txt";
}

qeval::cli::program_tables const& tables() {
    static auto const all = qeval::cli::tables_of<qeval::catalog>();
    return all;
}
qeval::cli::quantize_options asked(fs::path const& model, fs::path const& out, std::string scheme) {
    qeval::cli::quantize_options o;
    o.model.model   = model.string();
    o.model.threads = 2;
    o.output.quiet  = true;
    o.output_path   = out.string();
    o.output_format = "gguf";
    o.scheme        = std::move(scheme);
    return o;
}
void quantize(qeval::cli::quantize_options const& o) {
    auto const status = qeval::cli::perform(o, {tables(), nullptr});
    REQUIRE(status == qeval::exit_status::ok);
}

std::string short_hash(std::span<std::byte const> bytes) {
    qeval::sha256 hash;
    hash.update(bytes);
    return hash.hex().substr(0, 8);
}
// A value's bytes in the file, without its key and type.
std::string hash_of(qeval::gguf_value const& v) {
    qeval::gguf_entries one;
    one.add(v);
    auto const bytes = std::as_bytes(std::span(one.bytes().text()));
    return short_hash(bytes.subspan(8 + v.key.size() + 4));
}
// What a golden line says of a file. llama.cpp has no keys of qeval.
std::string keys_of(qeval::gguf_file const& file, std::initializer_list<std::string_view> without = {}) {
    std::string all;
    for (auto const& v : file.metadata.values()) {
        if (v.key.starts_with("qeval.") || std::ranges::find(without, v.key) != without.end()) continue;
        all += (all.empty() ? "" : " ") + v.key + "=" + (v.key == "quantize.imatrix.file" ? "path" : hash_of(v));
    }
    return all;
}
std::string tensors_of(qeval::gguf_file const& file) {
    std::string all;
    for (auto const& t : file.tensors)
        all += (all.empty() ? "" : " ") + t.name + "=" + t.type + ":" + short_hash(t.bytes);
    return all;
}
void set_options(qeval::cli::quantize_options& o, std::string_view text) {
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        if (word == "--pure") o.pure = true;
        if (word == "--tensor-type") words >> o.tensor_types.emplace_back();
        if (word == "--output-tensor-type") words >> o.output_tensor_type;
        if (word == "--token-embedding-type") words >> o.token_embedding_type;
    }
}

} // namespace

TEST_CASE("a GGUF has the keys, tensors, types and bytes of llama.cpp's quantizer, in its order") {
    scratch const dir;
    for (auto const& m : models) {
        write_model(dir / (std::string(m.name) + ".gguf"), m);
        write_importance(dir / (std::string(m.name) + ".dat"), m);
    }
    for (auto const& g : goldens) {
        INFO(g.model << " " << g.file_type << " " << g.options << (g.weighed ? " weighed" : ""));
        auto o = asked(dir / (std::string(g.model) + ".gguf"), dir / "made.gguf",
                       qeval::detail::lower(g.file_type) + "~2026");
        set_options(o, g.options);
        if (g.weighed) o.model.imatrix = (dir / (std::string(g.model) + ".dat")).string();
        quantize(o);
        auto const file = qeval::read_gguf(dir / "made.gguf", tables().formats.gguf_types());
        CHECK(keys_of(file) == g.keys);
        CHECK(tensors_of(file) == g.tensors);
        CHECK(file.metadata.at("qeval.scheme").string() == o.scheme);
        if (!g.weighed) continue;
        CHECK(file.metadata.at("quantize.imatrix.file").string() == std::string_view(o.model.imatrix).substr(0, 127));
        CHECK(file.metadata.at("qeval.imatrix.sha256").string().size() == 64);
    }
}

TEST_CASE("a Hugging Face directory becomes the GGUF that llama.cpp's converter and quantizer make of it") {
    scratch const dir;
    for (auto const& g : directories) {
        INFO(g.folder << " " << g.file_type << " " << g.tokenizer);
        auto o = asked(qeval_test::source(std::string(g.folder)), dir / "made.gguf",
                       qeval::detail::lower(g.file_type) + "~2026");
        if (!g.tokenizer.empty()) o.model.tokenizer = qeval_test::source(std::string(g.tokenizer)).string();
        quantize(o);
        auto const file  = qeval::read_gguf(dir / "made.gguf", tables().formats.gguf_types());
        bool const sized = g.keys.find("general.size_label=") != g.keys.npos; // else it was guessed from the name
        CHECK(keys_of(file, {"general.name", sized ? "" : "general.size_label"}) == g.keys);
        CHECK(tensors_of(file) == g.tensors);
    }
}

TEST_CASE("a directory of a class whose conventions are not written is refused by name") {
    scratch const dir;
    auto const    o = asked(qeval_test::source("tests/golden/architectures/deepseek-v2-lite"), dir / "q.gguf", "q8_0");
    std::string   said;
    try {
        quantize(o);
    } catch (qeval::usage_error const& e) {
        said = e.what();
    }
    for (auto const* word : {"CL02", "DeepseekV2ForCausalLM", "LlamaForCausalLM"}) CHECK(said.find(word) != said.npos);
}

TEST_CASE("a file that was quantized is quantized again under its own keys, and stays as it is under source") {
    scratch const dir;
    write_model(dir / "m.gguf", models[0]);
    quantize(asked(dir / "m.gguf", dir / "q8.gguf", "q8_0"));
    quantize(asked(dir / "q8.gguf", dir / "same.gguf", "source"));
    auto const types = tables().formats.gguf_types();
    auto const first = qeval::read_gguf(dir / "q8.gguf", types), same = qeval::read_gguf(dir / "same.gguf", types);
    CHECK(keys_of(same) == keys_of(first));
    CHECK(tensors_of(same) == tensors_of(first));
    CHECK(same.metadata.at("qeval.scheme").string() == "source");
}

TEST_CASE("all:F is marked as the file type that llama.cpp takes such a file for") {
    scratch const dir;
    write_model(dir / "m.gguf", models[0]);
    quantize(asked(dir / "m.gguf", dir / "q.gguf", "all:q5_1"));
    auto const file = qeval::read_gguf(dir / "q.gguf", tables().formats.gguf_types());
    CHECK(file.metadata.at("general.file_type").integer(0, 100) == 9);
    for (auto const& t : file.tensors) CHECK(t.type == (t.shape.size() > 1 ? "Q5_1" : "F32"));
}

TEST_CASE("what a format has no place for is refused before anything is written") {
    scratch const dir;
    write_model(dir / "m.gguf", models[0]);
    auto const refused = [&](auto const& change) {
        auto o = asked(dir / "m.gguf", dir / "q.gguf", "q4_k_m");
        change(o);
        CHECK_THROWS_AS(quantize(o), qeval::usage_error);
        CHECK_FALSE(fs::exists(dir / "q.gguf"));
    };
    refused([](auto& o) { o.scheme = "nf4"; });              // GGUF has no such type
    refused([](auto& o) { o.output_format = "qeval"; });     // a folder needs a folder's config
    refused([](auto& o) { o.output_format = "no-such"; });   // not in the list
    refused([](auto& o) { o.tensor_types = {"ffn_down"}; }); // no type
    refused([](auto& o) { o.tensor_types = {"=q8_0"}; });
    refused([](auto& o) { o.tensor_types = {"ffn_(=q8_0"}; });
    refused([](auto& o) { o.tensor_types = {"ffn_down=q9"}; });
    refused([](auto& o) { o.scheme = "all:q8_0", o.pure = true; }); // no mix
    refused([](auto& o) { o.output_tensor_type = "q4_9"; });
    refused([&](auto& o) { o.output_path = o.model.model; }); // its own input
}

TEST_CASE("every mix has the number of its file type") {
    for (auto const& r : qeval::ggml_revisions) {
        for (auto const& m : r.mixes) {
            INFO(m.name);
            CHECK(qeval::ggml_file_type_of(m.name, m.base).has_value());
        }
    }
    CHECK_FALSE(qeval::ggml_file_type_of("", "NF4").has_value());
}

TEST_CASE("tensors outside the layers come first, then layers by their number") {
    std::vector<std::string> names{"blk.10.a", "blk.9.b", "blk.9.a", "output.weight", "blk.x", "blk.2.a"};
    std::ranges::sort(names, qeval::before_in_gguf);
    CHECK(names == std::vector<std::string>{"blk.x", "output.weight", "blk.2.a", "blk.9.a", "blk.9.b", "blk.10.a"});
}
