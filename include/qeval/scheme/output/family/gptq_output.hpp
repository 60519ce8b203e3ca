// GPTQ, checkpoint format "gptq" (v1), as method/gptq.hpp reads it and gptqmodel 7.7.0 writes it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/version.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/gptq_words.hpp>
#include <qeval/scheme/output/family/integer_family.hpp>

namespace qeval {

class gptq_output final : public integer_family {
public:
    static constexpr std::string_view name = "gptq";

    explicit gptq_output(quantization const& q, std::uint64_t limit = shard_limit)
        : integer_family(q, name, &holds, limit) {
        plan();
        check_one_kind();
        count_files();
    }

private:
    static bool holds(any_format const& f) {
        auto const k = integer_kind_of(f.name());
        return k && k->height == 1;
    }
    [[nodiscard]] std::string_view held() const override {
        return "int2, int3, int4 or int8, with zero points or symmetric, in groups of a row or by channel; sides of "
               "whole 32-bit words";
    }
    [[nodiscard]] bool fits(chosen_matrix const& m) const override {
        auto const k = *integer_kind_of(m.format->name());
        return m.slot.cols % k.group(m.slot.cols) == 0 && m.slot.cols % 32 == 0 && m.slot.rows * k.bits % 32 == 0;
    }
    [[nodiscard]] std::vector<tensor_plan> parts(chosen_matrix const& m) const override {
        auto const  k      = *integer_kind_of(m.format->name());
        auto const  module = module_of(m);
        index const rows = m.slot.rows, cols = m.slot.cols, groups = cols / k.group(cols);
        return {{module + ".qweight", "I32", {cols * k.bits / 32, rows}},
                {module + ".qzeros", "I32", {groups, rows * k.bits / 32}},
                {module + ".scales", "F16", {groups, rows}},
                {module + ".g_idx", "I32", {cols}}};
    }
    [[nodiscard]] std::vector<laid_part> lay(chosen_matrix const& m, any_packed const& packed) override {
        auto const in      = planes_of(packed);
        auto       of      = integers_in(in, *integer_kind_of(m.format->name()), m.slot.rows, m.slot.cols, m.slot.name);
        auto const numbers = of.bits == 8 ? numbers_of(m) : std::vector<float>();
        if (!numbers.empty()) of = with_scales_of_16_bits(of, numbers);
        std::vector<laid_part> made;
        for (auto const& p : parts(m)) made.push_back(empty_part(p));
        laid_part &codes = made[0], &zeros = made[1], &scales = made[2], &groups = made[3];
        sorted_ = sorted_ || in.order;
        for_each_code(of, in,
                      [&](index r, index i, int code) { bit_stream{of.bits}.put(codes.bytes, r, of.rows, i, code); });
        for (index g = 0; g < of.groups(); ++g) {
            gptq_words{of.bits}.lay_zeros(zeros.bytes, g * of.rows * of.bits / 32, of.rows,
                                          [&](index r) { return zero_of(of, r, g); });
        }
        lay_scales(of, scales);
        for (index k = 0; k < of.cols; ++k) {
            index const i = in.order ? (*in.order)[static_cast<std::size_t>(k)] : k;
            store_number(groups.bytes, i, static_cast<std::int32_t>(k / of.group));
        }
        return made;
    }
    // int8 has scales of 32 bits, GPTQ of 16: codes are rounded to the nearest that these give. `w` must outlive it.
    static integer_matrix with_scales_of_16_bits(integer_matrix const& m, std::vector<float> const& w) {
        auto made  = m;
        made.scale = [scale = m.scale](index r, index g) {
            constexpr float least = 6.103515625e-05f; // a normal number
            return std::max(least, f16::from(scale(r, g)).to_float());
        };
        made.codes = [made, &w](index first, index last, std::uint8_t* to) {
            for (index r = first; r < last; ++r) {
                for (index i = 0; i < made.cols; ++i) {
                    float const zero = static_cast<float>(zero_of(made, r, i / made.group));
                    float const step = made.scale(r, i / made.group);
                    float const q    = std::nearbyint(w[static_cast<std::size_t>(r * made.cols + i)] / step) + zero;
                    *to++            = static_cast<std::uint8_t>(std::clamp(q, 0.0f, 255.0f));
                }
            }
        };
        return made;
    }
    void describe(json& config) const override {
        auto const k                  = kind();
        config["quantization_config"] = {{"bits", k.bits},
                                         {"group_size", k.width == 0 ? index{-1} : k.width},
                                         {"desc_act", sorted_},
                                         {"sym", k.symmetric},
                                         {"lm_head", false},
                                         {"quant_method", "gptq"},
                                         {"checkpoint_format", "gptq"},
                                         {"pack_dtype", "int32"},
                                         {"meta", {{"quantizer", json::array({"qeval:" + std::string(version)})}}}};
        // gptqmodel reads v1 with zero points only of writers whose borrows it knows: they are laid as by this version.
        if (!k.symmetric) config["quantization_config"]["meta"]["quantizer"].push_back("gptqmodel:7.7.0");
        for (auto const& module : left_alone()) {
            if (module == "lm_head") continue;
            std::string pattern;
            for (char const c : module) pattern += c == '.' ? "\\." : std::string(1, c);
            config["quantization_config"]["dynamic"]["-:^" + pattern + "$"] = json::object();
        }
        say_number_type(config);
    }

    bool sorted_ = false; // a matrix has its columns dealt to groups in another order (act-order)
};

} // namespace qeval
