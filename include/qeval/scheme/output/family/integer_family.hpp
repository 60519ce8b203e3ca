// Families of integers under one set of numbers for the whole model: bits, group size, zero points (GPTQ, AWQ).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/family/family_output.hpp>
#include <qeval/scheme/output/packed_integers.hpp>

namespace qeval {

// Zeroed bytes of a planned tensor, which a family lays numbers in.
[[nodiscard]] inline laid_part empty_part(tensor_plan const& plan) {
    return {plan.name, std::vector<std::byte>(static_cast<std::size_t>(planned_bytes(plan)))};
}

class integer_family : public family_output {
protected:
    using family_output::family_output;

    // That of all matrices. Groups of a channel are as long as each matrix has columns.
    [[nodiscard]] integer_kind kind() const { return *integer_kind_of(quantized().front()->format->name()); }

    void check_one_kind() const {
        auto const said = [](chosen_matrix const& m) { return m.slot.name + " in " + std::string(m.format->name()); };
        for (auto const* m : quantized()) {
            if (integer_kind_of(m->format->name()) == kind()) continue;
            refuse(said(*quantized().front()) + ", " + said(*m), "one format for all matrices",
                   "--output-format compressed-tensors holds several");
        }
    }
    [[nodiscard]] char const* number_type() const override { return "float16"; }

    // F16 [groups, rows]
    static void lay_scales(integer_matrix const& m, laid_part& to) {
        for (index g = 0; g < m.groups(); ++g) {
            for (index r = 0; r < m.rows; ++r)
                store_number(to.bytes, g * m.rows + r, detail::exact_scale<f16>(m, r, g));
        }
    }
    [[nodiscard]] static int zero_of(integer_matrix const& m, index r, index g) {
        return m.symmetric() ? 1 << (m.bits - 1) : m.zero(r, g);
    }
    // put(r, i, code) for every code, i being the matrix's own column; 128 rows at a time, in no order.
    template <class Put>
    void for_each_code(integer_matrix const& m, stored_planes const& in, Put const& put) const {
        pool().for_chunks(m.rows, detail::rows_at_once, [&](index first, index last) {
            std::vector<std::uint8_t> codes(static_cast<std::size_t>((last - first) * m.cols));
            m.codes(first, last, codes.data());
            auto const* code = codes.data();
            for (index r = first; r < last; ++r) {
                for (index k = 0; k < m.cols; ++k)
                    put(r, in.order ? (*in.order)[static_cast<std::size_t>(k)] : k, int{*code++});
            }
        });
    }
};

} // namespace qeval
