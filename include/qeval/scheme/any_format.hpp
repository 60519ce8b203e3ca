// A format behind a plain interface, so that loading, planning, listing and writing are compiled once, not once a
// format. Everything a program does with a format whose name it learns at run time goes through here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/explain.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/parameter_bytes.hpp>
#include <qeval/pack/stored.hpp>
#include <qeval/scheme/kv_blocks.hpp>

namespace qeval {
inline namespace QEVAL_ISA { // the kernels inside are of one instruction set

// A packed matrix in some format.
class any_packed {
public:
    virtual ~any_packed() = default;

    [[nodiscard]] virtual index bytes() const = 0; // exactly what is stored
    [[nodiscard]] virtual std::optional<index>
                 parameter_bytes() const = 0; // of these: scales, zeros, offsets, where they are kept apart from codes
    virtual void unpack(matrix_view<float> out, thread_pool& pool) const = 0;
    virtual void decode(index            first,
                        std::span<float> out) const = 0; // out[i] = weight first + i, counted row after row
    virtual void write(std::function<void(std::span<std::byte const>)> const& sink) const = 0; // as in a file
    [[nodiscard]] virtual std::string_view format() const  = 0; // its name, group sizes included
    [[nodiscard]] virtual std::string_view decoder() const = 0; // of the exact path: "lanes", "numbers", "scalar"

    // The same rows over and over, `rows` in all: for measurements, since no kernel's speed depends on the weights'
    // values.
    [[nodiscard]] virtual std::unique_ptr<any_packed> repeat_rows(index rows) const = 0;
    // The matrix as a linear on a path; it gives its bytes away. The integer path: integer_fits() says whether.
    template <class Path>
    [[nodiscard]] std::unique_ptr<linear> take(Path path, thread_pool& pool) {
        std::string name(format());
        return std::make_unique<cpu::path_linear<Path>>(take_weights(), std::move(name), path, pool);
    }
    // In the kernel layout, from a copy: quicker for one column. nullptr where the format has none.
    template <class Path>
    [[nodiscard]] std::unique_ptr<linear> interleaved(Path path, thread_pool& pool) const {
        auto weights = interleaved_weights(pool);
        if (weights == nullptr) return nullptr;
        return std::make_unique<cpu::path_linear<Path>>(std::move(weights), std::string(format()), path, pool);
    }
    [[nodiscard]] virtual bool shares() const       = 0; // its bytes are those of a file
    [[nodiscard]] virtual bool integer_fits() const = 0; // the integer path can compute with this matrix
    // The same with outliers of the input in 16 bits; nullptr where the format has none.
    [[nodiscard]] virtual std::unique_ptr<linear> take(outlier_choice choice, thread_pool& pool) = 0;

protected:
    [[nodiscard]] virtual std::unique_ptr<cpu::linear_weights const> take_weights()                               = 0;
    [[nodiscard]] virtual std::unique_ptr<cpu::linear_weights const> interleaved_weights(thread_pool& pool) const = 0;
};

// A format with the group sizes that its name says.
class any_format {
public:
    virtual ~any_format() = default;

    // The format that goes by this name: itself, itself with other group sizes ("nf4:128"), or nullptr.
    [[nodiscard]] virtual std::shared_ptr<any_format const> named(std::string_view name) const = 0;

    [[nodiscard]] virtual std::string_view name() const        = 0;
    [[nodiscard]] virtual index            block_size() const  = 0; // weights; 0: parameters in planes
    [[nodiscard]] virtual index            block_bytes() const = 0; // 0 likewise
    [[nodiscard]] virtual index group_size() const = 0; // weights with one scale; 0: a row, a tensor, or none
    [[nodiscard]] virtual std::optional<std::uint32_t> gguf_id() const          = 0;
    [[nodiscard]] virtual bool                         dense() const            = 0; // numbers stored as they are
    [[nodiscard]] virtual bool                         has_integer_path() const = 0; // for some matrices at least
    [[nodiscard]] virtual bool                         has_outliers() const     = 0; // inputs split by magnitude
    [[nodiscard]] virtual index                        bytes(index rows, index cols) const = 0;
    [[nodiscard]] virtual kv_format const*             kv() const = 0; // nullptr: rows do not stand alone
    [[nodiscard]] virtual bool weighs_importance() const          = 0; // its encoder searches by weighed errors

    // `importance`: a number for each column, or none; formats that weigh no errors encode the same either way.
    [[nodiscard]] virtual std::unique_ptr<any_packed> pack(number_matrix const& w, thread_pool& pool,
                                                           std::span<float const> importance = {}) const = 0;
    // From the bytes of a tensor in a file, used where they lie if `memory` keeps them valid; `place` names it in
    // errors.
    [[nodiscard]] virtual std::unique_ptr<any_packed> read(std::span<std::byte const> bytes, index rows, index cols,
                                                           std::string const&          place,
                                                           std::shared_ptr<void const> memory = {}) const = 0;
};

template <class F>
class packed_as final : public any_packed {
public:
    explicit packed_as(packed_matrix<F> m) : m_(std::move(m)), name_(name_in<F>(m_.geometry())) {}

    [[nodiscard]] index                bytes() const override { return m_.bytes(); }
    [[nodiscard]] std::optional<index> parameter_bytes() const override {
        return qeval::parameter_bytes<F>(m_.rows(), m_.cols(), m_.geometry());
    }
    void unpack(matrix_view<float> out, thread_pool& pool) const override { qeval::unpack(m_.view(), out, pool); }
    void decode(index first, std::span<float> out) const override {
        auto const view = m_.view();
        while (!out.empty()) {
            auto const part = out.first(std::min(out.size(), static_cast<std::size_t>(view.cols - first % view.cols)));
            decode_row(view, first / view.cols, first % view.cols, part);
            first += static_cast<index>(part.size());
            out = out.subspan(part.size());
        }
    }
    void write(std::function<void(std::span<std::byte const>)> const& sink) const override { write_stored(m_, sink); }
    [[nodiscard]] std::string_view format() const override { return name_; }
    [[nodiscard]] std::string_view decoder() const override { return cpu::unpacked_panel<F>(m_.view()).decoder(); }

    [[nodiscard]] std::unique_ptr<any_packed> repeat_rows(index rows) const override {
        packed_matrix<F> many(rows, m_.cols(), m_.geometry());
        auto const       repeat = [](std::span<std::byte const> from, std::span<std::byte> to) {
            for (std::size_t at = 0; at < to.size(); at += from.size()) {
                std::copy_n(from.data(), std::min(from.size(), to.size() - at), to.data() + at);
            }
        };
        if constexpr (in_blocks<F>) {
            repeat(m_.stored(), {reinterpret_cast<std::byte*>(many.blocks()), many.stored().size()});
        } else {
            for (std::size_t p = 0; p < std::size_t(packed_view<F>::plane_count); ++p)
                repeat(m_.plane(p), many.plane(p));
        }
        return std::make_unique<packed_as>(std::move(many));
    }
    [[nodiscard]] std::unique_ptr<linear> take(outlier_choice choice, thread_pool& pool) override {
        if constexpr (requires { F::outlier_threshold; }) {
            auto const view = m_.view(); // of bytes that only change their owner
            auto       base = cpu::make_linear<F>(std::move(m_), cpu::integer_path{cpu::activation_group::token}, pool);
            return std::make_unique<outlier_linear>(
                std::move(base), [view](index r, index k) { return view(r, k); }, F::outlier_threshold, choice, pool);
        } else {
            return nullptr;
        }
    }
    [[nodiscard]] bool shares() const override { return m_.shares(); }
    [[nodiscard]] bool integer_fits() const override {
        if constexpr (cpu::integer_path_fits<F>) {
            return cpu::integer_groups_in(m_.view()) != 0;
        } else {
            return false;
        }
    }

protected:
    [[nodiscard]] std::unique_ptr<cpu::linear_weights const> take_weights() override {
        return std::make_unique<cpu::packed_weights<F>>(std::move(m_));
    }
    [[nodiscard]] std::unique_ptr<cpu::linear_weights const>
    interleaved_weights([[maybe_unused]] thread_pool& pool) const override {
        if constexpr (cpu::has_kernel_layout<F>) {
            return std::make_unique<cpu::interleaved_weights<F>>(m_, pool);
        } else {
            return nullptr;
        }
    }

private:
    packed_matrix<F> m_;
    std::string      name_;
};

template <class F>
class format_as final : public any_format {
public:
    explicit format_as(geometry_of<F> geometry = {}) : geometry_(geometry), name_(name_in<F>(geometry)) {}

    [[nodiscard]] std::shared_ptr<any_format const> named(std::string_view name) const override {
        auto const geometry = geometry_named<F>(name);
        return geometry ? std::make_shared<format_as const>(*geometry) : nullptr;
    }
    [[nodiscard]] std::string_view name() const override { return name_; }

    [[nodiscard]] index block_size() const override {
        if constexpr (in_blocks<F>) {
            return F::block_size;
        } else {
            return 0;
        }
    }
    [[nodiscard]] index block_bytes() const override {
        if constexpr (in_blocks<F>) {
            return static_cast<index>(sizeof(cell_of<F>));
        } else {
            return 0;
        }
    }
    [[nodiscard]] index group_size() const override {
        if constexpr (dense_format<F>) {
            return 0;
        } else if constexpr (in_blocks<F>) {
            return group_size_of<F>;
        } else {
            return geometry_.weights();
        }
    }
    [[nodiscard]] std::optional<std::uint32_t> gguf_id() const override {
        if constexpr (requires { F::gguf_id; }) {
            return F::gguf_id;
        } else {
            return std::nullopt;
        }
    }
    [[nodiscard]] bool dense() const override { return dense_format<F>; }
    [[nodiscard]] bool has_integer_path() const override { return cpu::integer_path_fits<F>; }
    [[nodiscard]] bool has_outliers() const override {
        return requires { F::outlier_threshold; };
    }
    [[nodiscard]] index bytes(index rows, index cols) const override { return packed_bytes<F>(rows, cols, geometry_); }
    [[nodiscard]] kv_format const* kv() const override {
        if constexpr (in_blocks<F>) {
            return &kv_format_for<kv_blocks<F>>();
        } else {
            return nullptr;
        }
    }
    [[nodiscard]] bool                        weighs_importance() const override { return takes_importance<F>; }
    [[nodiscard]] std::unique_ptr<any_packed> pack(number_matrix const& w, thread_pool& pool,
                                                   [[maybe_unused]] std::span<float const> importance) const override {
        if constexpr (takes_importance<F>) {
            if (!importance.empty()) return std::make_unique<packed_as<F>>(qeval::pack<F>(w, importance, pool));
        }
        return std::make_unique<packed_as<F>>(qeval::pack<F>(w, pool, geometry_));
    }
    [[nodiscard]] std::unique_ptr<any_packed> read(std::span<std::byte const> bytes, index rows, index cols,
                                                   std::string const&          place,
                                                   std::shared_ptr<void const> memory) const override {
        return std::make_unique<packed_as<F>>(read_stored<F>(bytes, rows, cols, place, geometry_, std::move(memory)));
    }

private:
    geometry_of<F> geometry_;
    std::string    name_;
};

// The one object that stands for F.
template <class F>
[[nodiscard]] any_format const* any_format_of() {
    static_assert(explain_format<F>());
    if constexpr (quant_format<F>) {
        static format_as<F> const instance;
        return &instance;
    } else {
        return nullptr;
    }
}

} // namespace QEVAL_ISA
} // namespace qeval
