// W8A16 and W8A8_DYNAMIC: weight I8 [out, in], weight_scale and weight_offset [out, 1] or [out, groups]:
// w = scale * (q - offset).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/ascend/offsets.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::ascend {

inline tensor_view& read_scaled(stored_parts& parts, std::string const& module, json_value const& description) {
    auto const  codes = take_codes(parts, module);
    index const rows = codes.shape[0], cols = codes.shape[1];
    auto const  scales = parts.take_named(module + ".weight_scale", {"F32", "BF16", "F16"});
    auto const  zeros  = parts.take(module, "weight_offset", {"F32", "BF16", "F16"}, scales.shape);
    index const groups = scales.shape.size() == 1 ? 1 : scales.shape.size() == 2 ? scales.shape[1] : 0;
    if (groups < 1 || scales.shape[0] != rows || cols % groups != 0) {
        throw file_error{{"CF02", scales.place(), "shape " + shape_text(scales.shape),
                          "[" + std::to_string(rows) + ", groups], of " + std::to_string(cols) + " columns",
                          "parts of two checkpoints"}};
    }
    if (auto const said = description.find("group_size"); said && groups > 1) {
        if (auto const size = said->integer(0, std::int64_t{1} << 30); size > 0 && size != cols / groups)
            said->fail(std::to_string(cols / groups) + ", by the shape of " + scales.place(), "", "CF03");
    }
    bool symmetric = true; // which the description does not say
    for (index i = 0; i < zeros.count(); ++i) symmetric = good_offset(zeros, i) == 0 && symmetric;

    integer_matrix m{8, rows, cols, cols / groups, codes.place(), {}, {}, {}};
    m.codes = [codes, cols](index first, index last, std::uint8_t* to) { // counted from -128
        for (auto const b : codes.bytes.subspan(static_cast<std::size_t>(first * cols),
                                                static_cast<std::size_t>((last - first) * cols)))
            *to++ = std::to_integer<std::uint8_t>(b ^ std::byte{0x80});
    };
    m.scale = [scales, groups](index r, index g) { return good_scale(scales, r * groups + g); };
    if (!symmetric) m.zero = [zeros, groups](index r, index g) { return good_offset(zeros, r * groups + g) + 128; };
    std::string const format = m.format();
    auto&             pool   = parts.pool();
    return parts.put(module, codes, format, rows, cols,
                     [m = std::move(m), &pool] { return made_of(integer_planes(m, pool)); });
}

} // namespace qeval::ascend
