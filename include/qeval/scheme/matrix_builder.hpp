// Turns the matrices of a checkpoint into linears under a scheme, and keeps the accounts: bytes, kernels, fallbacks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/rounded_linear.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

// What a model under a scheme takes and how it computes.
struct scheme_account {
    std::uint64_t                weight_bytes = 0; // all tensors, exactly as stored
    std::optional<std::uint64_t> parameter_bytes =
        0; // of these: scales, zeros, offsets; nothing once a format mixes them with its codes
    std::uint64_t            covered_bytes   = 0; // matrices that the scheme speaks of
    std::uint64_t            covered_weights = 0;
    std::vector<std::string> notes;
    std::set<std::string>    kernels; // of the covered matrices

    [[nodiscard]] double bits_per_weight() const {
        return covered_weights == 0 ? 0.0
                                    : 8.0 * static_cast<double>(covered_bytes) / static_cast<double>(covered_weights);
    }
};

// How matrices are encoded, whatever the scheme. What is pointed to must outlive the builder.
struct encode_options {
    bool                     allow_nonfinite = false;   // go on with NaN and infinity
    importance_matrix const* importance      = nullptr; // none: all weights count alike
    bool repack = false; // weights that are taken from the file as they are go to the kernel layout, too
};

class matrix_builder {
public:
    matrix_builder(scheme_plan plan, thread_pool& pool, encode_options options = {})
        : plan_(std::move(plan)), pool_(&pool), options_(options) {}

    [[nodiscard]] scheme_plan const& plan() const { return plan_; }
    [[nodiscard]] scheme_account&    account() { return account_; }

    // As the factory of a model's weights.
    std::shared_ptr<linear const> operator()(tensor_view const& stored, tensor_slot const& slot) {
        auto [choice, packed] = pack(stored, slot);
        count_parameters(*packed);                                                // before it gives its bytes away
        bool const looked_up = slot.role == tensor_role::embedding && !slot.tied; // its rows are wanted, not products
        std::unique_ptr<linear> made =
            on_path(*packed, choice, slot.name, !looked_up && (options_.repack || !packed->shares()));
        count(choice, made->bytes(), static_cast<std::uint64_t>(stored.count()));
        if (choice.covered && slot.role != tensor_role::embedding) account_.kernels.insert(std::string(made->kernel()));
        return made;
    }

