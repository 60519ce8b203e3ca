// A packed matrix whose format is not known where it is used: what models are loaded, written and measured through, and
// what a backend is given to place.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/scale.hpp>

namespace qeval {

namespace cpu {
inline namespace QEVAL_ISA {
class matrix_kernels; // kernel/cpu/matrix_kernels.hpp
}
} // namespace cpu

inline namespace QEVAL_ISA { // the kernels inside are of one instruction set

class any_packed {
public:
    virtual ~any_packed() = default;

    [[nodiscard]] virtual index            rows() const   = 0;
    [[nodiscard]] virtual index            cols() const   = 0;
    [[nodiscard]] virtual index            bytes() const  = 0; // exactly what is stored
    [[nodiscard]] virtual std::string_view format() const = 0; // its name, group sizes included

    // How many of the bytes are scales, zeros and offsets, where they are kept apart from codes.
    [[nodiscard]] virtual std::optional<index> parameter_bytes() const = 0;
    // Inputs of this magnitude and above are multiplied apart, by a format that asks for it.
    [[nodiscard]] virtual std::optional<float> outlier_threshold() const = 0;

    // The column of the matrix that stands at each place of what is stored; nothing: its own.
    [[nodiscard]] virtual std::shared_ptr<std::vector<index> const> order() const { return nullptr; }

    virtual void unpack(matrix_view<float> out, thread_pool& pool) const = 0;
    // out[i] = weight first + i, counted row after row
    virtual void decode(index first, std::span<float> out) const = 0;
    // Whether no weight is NaN or infinite, in much less time than decoding them takes.
    [[nodiscard]] virtual bool finite(thread_pool& pool) const = 0;

    // Everything that is stored, in the order of a file: one plane of blocks, or codes and then each kind of
    // parameters. With the format's name, all that a device needs to have the matrix in its own memory.
    using plane_sink = std::function<void(plane_shape const& shape, std::span<std::byte const> bytes)>;
    virtual void for_each_plane(plane_sink const& sink) const = 0;
    void         write(std::function<void(std::span<std::byte const>)> const& sink) const {
                for_each_plane([&](plane_shape const&, std::span<std::byte const> bytes) { sink(bytes); });
    }

    // The same rows over and over, `rows` in all: for measurements, since no kernel's speed depends on the weights'
    // values.
    [[nodiscard]] virtual std::unique_ptr<any_packed> repeat_rows(index rows) const = 0;
    [[nodiscard]] virtual bool                        shares() const = 0; // its bytes are those of a file

    // The CPU's kernels are compiled with the format, wherever it is defined; they are the CPU backend's to ask for.
    [[nodiscard]] virtual cpu::matrix_kernels&       on_cpu()       = 0;
    [[nodiscard]] virtual cpu::matrix_kernels const& on_cpu() const = 0;
};

} // namespace QEVAL_ISA
} // namespace qeval
