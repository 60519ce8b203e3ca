// The importance of a model's columns, collected as llama.cpp's llama-imatrix does: for each column of each matrix the
// sum of x and of x^2 over the rows that the matrix multiplied.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/imatrix_writer.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

// An input_observer that is given to causal_lm::observe by reference.
class importance_collector {
public:
    // name(slot): what the file calls the matrix; empty: it is left out.
    explicit importance_collector(std::function<std::string(tensor_slot const&)> name) : name_(std::move(name)) {}

    void operator()(observed_input const& in) {
        std::string name = name_(in.slot);
        if (name.empty()) return;
        auto&      s      = sums_[std::move(name)];
        auto const matrix = static_cast<std::size_t>(in.slot.member < 0 ? 0 : in.slot.member);
        auto const cols   = static_cast<std::size_t>(in.rows.cols);
        if (s.counts.size() <= matrix) {
            s.counts.resize(matrix + 1);
            s.sums.resize((matrix + 1) * cols);
            s.squares.resize((matrix + 1) * cols);
        }
        float* const sums    = s.sums.data() + matrix * cols;
        float* const squares = s.squares.data() + matrix * cols;
        for (index r = 0; r < in.rows.rows; ++r) {
            float const* const x = in.rows.row(r).data();
            for (std::size_t c = 0; c < cols; ++c) {
                sums[c] += x[c];
                squares[c] += x[c] * x[c];
            }
        }
        s.counts[matrix] += static_cast<std::uint64_t>(in.rows.rows);
    }
    // Floats, added row by row as there: the result does not depend on how the text was cut into passes, and has the
    // rounding that llama.cpp's has (1e-4 after 300,000 rows, beside which exact sums would be another importance).
    // Refuses sums that no encoder could use.
    [[nodiscard]] named_column_sums const& sums() const {
        for (auto const& [name, s] : sums_) {
            for (float const square : s.squares) {
                if (std::isfinite(square)) continue;
                throw file_error{{"CA01", "tensor " + qeval::quoted(name) + ", its inputs",
                                  "a sum of squares of " + std::to_string(square), "finite numbers",
                                  "weights that are damaged, or activations that overflow"}};
            }
        }
        return sums_;
    }

private:
    std::function<std::string(tensor_slot const&)> name_;
    named_column_sums                              sums_;
};

} // namespace qeval
