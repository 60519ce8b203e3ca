// AWQ, version "gemm", as method/awq.hpp reads it and AutoAWQ 0.2.9 writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/method/awq.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/family/integer_family.hpp>

namespace qeval {

class awq_output final : public integer_family {
public:
    static constexpr std::string_view name = "awq";

    explicit awq_output(quantization const& q, std::uint64_t limit = shard_limit)
        : integer_family(q, name, &holds, limit) {
        plan();
        check_one_kind();
        count_files();
    }

private:
    static bool holds(any_format const& f) {
        auto const k = integer_kind_of(f.name());
        return k && k->bits == 4 && k->height == 1;
    }
    [[nodiscard]] std::string_view held() const override {
        return "int4, with zero points or symmetric, in groups of a row or by channel, columns in their own order; a "
               "multiple of 8 outputs";
    }
    [[nodiscard]] bool fits(chosen_matrix const& m) const override {
        auto const k = *integer_kind_of(m.format->name());
        return m.slot.cols % k.group(m.slot.cols) == 0 && m.slot.rows % 8 == 0;
    }
    [[nodiscard]] std::vector<tensor_plan> parts(chosen_matrix const& m) const override {
        auto const  module = module_of(m);
        index const rows = m.slot.rows, cols = m.slot.cols, groups = cols / kind().group(cols);
        return {{module + ".qweight", "I32", {cols, rows / 8}},
                {module + ".qzeros", "I32", {groups, rows / 8}},
                {module + ".scales", "F16", {groups, rows}}};
    }
    [[nodiscard]] std::vector<laid_part> lay(chosen_matrix const& m, any_packed const& packed) override {
        auto const in = planes_of(packed);
        if (in.order)
            refuse(m.slot.name + " with its columns sorted by group (act-order)", "columns in their own order",
                   "--output-format gptq");
        auto const             of = integers_in(in, kind(), m.slot.rows, m.slot.cols, m.slot.name);
        std::vector<laid_part> made;
        for (auto const& p : parts(m)) made.push_back(empty_part(p));
        auto const put = [words = of.rows / 8](laid_part& to, index line, index r, int code) {
            index const at   = line * words + r / 8;
            auto const  word = stored_number<std::uint32_t>(to.bytes, at);
            store_number(to.bytes, at, word | static_cast<std::uint32_t>(code) << awq_method::shift_of(r));
        };
        for_each_code(of, in, [&](index r, index i, int code) { put(made[0], i, r, code); });
        for (index g = 0; g < of.groups(); ++g) {
            for (index r = 0; r < of.rows; ++r) put(made[1], g, r, zero_of(of, r, g));
        }
        lay_scales(of, made[2]);
        return made;
    }
    // AutoAWQ and transformers look for these names inside those of modules, and leave the head alone by themselves.
    void describe(json& config) const override {
        json others = nullptr;
        for (auto const& module : left_alone()) {
            if (module != "lm_head") others.push_back(module);
        }
        config["quantization_config"] = {{"quant_method", "awq"},
                                         {"zero_point", true},
                                         {"group_size", kind().width == 0 ? index{-1} : kind().width},
                                         {"bits", 4},
                                         {"version", "gemm"},
                                         {"modules_to_not_convert", others}};
        say_number_type(config);
    }
};

} // namespace qeval
