// bitsandbytes, as method/bitsandbytes.hpp reads it and transformers 4.57 writes it: NF4 and FP4 with blocks of any
// size, doubly quantized or not, and LLM.int8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/name.hpp>
#include <qeval/format/policy/double_quantized.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/family/family_output.hpp>
#include <qeval/scheme/output/family/integer_family.hpp>
#include <qeval/scheme/output/packed_integers.hpp>

namespace qeval {

class bitsandbytes_output final : public family_output {
public:
    static constexpr std::string_view name = "bitsandbytes";

    explicit bitsandbytes_output(quantization const& q, std::uint64_t limit = shard_limit)
        : family_output(q, name, &holds, limit) {
        json const config = config_before();
        for (auto const* key : {"dtype", "torch_dtype"}) {
            if (config.contains(key) && config[key].is_string()) number_type_ = config[key].get<std::string>();
        }
        plan();
        for (auto const* m : quantized()) {
            if (kind_of(*m).type == kind().type && kind_of(*m).nested == kind().nested) continue;
            refuse(quantized().front()->slot.name + " in " + std::string(quantized().front()->format->name()) + ", " +
                       m->slot.name + " in " + std::string(m->format->name()),
                   "one code book for all matrices");
        }
        count_files();
    }

private:
    static bool holds(any_format const& f) { return !kind_named(f.name()).type.empty(); }
    struct kinds {
        std::string_view type; // "nf4", "fp4", "int8"; "": none of them
        index            block   = 0;
        bool             nested  = false;
        float (*level)(unsigned) = nullptr;
    };
    template <class F>
    static void take(std::string_view format, std::string_view type, bool nested, kinds& to) {
        if (auto const g = geometry_named<F>(format))
            to = {type, g->size, nested, [](unsigned code) { return F::level(code); }};
    }
    [[nodiscard]] static kinds kind_of(chosen_matrix const& m) { return kind_named(m.format->name()); }
    [[nodiscard]] static kinds kind_named(std::string_view format) {
        kinds k;
        take<nf4>(format, "nf4", false, k), take<nf4_dq>(format, "nf4", true, k);
        take<fp4>(format, "fp4", false, k), take<fp4_dq>(format, "fp4", true, k);
        if (geometry_named<llm_int8>(format)) k.type = "int8";
        return k;
    }
    [[nodiscard]] kinds            kind() const { return kind_of(*quantized().front()); }
    [[nodiscard]] std::string_view held() const override {
        return "nf4 or fp4 with blocks of any size, doubly quantized (nf4:dq) or not, or int8, which is LLM.int8";
    }

    [[nodiscard]] static std::string state_name(kinds const& k) {
        return ".weight.quant_state.bitsandbytes__" + std::string(k.type);
    }
    // As json.dumps writes it. The mean, which is a float of 32 bits, has as many digits as its double needs.
    [[nodiscard]] std::string state_of(chosen_matrix const& m, kinds const& k, float offset) const {
        std::string text = "{\"quant_type\": \"" + std::string(k.type) +
                           "\", \"blocksize\": " + std::to_string(k.block) + ", \"dtype\": \"" + number_type_ +
                           "\", \"shape\": [" + std::to_string(m.slot.rows) + ", " + std::to_string(m.slot.cols) + "]";
        if (k.nested) {
            text += ", \"nested_blocksize\": 256, \"nested_dtype\": \"float32\", \"nested_offset\": " +
                    json_text(json(double{offset}));
        }
        return text + "}";
    }
    // The state of a doubly quantized matrix has a number in it that is known once the matrix is encoded. A tensor's
    // size is planned before: blanks, which JSON ignores, fill what it is shorter.
    [[nodiscard]] index state_size(chosen_matrix const& m, kinds const& k) const {
        constexpr index longest = 24; // of a double's decimal digits, with sign, point and exponent
        return static_cast<index>(state_of(m, k, 0).size()) + (k.nested ? longest : 0);
    }

    [[nodiscard]] std::vector<tensor_plan> parts(chosen_matrix const& m) const override {
        auto const  k      = kind_of(m);
        auto const  module = module_of(m);
        index const rows = m.slot.rows, cols = m.slot.cols;
        if (k.type == "int8")
            return {{module + ".weight", "I8", {rows, cols}},
                    {module + ".SCB", "F32", {rows}},
                    {module + ".weight_format", "U8", {}}};
        index const              groups = (rows * cols + k.block - 1) / k.block;
        std::vector<tensor_plan> all{{module + ".weight", "U8", {(rows * cols + 1) / 2, 1}},
                                     {module + ".weight.absmax", k.nested ? "U8" : "F32", {groups}},
                                     {module + ".weight.quant_map", "F32", {16}},
                                     {module + state_name(k), "U8", {state_size(m, k)}}};
        if (!k.nested) return all;
        all.push_back({module + ".weight.nested_absmax", "F32", {(groups + 255) / 256}});
        all.push_back({module + ".weight.nested_quant_map", "F32", {256}});
        return all;
    }
    [[nodiscard]] std::vector<laid_part> lay(chosen_matrix const& m, any_packed const& packed) override {
        auto const             k  = kind_of(m);
        auto const             in = planes_of(packed); // codes, absmax; nested absmax and its offset
        std::vector<laid_part> made;
        for (auto const& p : parts(m)) made.push_back(empty_part(p));
        auto const copy = [&](std::size_t plane, std::size_t part) {
            std::ranges::copy(in.planes[plane], made[part].bytes.begin());
        };
        copy(0, 0), copy(1, 1);
        if (k.type == "int8") return made; // weight_format 0: by rows
        for (unsigned q = 0; q < 16; ++q) store_number(made[2].bytes, index{q}, k.level(q));
        std::string state = state_of(m, k, k.nested ? stored_number<float>(in.planes[3], 0) : 0);
        state.resize(made[3].bytes.size(), ' ');
        std::ranges::copy(std::as_bytes(std::span(state)), made[3].bytes.begin());
        if (!k.nested) return made;
        copy(2, 4);
        for (unsigned q = 0; q < 256; ++q) store_number(made[5].bytes, index{q}, levels<dynamic_map>::value(q));
        return made;
    }
    // The block size stands in each matrix's state alone.
    void describe(json& config) const override {
        auto const k       = kind();
        bool const four    = k.type != "int8";
        json       skipped = nullptr;
        for (auto const& module : left_alone()) {
            if (module != "lm_head" || left_alone().size() > 1) skipped.push_back(module);
        }
        config["quantization_config"] = {{"_load_in_4bit", four},
                                         {"_load_in_8bit", !four},
                                         {"bnb_4bit_compute_dtype", number_type_},
                                         {"bnb_4bit_quant_storage", "uint8"},
                                         {"bnb_4bit_quant_type", four ? k.type : "fp4"},
                                         {"bnb_4bit_use_double_quant", k.nested},
                                         {"llm_int8_enable_fp32_cpu_offload", false},
                                         {"llm_int8_has_fp16_weight", false},
                                         {"llm_int8_skip_modules", skipped},
                                         {"llm_int8_threshold", 6.0},
                                         {"load_in_4bit", four},
                                         {"load_in_8bit", !four},
                                         {"quant_method", "bitsandbytes"}};
    }

    std::string number_type_ = "float32"; // of the model
};

} // namespace qeval
