// Arithmetic on sizes that come from files: every operation says when the true result does not fit.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace qeval {

// An unsigned 64-bit number; operations return nullopt instead of wrapping.
class checked {
public:
    constexpr explicit checked(std::uint64_t value) : value_(value) {}

    [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

    [[nodiscard]] constexpr std::optional<checked> add(std::uint64_t b) const {
        if (b > max - value_) return std::nullopt;
        return checked{value_ + b};
    }
    [[nodiscard]] constexpr std::optional<checked> mul(std::uint64_t b) const {
        if (b != 0 && value_ > max / b) return std::nullopt;
        return checked{value_ * b};
    }
    // The smallest multiple of `alignment` that is >= value; alignment must be a power of two.
    [[nodiscard]] constexpr std::optional<checked> align_up(std::uint64_t alignment) const {
        std::uint64_t const mask = alignment - 1;
        if (value_ > max - mask) return std::nullopt;
        return checked{(value_ + mask) & ~mask};
    }

private:
    static constexpr std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t                  value_;
};

// Product of all factors, or nullopt when it does not fit in 64 bits.
template <class Range>
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_product(Range const& factors) {
    checked p{1};
    for (auto f : factors) {
        if (f < 0) return std::nullopt;
        auto const next = p.mul(static_cast<std::uint64_t>(f));
        if (!next) return std::nullopt;
        p = *next;
    }
    return p.value();
}

// True when [begin, begin + length) lies inside [0, size): written without an addition that could wrap.
[[nodiscard]] constexpr bool fits(std::uint64_t begin, std::uint64_t length, std::uint64_t size) {
    return length <= size && begin <= size - length;
}

} // namespace qeval
