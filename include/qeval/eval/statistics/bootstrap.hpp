// The bootstrap of a mean: intervals that assume no distribution. For a paired comparison, give it the differences of
// the items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/percentile.hpp>

namespace qeval {

// The means of `replicates` resamples of x with replacement. The i-th item of resample r is below(n, i) of the stream
// (seed, r): the result depends on nothing else, and two metrics of one task resample the same items.
[[nodiscard]] inline std::vector<double> bootstrap_means(std::span<double const> x, index replicates,
                                                         std::uint64_t seed) {
    std::vector<double> means;
    if (x.empty()) return means;
    means.reserve(static_cast<std::size_t>(replicates));
    for (index r = 0; r < replicates; ++r) {
        random_stream const draws(seed, static_cast<std::uint64_t>(r));
        double              sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += x[draws.below(x.size(), i)];
        means.push_back(sum / static_cast<double>(x.size()));
    }
    return means;
}

// The percentile interval of the mean of x, with coverage 1 - level.
[[nodiscard]] inline interval bootstrap_interval(std::span<double const> x, index replicates, std::uint64_t seed,
                                                 double level = 0.05) {
    auto const means  = bootstrap_means(x, replicates, seed);
    auto const sorted = ascending(std::span<double const>(means));
    return {percentile(sorted, level / 2), percentile(sorted, 1 - level / 2)};
}

} // namespace qeval
