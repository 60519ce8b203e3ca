// A packed matrix in int2 .. int4 or int8 as codes, scales and zero points: what method/integer_planes.hpp makes planes
// of, the other way round.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/list.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/kernel/cpu/reordered_packed.hpp>
#include <qeval/scheme/method/integer_planes.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// What the name of such a format says. Weights share a scale in parts of `height` rows and `width` columns, 0 for all.
struct integer_kind {
    int   bits      = 4;
    bool  symmetric = false;
    index height = 1, width = 0;

    [[nodiscard]] index group(index cols) const { return width == 0 ? cols : width; } // columns
    friend bool         operator==(integer_kind, integer_kind) = default;
};

// Nothing: another format.
[[nodiscard]] inline std::optional<integer_kind> integer_kind_of(std::string_view format) {
    using formats = format_list<int2, int3, int4, int2_sym, int3_sym, int4_sym, int8_sym, int8_asym>;
    std::optional<integer_kind> found;
    for_each_format(formats{}, [&](auto tag) {
        using F             = typename decltype(tag)::type;
        constexpr bool sym  = std::same_as<typename F::offset_type, no_offset>;
        auto const     size = geometry_named<F>(format);
        if (size) found = {F::packing_type::bits, sym, size->height, size->width};
    });
    return found;
}

// The planes of a packed matrix, which must outlive them, and the order of its columns.
struct stored_planes {
    std::vector<std::span<std::byte const>>   planes;
    std::shared_ptr<std::vector<index> const> order; // the column that stands at each place; nothing: its own
};
[[nodiscard]] inline stored_planes planes_of(any_packed const& packed) {
    auto const*   sorted = dynamic_cast<reordered_packed const*>(&packed);
    stored_planes all{{}, packed.order()};
    (sorted != nullptr ? sorted->stored() : packed)
        .for_each_plane([&](plane_shape const&, std::span<std::byte const> bytes) { all.planes.push_back(bytes); });
    return all;
}

// Refers to the planes. Codes are those of columns as they are stored.
[[nodiscard]] inline integer_matrix integers_in(stored_planes const& in, integer_kind const& kind, index rows,
                                                index cols, std::string place) {
    integer_matrix m{kind.bits, rows, cols, kind.group(cols), std::move(place), {}, {}, {}};
    auto const     code_of = [&]() -> unsigned (*)(std::uint8_t const*, index, index) {
        switch (kind.bits) {
        case 2:
            return &packing::neighbours<2>::code;
        case 3:
            return &packing::neighbours<3>::code;
        case 4:
            return &packing::neighbours<4>::code;
        default:
            return &packing::neighbours<8>::code;
        }
    }();
    auto const* const codes  = reinterpret_cast<std::uint8_t const*>(in.planes[0].data());
    unsigned const    flip   = kind.bits == 8 && kind.symmetric ? 0x80 : 0; // int8:sym has two's complement
    index const       groups = m.groups();
    auto const at     = [height = kind.height, groups](index r, index g) { return height == 0 ? g : r * groups + g; };
    auto const scales = in.planes[1];
    auto const scale  = [=, wide = kind.bits == 8](index r, index g) {
        return wide ? stored_number<float>(scales, at(r, g)) : value_of(stored_number<f16>(scales, at(r, g)));
    };
    if (!kind.symmetric) {
        auto const* const zeros   = reinterpret_cast<std::uint8_t const*>(in.planes[2].data());
        auto const        zero_of = kind.bits == 2   ? &zero_point<2>::field::code
                                    : kind.bits == 8 ? &zero_point<8>::field::code
                                                     : &zero_point<4>::field::code;
        m.zero                    = [=](index r, index g) { return static_cast<int>(zero_of(zeros, at(r, g), 0)); };
    }
    // A scale of 0, of a group whose weights are nothing in 16 bits, is no scale to other tools: 1, and every code the
    // zero point.
    m.scale = [=](index r, index g) { return scale(r, g) == 0 ? 1.0f : scale(r, g); };
    m.codes = [=, group = m.group, zero = m.zero](index first, index last, std::uint8_t* to) {
        for (index r = first; r < last; ++r) {
            for (index g = 0; g < groups; ++g) {
                bool const nothing = scale(r, g) == 0;
                int const  none    = !nothing ? 0 : zero ? zero(r, g) : 1 << (kind.bits - 1);
                for (index i = r * cols + g * group; i < r * cols + (g + 1) * group; ++i)
                    *to++ = static_cast<std::uint8_t>(nothing ? static_cast<unsigned>(none)
                                                              : code_of(codes, i, rows * cols) ^ flip);
            }
        }
    };
    return m;
}

} // namespace qeval
