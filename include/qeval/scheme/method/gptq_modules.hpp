// The matrices of checkpoints in GPTQ's layouts, whatever tool has written them. Of a linear layer [out, in]:
//   qweight  I32 [in * bits / 32, out]       codes of a column of this array
//   qzeros   I32 [groups, out * bits / 32]   zero points likewise along out
//   scales   F16, BF16 or F32 [groups, out]
//   g_idx    I32 [in]                        the group of each input; none: i / group_size
// w[o, i] = scales[g, o] * (q[i, o] - z[g, o]), g = g_idx[i]. With act-order g_idx is no longer ascending: the matrix
// is kept with its columns sorted by group.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/gptq_words.hpp>
#include <qeval/scheme/method/group_order.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// What a configuration promises of some of the modules; group: a number of columns, -1 for whole rows.
struct gptq_promise {
    int   bits  = 4;
    index group = -1;

    [[nodiscard]] index width(index cols) const { return group < 0 ? cols : std::min(group, cols); }
};

class gptq_modules {
public:
    // `promised`: of all modules the first, of those that rules set apart the others. Which it is of a module, its own
    // parts say. `place`: of errors about groups, `rules`: about modules that no promise fits.
    gptq_modules(std::vector<gptq_promise> promised, gptq_words words, json_value place, json_value rules)
        : promised_(std::move(promised)), words_(words), place_(std::move(place)), rules_(std::move(rules)) {}

    void read(stored_parts& parts) const {
        for (auto const& module : parts.modules_with("qweight")) read_module(parts, module);
    }

private:
    [[nodiscard]] gptq_promise const& kept_by(stored_parts const& parts, std::string const& module) const {
        auto const *codes = parts.find(module, "qweight"), *zeros = parts.find(module, "qzeros");
        bool const  matrices = codes && zeros && codes->shape.size() == 2 && zeros->shape.size() == 2;
        if (promised_.size() == 1 || !matrices) return promised_.front();
        auto const found = std::ranges::find_if(promised_, [&](gptq_promise const& p) {
            index const cols = codes->shape[0] * 32 / p.bits;
            return codes->shape[0] * 32 % p.bits == 0 && zeros->shape[1] * 32 == codes->shape[1] * p.bits && cols > 0 &&
                   zeros->shape[0] * p.width(cols) == cols;
        });
        if (found != promised_.end()) return *found;
        rules_.refuse("no rule of modules whose codes have shape " + shape_text(codes->shape) +
                          ", and zero points shape " + shape_text(zeros->shape),
                      "one, for " + codes->place(), "a configuration of another checkpoint", "CF03");
    }
    void read_module(stored_parts& parts, std::string const& module) const {
        auto const  promise = kept_by(parts, module);
        int const   bits    = promise.bits;
        auto const  codes   = parts.take(module, "qweight", {"I32"}, {-1, -1});
        index const rows = codes.shape[1], cols = codes.shape[0] * 32 / bits;
        if (rows < 1 || cols < 1 || codes.shape[0] * 32 % bits != 0 || cols % 32 != 0 || rows * bits % 32 != 0) {
            throw file_error{{"CF02", codes.place(), "shape " + shape_text(codes.shape),
                              "[in * " + std::to_string(bits) + " / 32, out], whole words of both",
                              "codes of another width"}};
        }
        index const group = promise.width(cols);
        if (cols % group != 0)
            place_.fail("-1, or a divisor of the " + std::to_string(cols) + " columns of " + codes.place(), "", "CF04");
        index const groups = cols / group;
        auto const  zeros  = parts.take(module, "qzeros", {"I32"}, {groups, rows * bits / 32});
        auto const  scales = parts.take(module, "scales", {"F16", "BF16", "F32"}, {groups, rows});
        auto const  g_idx  = parts.take_if(module, "g_idx", {"I32"}, {cols});
        auto&       pool   = parts.pool();

        gptq_words words = words_;
        words.bits       = bits;
        integer_matrix m{bits, rows, cols, group, codes.place(), {}, {}, {}, scales.type == "F32"};
        m.scale = [scales, rows](index r, index g) { return good_scale(scales, g * rows + r); };
        m.zero  = [zeros, words, line = rows * bits / 32](index r, index g) {
            return words.zero(zeros.bytes, g * line, r);
        };
        std::string const format = m.format();
        parts.put(module, codes, format, rows, cols, [m = std::move(m), words, codes, g_idx, &pool]() mutable {
            auto const order  = g_idx ? order_by_group(*g_idx, m.group) : nullptr;
            auto const places = places_of(order, m.cols);
            m.codes           = [&](index first, index last, std::uint8_t* to) {
                words.unpack(codes.bytes, first, last - first, m.rows, m.cols, places, to);
            };
            return made_of(integer_planes(m, pool), order);
        });
    }

    std::vector<gptq_promise> promised_;
    gptq_words                words_;
    json_value                place_, rules_;
};

} // namespace qeval
