// GPTQ (AutoGPTQ, GPTQModel): quantization_config {"quant_method": "gptq", bits, group_size, ...}, or
// quantize_config.json beside the weights. Of a linear layer [out, in]:
//   qweight  I32 [in * bits / 32, out]       codes of a column of this array one behind the other, low bits first
//   qzeros   I32 [groups, out * bits / 32]   zero points likewise along out; "gptq_v2" stores z, "gptq" z - 1
//   scales   F16 or BF16 [groups, out]
//   g_idx    I32 [in]                        the group of each input; none: i / group_size
// w[o, i] = scales[g, o] * (q[i, o] - z[g, o]), g = g_idx[i]. With act-order g_idx is no longer ascending: the matrix
// is kept with its columns sorted by group.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/group_order.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct gptq_method {
    static constexpr std::string_view names[] = {"gptq"};

    static void read(json_value const& config, stored_parts& parts) {
        auto const bits_said = config.at("bits");
        auto const bits      = static_cast<int>(bits_said.integer(1, 64));
        if (bits != 2 && bits != 3 && bits != 4 && bits != 8) bits_said.fail("2, 3, 4 or 8", "", "CF03");
        bool v2 = false;
        for (auto const* key : {"checkpoint_format", "format"}) {
            auto const said = config.find(key);
            if (!said) continue;
            v2 = said->string() == "gptq_v2";
            if (!v2 && said->string() != "gptq") {
                said->fail("\"gptq\" or \"gptq_v2\"",
                           "a layout made for one kernel (Marlin and the like): the checkpoint that it was made from",
                           "CF03");
            }
        }
        if (auto const marlin = config.find("is_marlin_format"); marlin && marlin->boolean())
            marlin->fail("false", "Marlin's layout: the checkpoint that it was made from is read", "CF03");
        if (auto const rules = config.find("dynamic"); rules && rules->size() > 0)
            rules->fail("none", "bits or groups that differ between modules", "CF03");
        auto const  group_said = config.at("group_size");
        index const group      = group_said.integer(-1, std::int64_t{1} << 30);
        if (group == 0) group_said.fail("-1, or a number of columns", "", "CF04");
        for (auto const& module : parts.modules_with("qweight"))
            read_module(parts, module, bits, group, v2, group_said);
    }

private:
    // "gptq" was made by taking one from every zero point of a 32-bit word at once, where a zero point of 0 borrows
    // from its neighbour; so one is given back to all of a word, too. Those of 3 bits were taken one by one.
    static int one_more(tensor_view const& zeros, int bits, index first, index r) {
        if (bits == 3) return (bit_stream{3}.code(zeros.bytes, first, 1, r) + 1) & 7;
        std::uint32_t const ones = bits == 2 ? 0x55555555 : bits == 4 ? 0x11111111 : 0x01010101;
        auto const          word = stored_number<std::uint32_t>(zeros.bytes, first + r * bits / 32) + ones;
        return static_cast<int>(word >> r * bits % 32 & ((1u << bits) - 1));
    }
    static void read_module(stored_parts& parts, std::string const& module, int bits, index said, bool v2,
                            json_value const& place) {
        auto const  codes = parts.take(module, "qweight", {"I32"}, {-1, -1});
        index const rows = codes.shape[1], cols = codes.shape[0] * 32 / bits;
        if (rows < 1 || cols < 1 || codes.shape[0] * 32 % bits != 0 || cols % 32 != 0 || rows * bits % 32 != 0) {
            throw file_error{{"CF02", codes.place(), "shape " + shape_text(codes.shape),
                              "[in * " + std::to_string(bits) + " / 32, out], whole words of both",
                              "codes of another width"}};
        }
        index const group = said < 0 ? cols : std::min(said, cols);
        if (cols % group != 0)
            place.fail("-1, or a divisor of the " + std::to_string(cols) + " columns of " + codes.place(), "", "CF04");
        index const groups = cols / group;
        auto const  zeros  = parts.take(module, "qzeros", {"I32"}, {groups, rows * bits / 32});
        auto const  scales = parts.take(module, "scales", {"F16", "BF16"}, {groups, rows});
        auto const  g_idx  = parts.take_if(module, "g_idx", {"I32"}, {cols});
        auto&       pool   = parts.pool();

        integer_matrix m{bits, rows, cols, group, codes.place(), {}, {}, {}};
        m.scale = [scales, rows](index r, index g) { return good_scale(scales, g * rows + r); };
        m.zero  = [zeros, bits, v2, words = rows * bits / 32](index r, index g) {
            return v2 ? bit_stream{bits}.code(zeros.bytes, g * words, 1, r) : one_more(zeros, bits, g * words, r);
        };
        std::string const format = m.format();
        parts.put(module, codes, format, rows, cols, [m = std::move(m), codes, g_idx, &pool]() mutable {
            auto const order  = g_idx ? order_by_group(*g_idx, m.group) : nullptr;
            auto const places = places_of(order, m.cols);
            m.codes           = [&](index first, index last, std::uint8_t* to) {
                for (index i = 0; i < m.cols; ++i) {
                    for (index r = first; r < last; ++r) {
                        to[(r - first) * m.cols + places[static_cast<std::size_t>(i)]] =
                            static_cast<std::uint8_t>(bit_stream{m.bits}.code(codes.bytes, r, m.rows, i));
                    }
                }
            };
            return made_of(integer_planes(m, pool), order);
        });
    }
};

} // namespace qeval
