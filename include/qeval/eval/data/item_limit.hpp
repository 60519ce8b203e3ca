// How many of its items a task uses.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <qeval/core/view.hpp>

namespace qeval {

// A count, or a share of what the task uses without a limit. As in lm-eval 0.4.13 (get_sample_size): a share x with 0 <
// x < 1 of n items are ceil(n * x), computed in double; a number from 1 on is a count.
class item_limit {
public:
    constexpr item_limit() = default;                                            // all
    constexpr item_limit(index count) : value_(static_cast<double>(count)) {}    // 0: all
    [[nodiscard]] static constexpr item_limit share(double x) { return {x, 0}; } // 0 < x < 1

    // "12" or "0.25"; nullopt for whatever is neither a count from 1 to 1e15 nor a share.
    [[nodiscard]] static std::optional<item_limit> of(std::string_view text) {
        double     x            = 0;
        auto const ending       = text.data() + text.size();
        auto const [end, error] = std::from_chars(text.data(), ending, x);
        bool const whole        = x >= 1 && x <= 1e15 && x == std::floor(x);
        if (error != std::errc() || end != ending || !(whole || (x > 0 && x < 1))) return std::nullopt;
        return item_limit(x, 0);
    }
    static constexpr char const* wanted = "a count from 1 on, or a share between 0 and 1";

    [[nodiscard]] constexpr bool   all() const { return value_ == 0; }
    [[nodiscard]] constexpr double value() const { return value_; } // as it was asked for; 0: all
    [[nodiscard]] constexpr bool   is_share() const { return value_ > 0 && value_ < 1; }
    // How many of `items` are used.
    [[nodiscard]] index among(index items) const {
        if (all()) return items;
        double const n = is_share() ? std::ceil(static_cast<double>(items) * value_) : value_;
        return n < static_cast<double>(items) ? static_cast<index>(n) : items;
    }
    // Where the task uses `own` of its `items` without a limit: a count may ask for more than that, a share is of it.
    [[nodiscard]] index among(index items, index own) const {
        own = std::min(own, items);
        return all() || is_share() ? among(own) : among(items);
    }
    friend constexpr bool operator==(item_limit, item_limit) = default;

private:
    constexpr item_limit(double value, int) : value_(value) {}

    double value_ = 0;
};

} // namespace qeval
