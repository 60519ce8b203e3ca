// A format behind a plain interface, so that loading, planning, listing and writing are compiled once, not once a
// format. Everything a program does with a format whose name it learns at run time goes through here.
#pragma once

#include <cstddef>
#include <cstdint>
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
#include <qeval/kernel/any_packed.hpp>
#include <qeval/kernel/cpu/packed_as.hpp> // every format of a program brings the CPU's kernels
#include <qeval/kernel/integer_form.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/pack/parameter_bytes.hpp>
#include <qeval/pack/stored.hpp>
#include <qeval/scheme/kv_blocks.hpp>

namespace qeval {
inline namespace QEVAL_ISA { // the kernels inside are of one instruction set

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
    // Of these: scales, zeros, offsets; nothing where they share bytes with codes.
    [[nodiscard]] virtual std::optional<index> parameter_bytes(index rows, index cols) const = 0;
    [[nodiscard]] virtual kv_format const*     kv() const                = 0; // nullptr: rows do not stand alone
    [[nodiscard]] virtual bool                 weighs_importance() const = 0; // its encoder searches by weighed errors

    // `importance`: a number for each column, or none; formats that weigh no errors encode the same either way.
    [[nodiscard]] virtual std::unique_ptr<any_packed> pack(number_matrix const& w, thread_pool& pool,
                                                           std::span<float const> importance = {}) const = 0;
    // Takes the bytes of a tensor in a file, used where they lie if `memory` keeps them valid; `place` names it in
    // errors.
    [[nodiscard]] virtual std::unique_ptr<any_packed> read(std::span<std::byte const> bytes, index rows, index cols,
                                                           std::string const&          place,
                                                           std::shared_ptr<void const> memory = {}) const = 0;
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
    [[nodiscard]] bool has_integer_path() const override { return integer_form_of<F>.scale_groups != 0; }
    [[nodiscard]] bool has_outliers() const override {
        return requires { F::outlier_threshold; };
    }
    [[nodiscard]] index bytes(index rows, index cols) const override { return packed_bytes<F>(rows, cols, geometry_); }
    [[nodiscard]] std::optional<index> parameter_bytes(index rows, index cols) const override {
        return qeval::parameter_bytes<F>(rows, cols, geometry_);
    }
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
