// Where rounding leads beside a grid: for every point of its lattice, the grid points nearest to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace qeval::search {

// Grid points in the Shells smallest distances that occur, nearest first, in the grid's order where equally near.
template <class Grid, int Shells>
class grid_neighbours {
public:
    static constexpr int n = Grid::dimensions;

    static grid_neighbours const& get() { // made when the first block needs it, some milliseconds
        static grid_neighbours const made;
        return made;
    }
    // The number of the grid point with these coordinates; negative where the grid has none.
    [[nodiscard]] int find(std::uint8_t const* coordinates) const {
        return entry_[std::size_t(number_of(coordinates))];
    }

    // The neighbour p that minimises sum of weights[i] * (scale * levels[p[i]] - x[i])^2, the first of equals.
    [[nodiscard]] int nearest(std::uint8_t const* coordinates, float const* x, float const* weights, float scale,
                              float const* levels) const {
        std::uint16_t const* const near  = near_.data() - (find(coordinates) + 1);
        float                      least = std::numeric_limits<float>::max();
        int                        best  = near[1];
        for (int k = 1; k <= near[0]; ++k) {
            float error[n], sum = 0;
            for (int i = 0; i < n; ++i) {
                float const d = scale * levels[coordinate(near[k], i)] - x[i];
                error[i]      = weights[i] * d * d;
            }
            for (float e : error) sum += e;
            if (sum < least) least = sum, best = near[k];
        }
        return best;
    }
    [[nodiscard]] static int coordinate(int point, int i) { return Grid::digits()[n * point + i] - '0'; }

private:
    static int number_of(std::uint8_t const* coordinates) {
        int number = 0;
        for (int i = n; i-- > 0;) number = number * Grid::radix + coordinates[i];
        return number;
    }
    grid_neighbours() {
        std::uint8_t at[n] = {};
        for (bool more = true; more;) {
            add(at);
            more = false; // the next point of the lattice, first coordinate fastest
            for (int i = 0; i < n && !more; ++i) {
                more  = at[i] + 1 < Grid::radix;
                at[i] = static_cast<std::uint8_t>(more ? at[i] + 1 : 0);
            }
        }
    }
    // Points come in the order of their numbers.
    void add(std::uint8_t const* at) {
        constexpr int farthest = n * (Grid::radix - 1) * (Grid::radix - 1);
        int           distance[Grid::points], count[farthest + 1] = {};
        for (int p = 0; p < Grid::points; ++p) {
            int sum = 0;
            for (int i = 0; i < n; ++i) sum += (coordinate(p, i) - at[i]) * (coordinate(p, i) - at[i]);
            distance[p] = sum;
            if (sum == 0) {
                entry_.push_back(p);
                return;
            }
            ++count[sum];
        }
        entry_.push_back(-static_cast<int>(near_.size()) - 1);
        std::size_t const size = near_.size();
        near_.push_back(0);
        int shells = 0;
        for (int d = 1; d <= farthest && shells < Shells; ++d) {
            if (count[d] == 0) continue;
            ++shells;
            for (int p = 0; p < Grid::points; ++p) {
                if (distance[p] == d) near_.push_back(static_cast<std::uint16_t>(p));
            }
        }
        near_[size] = static_cast<std::uint16_t>(near_.size() - size - 1);
    }

    std::vector<int> entry_; // for each point of the lattice its number on the grid, or -1 - where its neighbours are
    std::vector<std::uint16_t> near_; // for each point beside the grid: how many neighbours, and which
};

} // namespace qeval::search
