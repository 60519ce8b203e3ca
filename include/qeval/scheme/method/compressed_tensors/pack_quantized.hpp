// "pack-quantized", of a linear layer [out, in]:
//   weight_packed      I32 [out, words]   codes of a row one behind the other, low bits first: q + 2^(bits-1)
//   weight_shape       [2]
//   weight_scale       [out, groups], [out, 1] for a channel, [1] for the tensor
//   weight_zero_point  I32 [words, groups], packed likewise along out, where not symmetric
//   weight_g_idx       I32 [in], the group of each input, where it is not i / group_size
// w = scale * (q - z).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/bit_stream.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/group_order.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

struct pack_quantized {
    static constexpr std::string_view names[] = {"pack-quantized"};

    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& said) {
        auto const packed = parts.take(module, "weight_packed", {"I32"}, {-1, -1});
        auto const sides  = parts.take(module, "weight_shape", {"I64", "I32"}, {2});
        auto const side   = [&](index i) -> index {
            return sides.type == "I64" ? stored_number<std::int64_t>(sides.bytes, i)
                                         : stored_number<std::int32_t>(sides.bytes, i);
        };
        index const rows = side(0), cols = side(1), words = packed.shape[1];
        if (rows != packed.shape[0] || rows < 1 || cols < 1 || cols > words * 16) {
            throw file_error{
                {"CF02", packed.place(), "shape " + shape_text(packed.shape),
                 "words of the codes of " + shape_text(std::vector<index>{rows, cols}) + ", as weight_shape says",
                 "parts of two checkpoints"}};
        }
        auto const  scales = parts.take_named(module + ".weight_scale", {"F16", "BF16", "F32"});
        auto const& rule   = said.weights;
        bool const  zeroed = parts.find(module, "weight_zero_point") != nullptr;
        auto const  stream = rule.floats || rule.height > 1 ? std::nullopt : stream_of(rule.bits, cols, words);
        if (!stream || rule.symmetric == zeroed || !rule.has_scales(scales.shape, rows, cols))
            said.refuse(packed, scales);
        index const count = scales.count() == 1 ? 1 : scales.count() / rows, group = cols / count;
        if (cols % count != 0) {
            throw file_error{{"CF04", scales.place(), std::to_string(count) + " groups",
                              "a divisor of the " + std::to_string(cols) + " columns", ""}};
        }
        auto const zeros = parts.take_if(module, "weight_zero_point", {"I32"}, {stream->words(rows), count});
        auto const g_idx = parts.take_if(module, "weight_g_idx", {"I32"}, {cols});

        integer_matrix m{rule.bits, rows, cols, group, packed.place(), {}, {}, {}, scales.type == "F32"};
        m.scale = [scales, of_all = scales.count() == 1, count](index r, index g) {
            return good_scale(scales, of_all ? 0 : r * count + g);
        };
        if (zeros) {
            m.zero = [zeros = *zeros, stream = *stream, count](index r, index g) {
                return stream.code(zeros.bytes, g, count, r);
            };
        }
        std::string const format = m.format();
        auto&             pool   = parts.pool();
        return parts.put(module, packed, format, rows, cols,
                         [m = std::move(m), packed, g_idx, stream = *stream, words, &pool]() mutable {
                             auto const order  = g_idx ? order_by_group(*g_idx, m.group) : nullptr;
                             auto const places = places_of(order, m.cols);
                             m.codes           = [&](index first, index last, std::uint8_t* to) {
                                 for (index r = first; r < last; ++r, to += m.cols)
                                     stream.unpack(packed.bytes, r * words, 1, 1, m.cols, places, to);
                             };
                             return made_of(integer_planes(m, pool), order);
                         });
    }

private:
    // Widths that do not divide 32 have been packed in two ways: one behind the other, and as many as a word has room
    // for.
    static std::optional<bit_stream> stream_of(int bits, index cols, index words) {
        for (bool const to_a_word : {false, true}) {
            if (bit_stream const s{bits, to_a_word}; s.words(cols) == words) return s;
        }
        return std::nullopt;
    }
};

} // namespace qeval::compressed_tensors
