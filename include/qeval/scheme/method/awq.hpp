// AWQ (AutoAWQ, version "gemm"): quantization_config {"quant_method": "awq", bits: 4, group_size, zero_point, version},
// or quant_config.json beside the weights. Of a linear layer [out, in]:
//   qweight  I32 [in, out / 8]       nibble k of a word is the code of output 8c + (0 2 4 6 1 3 5 7)[k]
//   qzeros   I32 [groups, out / 8]   zero points likewise
//   scales   F16 [groups, out]
// and version "gemv": qweight [out, in / 8], qzeros [out, words] and scales [out, 8 * words], low bits first, where the
// groups of a row fill some of the words. w[o, i] = scales[g, o] * (q[i, o] - z[g, o]), g = i / group_size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/name.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/group_order.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct awq_method {
    static constexpr std::string_view names[] = {"awq"};

    static void read(json_value const& config, stored_parts& parts) {
        auto const bits = config.has("bits") ? config.at("bits") : config.at("w_bit");
        if (bits.integer(1, 64) != 4) bits.fail("4", "", "CF03");
        auto const layout  = config.find("version");
        bool const by_rows = layout && same_name("gemv", layout->string());
        if (layout && !by_rows && !same_name("gemm", layout->string()))
            layout->fail("\"gemm\" or \"gemv\"",
                         "a layout made for one kernel: the checkpoint in AutoAWQ's default version", "CF03");
        if (auto const zero = config.find("zero_point"); zero && !zero->boolean())
            zero->fail("true", "AWQ without zero points has no layout of its own", "CF03");
        auto const  said  = config.has("group_size") ? config.at("group_size") : config.at("q_group_size");
        index const group = said.integer(-1, std::int64_t{1} << 30);
        if (group == 0) said.fail("-1, or a number of columns", "", "CF04");
        for (auto const& module : parts.modules_with("qweight"))
            (by_rows ? read_rows : read_columns)(parts, module, group, said);
    }

    // Where a word has the code of output 8c + i.
    static int shift_of(index i) {
        constexpr int place[] = {0, 4, 1, 5, 2, 6, 3, 7};
        return 4 * place[i % 8];
    }

private:
    static constexpr bit_stream nibbles{4};

    static index group_of(tensor_view const& codes, index cols, index said, json_value const& place) {
        stored_parts::refuse_empty(codes);
        if (said < 0) return cols;
        if (cols % said != 0)
            place.fail("-1, or a divisor of the " + std::to_string(cols) + " columns of " + codes.place(), "", "CF04");
        return said;
    }

    static void read_columns(stored_parts& parts, std::string const& module, index said, json_value const& place) {
        auto const  codes = parts.take(module, "qweight", {"I32"}, {-1, -1});
        index const rows = codes.shape[1] * 8, cols = codes.shape[0], group = group_of(codes, cols, said, place);
        index const groups = cols / group;
        auto const  zeros  = parts.take(module, "qzeros", {"I32"}, {groups, rows / 8});
        auto const  scales = parts.take(module, "scales", {"F16", "BF16"}, {groups, rows});
        auto&       pool   = parts.pool();

        integer_matrix m{4, rows, cols, group, codes.place(), {}, {}, {}};
        m.codes = [codes, rows, cols](index first, index last, std::uint8_t* to) {
            for (index i = 0; i < cols; ++i) {
                for (index r = first; r < last;) { // a word has eight rows
                    auto const word = stored_number<std::uint32_t>(codes.bytes, i * (rows / 8) + r / 8);
                    for (index const end = std::min(last, r / 8 * 8 + 8); r < end; ++r)
                        to[(r - first) * cols + i] = static_cast<std::uint8_t>(word >> shift_of(r) & 15);
                }
            }
        };
        m.scale = [scales, rows](index r, index g) { return good_scale(scales, g * rows + r); };
        m.zero  = [zeros, rows](index r, index g) {
            return static_cast<int>(stored_number<std::uint32_t>(zeros.bytes, g * (rows / 8) + r / 8) >> shift_of(r) &
                                    15);
        };
        std::string const format = m.format();
        parts.put(module, codes, format, rows, cols,
                  [m = std::move(m), &pool] { return made_of(integer_planes(m, pool)); });
    }
    static void read_rows(stored_parts& parts, std::string const& module, index said, json_value const& place) {
        auto const  codes = parts.take(module, "qweight", {"I32"}, {-1, -1});
        index const rows = codes.shape[0], cols = codes.shape[1] * 8, group = group_of(codes, cols, said, place);
        auto const  zeros  = parts.take(module, "qzeros", {"I32"}, {rows, -1});
        index const wide   = zeros.shape[1] * 8; // groups, and unused ones that fill the words of a kernel
        auto const  scales = parts.take(module, "scales", {"F16", "BF16"}, {rows, wide});
        if (wide < cols / group) {
            throw file_error{{"CF02", zeros.place(), "shape " + shape_text(zeros.shape),
                              "zero points of " + std::to_string(cols / group) + " groups", "another group_size"}};
        }
        integer_matrix m{4, rows, cols, group, codes.place(), {}, {}, {}};
        m.codes = [codes, cols](index first, index last, std::uint8_t* to) {
            auto const places = places_of(nullptr, cols);
            for (index r = first; r < last; ++r, to += cols)
                nibbles.unpack(codes.bytes, r * (cols / 8), 1, 1, cols, places, to);
        };
        m.scale = [scales, wide](index r, index g) { return good_scale(scales, r * wide + g); };
        m.zero  = [zeros, wide](index r, index g) { return nibbles.code(zeros.bytes, r * (wide / 8), 1, g); };
        std::string const format = m.format();
        auto&             pool   = parts.pool();
        parts.put(module, codes, format, rows, cols,
                  [m = std::move(m), &pool] { return made_of(integer_planes(m, pool)); });
    }
};

} // namespace qeval
