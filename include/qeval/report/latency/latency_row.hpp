// What was measured for one scheme under one load.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <qeval/engine/latency.hpp>

namespace qeval {

// What a model occupies while it answers.
struct memory_parts {
    std::uint64_t weights = 0; // as stored, scales included
    std::optional<std::uint64_t>
                  scales;    // of these: scales, zeros, offsets; nothing where a format mixes them with its codes
    std::uint64_t cache = 0; // keys and values of the whole batch at its end
    std::optional<std::uint64_t>
                  scratch;  // activations and all else that came on top while it ran; nothing where unknown
    std::uint64_t peak = 0; // of the process: resident memory, its files and its own code included

    [[nodiscard]] std::uint64_t codes() const { return weights - scales.value_or(0); }
};

// The median, and half the distance between the quartiles beside it.
struct median_spread {
    double median = 0, spread = 0;
};
[[nodiscard]] inline median_spread median_of(std::vector<double> x) {
    if (x.empty()) return {};
    std::sort(x.begin(), x.end());
    auto const at = [&](double q) {
        double const      place = q * static_cast<double>(x.size() - 1);
        std::size_t const low = static_cast<std::size_t>(place), high = std::min(low + 1, x.size() - 1);
        return x[low] + (place - static_cast<double>(low)) * (x[high] - x[low]);
    };
    return {at(0.5), (at(0.75) - at(0.25)) / 2};
}

struct latency_row {
    std::string   scheme, kernel;
    latency_load  load;
    latency_times times;
    double        bits_per_weight = 0;
    memory_parts  memory;
    double        limit_ms = 0;     // of a search for the largest batch; 0: the batch was asked for
    bool          bounded  = false; // the search ended at its bound, within the limit

    [[nodiscard]] median_spread first_ms() const { return milliseconds(times.first); }
    [[nodiscard]] median_spread next_ms() const { return milliseconds(times.next); }
    [[nodiscard]] bool          within_limit() const { return next_ms().median <= limit_ms; }
    // Tokens a second, of all sequences: while they are written, and with the reading of the prompts.
    [[nodiscard]] double next_rate() const {
        return ratio(static_cast<double>(load.batch), median_of(times.next).median);
    }
    [[nodiscard]] double total_rate() const {
        return ratio(static_cast<double>(load.batch * load.output), median_of(times.total).median);
    }

private:
    [[nodiscard]] static median_spread milliseconds(std::vector<double> const& seconds) {
        auto const m = median_of(seconds);
        return {1000 * m.median, 1000 * m.spread};
    }
    [[nodiscard]] static double ratio(double tokens, double seconds) { return seconds > 0 ? tokens / seconds : 0; }
};

} // namespace qeval
