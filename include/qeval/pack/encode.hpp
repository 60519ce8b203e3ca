// Floats -> a format. Blocks, groups and codes are encoded each by itself: the bytes do not depend on the number of
// threads, nor on how many are encoded side by side.
#pragma once

#include <span>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/explain.hpp>
#include <qeval/pack/encode_blocks.hpp>
#include <qeval/pack/encode_planes.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// Encodes w [rows, cols], f32, f16 or bf16; rows must be contiguous for plane formats.
template <class F>
packed_matrix<F> pack(number_matrix const& w, thread_pool& pool, geometry_of<F> geometry = {}) {
    static_assert(explain_format<F>());
    if constexpr (quant_format<F>) {
        packed_matrix<F> out(w.rows(), w.cols(), geometry);
        if (w.rows() == 0 || w.cols() == 0) return out;
        if constexpr (in_blocks<F>) {
            detail::encode_blocks<F, lanes_for<F>>(w, {}, out.blocks(), pool);
        } else {
            detail::plane_encoder<F, fit_lanes_for<F>>(w, out)(pool);
        }
        return out;
    } else {
        return packed_matrix<F>();
    }
}
template <class F>
packed_matrix<F> pack(number_matrix const& w) {
    static_assert(explain_format<F>()); // here too: one line less between the mistake and the message
    thread_pool one(1);
    return pack<F>(w, one);
}

// The same with the importance of every column: encoders that search weigh their errors by it, as llama.cpp's do by its
// importance matrix.
template <in_blocks F>
packed_matrix<F> pack(number_matrix const& w, std::span<float const> importance, thread_pool& pool) {
    static_assert(takes_importance<F>, "qeval: [QF40] this format's encoder weighs no errors: pack without importance, "
                                       "and say so where it was asked for");
    if (static_cast<index>(importance.size()) != w.cols()) {
        throw usage_error{{"PK03", "importance for " + std::string(name_of<F>()),
                           std::to_string(importance.size()) + " numbers",
                           std::to_string(w.cols()) + ", one for each column", "the importance of another tensor"}};
    }
    packed_matrix<F> out(w.rows(), w.cols());
    if (w.rows() > 0 && w.cols() > 0) detail::encode_blocks<F, lanes_for<F>>(w, importance, out.blocks(), pool);
    return out;
}

} // namespace qeval
