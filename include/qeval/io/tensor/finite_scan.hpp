// NaN and infinity among weights: no number computed from them means anything. The formats allow them, so looking is a
// policy: ST32 for stored floats, GG24 for a quantized block whose scale is not finite.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

struct nonfinite {
    index first = 0; // the lowest position of one
    index count = 0; // how many there are
    float value = 0; // the first
};

// Whether none of the numbers, in f32, f16 or bf16, is NaN or infinite: then no exponent has all its bits. Many numbers
// are looked at before one answer, so that vectors can be.
template <class Number>
[[nodiscard]] bool all_finite(std::span<Number const> numbers) {
    using word              = std::conditional_t<sizeof(Number) == 2, std::uint16_t, std::uint32_t>;
    constexpr auto exponent = bit_cast<word>(store_as<Number>(std::numeric_limits<float>::infinity()));

    auto const is_bad = [](Number x) { return static_cast<word>((bit_cast<word>(x) & exponent) == exponent); };
    constexpr std::size_t at_once = 256;
    std::size_t           i       = 0;
    for (; i + at_once <= numbers.size(); i += at_once) {
        word bad = 0;
        for (std::size_t k = 0; k < at_once; ++k) bad = static_cast<word>(bad | is_bad(numbers[i + k]));
        if (bad != 0) return false;
    }
    return std::none_of(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers.end(),
                        [&](Number x) { return is_bad(x) != 0; });
}

// decode(first, out) writes elements [first, first + out.size()) of a tensor as floats. Called for whole chunks of
// 65536 elements but the last, from several threads. The answer does not depend on their number.
template <class Decode>
[[nodiscard]] std::optional<nonfinite> scan_finite(index count, Decode const& decode, thread_pool& pool) {
    constexpr index chunk = 65536;
    std::mutex      merging;
    nonfinite       all{std::numeric_limits<index>::max(), 0, 0};
    pool.for_chunks(count, chunk, [&](index begin, index end) {
        std::vector<float> values(std::size_t(end - begin));
        decode(begin, std::span<float>(values));
        nonfinite here{std::numeric_limits<index>::max(), 0, 0};
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isfinite(values[i])) continue;
            if (here.count++ == 0) here = {begin + index(i), 1, values[i]};
        }
        if (here.count == 0) return;
        std::lock_guard const lock(merging);
        index const           sum = all.count + here.count;
        if (here.first < all.first) all = here;
        all.count = sum;
    });
    if (all.count == 0) return std::nullopt;
    return all;
}

// The refusal. `id` is "ST32" or "GG24".
template <class Decode>
void check_finite(tensor_view const& tensor, std::string_view id, Decode const& decode, thread_pool& pool) {
    auto const bad = scan_finite(tensor.count(), decode, pool);
    if (!bad) return;
    throw file_error{{std::string(id), tensor.place() + ", element " + std::to_string(bad->first),
                      std::to_string(bad->value) + " (" + std::to_string(bad->count) + " such values)",
                      "finite weights", "a damaged file or a diverged training; --allow-nonfinite goes on regardless"}};
}

} // namespace qeval
