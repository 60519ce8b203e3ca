// What the law tests share: the list of formats, matrices from the named weight streams, and all bytes of a packed
// matrix.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tests/golden/weight_streams.hpp>
#include <tests/laws/odd_formats.hpp>
#include <tests/support/sanitized.hpp>

#include <qeval/format/catalog.hpp>
#include <qeval/format/list.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/table_of.hpp>

namespace qeval_test {

using qeval::index;

// Formats share their code: every sixth, one or more of each kind, is enough for a sanitizer.
using built_in_formats = std::conditional_t<sanitized, qeval::slice_t<qeval::catalog, 3, 6>, qeval::catalog>;
using every_format     = qeval::join_t<built_in_formats, bell4, tern5>;

inline qeval::format_table const& every_format_table() {
    static qeval::format_table const table = qeval::table_of<built_in_formats, bell4, tern5>();
    return table;
}

struct matrix {
    index              rows = 0, cols = 0;
    std::vector<float> values = std::vector<float>(static_cast<std::size_t>(rows * cols));

    [[nodiscard]] qeval::matrix_view<float const> view() const { return {values.data(), rows, cols}; }
    [[nodiscard]] qeval::matrix_view<float>       view() { return {values.data(), rows, cols}; }
    float& operator()(index r, index c) { return values[static_cast<std::size_t>(r * cols + c)]; }
    float  operator()(index r, index c) const { return values[static_cast<std::size_t>(r * cols + c)]; }
};

inline matrix weights(std::string_view stream, index rows, index cols) {
    return {rows, cols, weight_stream(stream).take(rows * cols)};
}

// What a tensor in F may choose: the sizes of F itself, and others, down to those that nothing else divides.
template <class F>
std::vector<qeval::geometry_of<F>> geometries() {
    using G = qeval::geometry_of<F>;
    if constexpr (qeval::in_blocks<F> || std::is_same_v<G, qeval::whole_rows>) {
        return std::vector<G>(1);
    } else if constexpr (requires(G g) { g.size; }) {
        return {G{}, G{32}, G{4096}};
    } else {
        return {G{}, G{0, 0}, G{1, 0}, G{1, 64}, G{1, 40}, G{6, 72}};
    }
}

template <class F>
matrix decoded(qeval::packed_matrix<F> const& packed) {
    matrix out{packed.rows(), packed.cols()};
    for (index r = 0; r < out.rows; ++r) {
        for (index c = 0; c < out.cols; ++c) out(r, c) = packed(r, c);
    }
    return out;
}

template <class F>
std::vector<std::byte> bytes_of(qeval::packed_matrix<F>& packed) {
    std::vector<std::byte> all;
    if constexpr (qeval::in_blocks<F>) {
        auto const stored = packed.stored();
        all.assign(stored.begin(), stored.end());
    } else {
        for (std::size_t p = 0; p < std::size_t(qeval::packed_view<F>::plane_count); ++p) {
            auto const plane = packed.plane(p);
            all.insert(all.end(), plane.begin(), plane.end());
        }
    }
    return all;
}

inline bool same_bits(std::span<float const> a, std::span<float const> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

} // namespace qeval_test
