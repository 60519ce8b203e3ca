// A matrix in a plane format: first what each group shares, many groups side by side, then the codes of the flattened
// matrix, many weights side by side.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/pack/lanes.hpp>
#include <qeval/pack/number_matrix.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// The lane type of F's fit.
template <class F>
using fit_lanes_for =
    std::conditional_t<QEVAL_VECTORS && lane_fit<typename F::fit_type, typename F::levels_type, lanes<1>>, lanes<1>,
                       float>;

namespace detail {

// V decides how many groups or weights at a time, never what comes out.
template <in_planes F, class V>
class plane_encoder {
    using levels = typename F::levels_type;
    using fit    = typename F::fit_type;

public:
    plane_encoder(number_matrix const& w, packed_matrix<F>& out)
        : w_(w),
          out_(out),
          geometry_(out.geometry()),
          measured_(static_cast<std::size_t>(geometry_.groups(w.rows(), w.cols()))) {}

    void operator()(thread_pool& pool) {
        index const groups = static_cast<index>(measured_.size()), weights = w_.rows() * w_.cols();
        pool.for_chunks(groups, std::max<index>(lane_count<V>, 16384 * groups / weights),
                        [this](index b, index e) { measure(b, e); });
        pool.for_chunks((weights + piece - 1) / piece, 4, [&](index b, index e) {
            for (index i = b; i < e; ++i) encode(i * piece, std::min(weights, (i + 1) * piece));
        });
        store();
    }

private:
    // What the groups [first, last) share. Groups in one piece of equal length are measured side by side.
    void measure(index first, index last) {
        std::vector<V>   x;
        std::byte const* from[lane_count<V>];
        index            group[lane_count<V>], length = 0;
        int              waiting = 0;
        auto const       flush   = [&] {
            if (waiting == 0) return;
            for (int k = waiting; k < lane_count<V>; ++k) from[k] = from[0];
            x.resize(static_cast<std::size_t>(length));
            w_.gather(from, static_cast<int>(length), x.data());
            affine_of<V> const a = fit::template measure<levels>(std::span<V const>(x));
            for (int k = 0; k < waiting; ++k) measured_[static_cast<std::size_t>(group[k])] = affine_in<V>(a, k);
            waiting = 0;
        };
        for (index g = first; g < last; ++g) {
            index runs = 0, begin = 0, size = 0;
            geometry_.for_each_run(g, w_.rows(), w_.cols(), [&](index b, index e) { begin = b, size = e - b, ++runs; });
            if (runs > 1 || size > longest_in_lanes) {
                measured_[static_cast<std::size_t>(g)] = measure_alone(g);
                continue;
            }
            if (size != length) flush();
            length         = size;
            from[waiting]  = w_.at(0, begin);
            group[waiting] = g;
            if (++waiting == lane_count<V>) flush();
        }
        flush();
    }
    affine measure_alone(index g) const {
        std::vector<float> x;
        geometry_.for_each_run(g, w_.rows(), w_.cols(), [&](index b, index e) {
            w_.visit(w_.at(0, b), [&](auto const* numbers) {
                for (index i = 0; i < e - b; ++i) x.push_back(value_of(numbers[i]));
            });
        });
        return fit::template measure<levels>(std::span<float const>(x));
    }

    // Codes of the weights [first, last) of the flattened matrix, which begin on a byte in every field.
    void encode(index first, index last) {
        std::uint8_t codes[piece + 1];
        index const  cols = w_.cols(), weights = w_.rows() * cols;
        index        padding = 0;
        for (index i = first; i < last;) {
            index const r = i / cols, c = i % cols, g = geometry_.group_of(r, c, cols),
                        end       = std::min(last, r * cols + geometry_.run_end(r, c, cols));
            affine const measured = measured_[static_cast<std::size_t>(g)];
            affine       stored   = F::offset_type::rounded(measured);
            stored.scale          = F::scale_type::rounded(measured.scale);
            auto const code       = fit::template encoder<levels>(everywhere(measured), everywhere(stored));
            w_.visit(w_.at(0, i),
                     [&](auto const* x) { encode_run(x, static_cast<int>(end - i), code, codes + (i - first)); });
            i = end;
            if (end == weights && F::packing_type::bits == 4 &&
                weights % 2 != 0) { // bitsandbytes pads an odd matrix with 0.0
                codes[end - first] = to_byte_of(code(V(0.0f)));
                padding            = 1;
            }
        }
        F::packing_type::lay(codes, first, last - first + padding, weights + padding,
                             reinterpret_cast<std::uint8_t*>(out_.plane(0).data()));
    }
    template <class T, class Code>
    static void encode_run(T const* x, int count, Code const& code, std::uint8_t* codes) {
        if constexpr (std::is_same_v<V, float>) {
            for (int i = 0; i < count; ++i) codes[i] = to_byte(static_cast<float>(code(value_of(x[i]))));
        } else {
            int i = 0;
            for (; i + V::count <= count; i += V::count) encode_vector(x + i, V::count, code, codes + i);
            if (i == count) return;
            std::array<T, std::size_t(V::count)> rest{};
            std::copy(x + i, x + count, rest.begin());
            encode_vector(rest.data(), count - i, code, codes + i);
        }
    }
    template <class T, class Code>
    static QEVAL_INLINE void encode_vector(T const* x, int count, Code const& code, std::uint8_t* codes) {
        V numbers;
        numbers.v[0]    = load_floats(x);
        auto const byte = to_byte(code(numbers));
        __builtin_memcpy(codes, &byte, static_cast<std::size_t>(count));
    }
    static affine_of<V> everywhere(affine const& a) { return {V(a.scale), V(a.zero), V(a.offset)}; }
    template <class Code>
    static std::uint8_t to_byte_of(Code const& code) {
        if constexpr (std::is_same_v<V, float>) {
            return to_byte(static_cast<float>(code));
        } else {
            return to_byte(lane_of(code, 0));
        }
    }

    void store() {
        std::vector<float> scales, offsets;
        for (affine const& a : measured_) {
            scales.push_back(a.scale);
            offsets.push_back(F::offset_type::in_zero ? a.zero : a.offset);
        }
        std::array<std::byte*, std::size_t(packed_view<F>::plane_count)> plane{};
        for (std::size_t p = 0; p < plane.size(); ++p) plane[p] = out_.plane(p).data();
        F::scale_type::store(plane.data() + 1, scales);
        F::offset_type::store(plane.data() + 1 + F::scale_type::plane_count, offsets);
    }

    static constexpr index piece            = 5120;  // a multiple of every packing's unit
    static constexpr index longest_in_lanes = 16384; // 1 MiB for 16 lanes

    number_matrix const&  w_;
    packed_matrix<F>&     out_;
    qeval::geometry_of<F> geometry_;
    std::vector<affine>   measured_; // by group, before rounding to the stored types
};

} // namespace detail
} // namespace qeval