    struct packed_choice {
        format_choice               choice;
        std::unique_ptr<any_packed> packed;
    };
    // The matrix in the format that the scheme gives it. Weights that are stored in that format already are taken as
    // they are.
    [[nodiscard]] packed_choice pack(tensor_view const& stored, tensor_slot const& slot) {
        format_choice choice = plan_.choose(slot, stored);
        if (!choice.note.empty()) account_.notes.push_back(choice.note);
        auto const to        = format(choice, stored);
        bool const as_stored = same_name(stored.type, to->name());
        if (as_stored) {
            auto packed = stored_matrix(*to, stored);
            if (!options_.allow_nonfinite) check_numbers(stored, *packed, *pool_);
            return {std::move(choice), std::move(packed)};
        }
        auto const importance = importance_of(stored, slot, *to);
        if (auto const numbers = stored_numbers(stored)) {
            if (!options_.allow_nonfinite) check_numbers(stored, *numbers, *pool_);
            return {std::move(choice), to->pack(*numbers, *pool_, importance)};
        }
        auto const floats =
            matrix_floats(plan_.formats(), stored, *pool_, options_.allow_nonfinite); // checks that they are numbers
        return {std::move(choice), to->pack({floats.data(), stored.shape[0], stored.shape[1]}, *pool_, importance)};
    }
    // The format of a choice for a tensor, or an error where this program has none of that name.
    [[nodiscard]] std::shared_ptr<any_format const> format(format_choice const& choice,
                                                           tensor_view const&   stored) const {
        if (auto f = plan_.formats().find(choice.format)) return f;
        throw usage_error{{"SC01", "scheme " + qeval::quoted(plan_.spec().name),
                           "tensor " + qeval::quoted(stored.name) + " as " + qeval::quoted(choice.format),
                           "a format of this program", "a type that the file has and this build does not know"}};
    }

private:
    // Of the columns of a matrix, if its format weighs errors. llama.cpp measures no embedding, and heads on request
    // only.
    [[nodiscard]] std::span<float const> importance_of(tensor_view const& stored, tensor_slot const& slot,
                                                       any_format const& to) {
        if (options_.importance == nullptr || !to.weighs_importance()) return {};
        auto const columns = options_.importance->find(stored.name);
        bool const outer   = slot.role == tensor_role::embedding || slot.role == tensor_role::head;
        if (columns.empty() && !outer)
            account_.notes.push_back(stored.name + ": not in " + options_.importance->name() +
                                     "; all weights count alike");
        if (columns.empty() || static_cast<index>(columns.size()) == stored.shape[1]) return columns;
        throw file_error{{"IM05", options_.importance->name() + ", " + qeval::quoted(stored.name),
                          std::to_string(columns.size()) + " numbers",
                          std::to_string(stored.shape[1]) + ", one for each column",
                          "an importance matrix of another model"}};
    }
    // On the path the scheme asks for, exact where it asks for none. Activations that the matrix has no integer path
    // for are rounded and then multiplied exactly. In the kernel layout if that is wanted and there is one: as large,
    // as quick with many columns, and quicker with one.
    [[nodiscard]] std::unique_ptr<linear> on_path(any_packed& packed, format_choice const& choice,
                                                  std::string const& name, bool interleave) {
        auto const take = [&](auto path) {
            auto made = interleave ? packed.interleaved(path, *pool_) : nullptr;
            return made ? std::move(made) : packed.take(path, *pool_);
        };
        auto const& spec = plan_.spec();
        if (choice.covered && spec.activations.empty() && spec.compute == compute_type::f32 && !spec.exact_sums) {
            auto made =
                packed.take(spec.batch_outliers ? outlier_choice::per_batch : outlier_choice::per_token, *pool_);
            if (made) return made;
        }
        if (!choice.covered || spec.activations.empty()) {
            // without the instruction its arithmetic is slower than the exact path's on rounded operands; the kernel's
            // name tells
            if (cpu::has_bf16_dot && spec.compute == compute_type::bf16)
                return take(cpu::bf16_path{compute_type::bf16});
            return take(cpu::exact_path{spec.compute});
        }
        using cpu::activation_group;
        bool const per_token = spec.activations == int8_token::name,
                   per_256   = spec.activations == int8_columns_256::name;
        if (per_token || per_256 || spec.activations == int8_columns_32::name) {
            if (!spec.exact_sums && packed.integer_fits()) {
                auto const group = per_token ? activation_group::token
                                   : per_256 ? activation_group::columns_256
                                             : activation_group::columns_32;
                return take(cpu::integer_path{group});
            }
            if (!spec.exact_sums)
                account_.notes.push_back(name + ": no integer path for " + choice.format + "; activations rounded to " +
                                         spec.activations + ", exact path");
        }
        std::unique_ptr<linear> made = take(cpu::exact_path{});
        visit_activation(activation_formats{}, spec.activations,
                         [&](auto tag) { made = std::make_unique<rounded_linear>(std::move(made), tag, *pool_); });
        return made;
    }
    void count_parameters(any_packed const& packed) {
        auto const bytes = packed.parameter_bytes();
        if (!bytes) account_.parameter_bytes.reset();
        if (account_.parameter_bytes) *account_.parameter_bytes += static_cast<std::uint64_t>(*bytes);
    }
    void count(format_choice const& choice, std::size_t bytes, std::uint64_t weights) {
        account_.weight_bytes += bytes;
        if (!choice.covered) return;
        account_.covered_bytes += bytes;
        account_.covered_weights += weights;
    }

    scheme_plan    plan_;
    thread_pool*   pool_;
    encode_options options_;
    scheme_account account_;
};

} // namespace qeval
