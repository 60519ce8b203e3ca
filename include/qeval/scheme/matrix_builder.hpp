// Turns the matrices of a checkpoint into linears under a scheme, and keeps the accounts: bytes, kernels, fallbacks.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/model/role.hpp>
#include <qeval/pack/encode.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

// What a model under a scheme takes and how it computes.
struct scheme_account {
    std::uint64_t            weight_bytes    = 0; // all tensors, exactly as stored
    std::uint64_t            covered_bytes   = 0; // matrices that the scheme speaks of
    std::uint64_t            covered_weights = 0;
    std::vector<std::string> notes;
    std::set<std::string>    kernels; // of the covered matrices

    [[nodiscard]] double bits_per_weight() const {
        return covered_weights == 0 ? 0.0 : 8.0 * static_cast<double>(covered_bytes) / static_cast<double>(covered_weights);
    }
};

namespace detail {

// The linear of a packed matrix on the path the scheme asks for; exact where it asks for none or the format has none.
template <class F>
std::unique_ptr<linear> linear_on_path(packed_matrix<F> w, scheme_spec const& spec, bool covered, std::string const& name,
                                       thread_pool& pool, std::vector<std::string>& notes) {
    if (covered && !spec.activations.empty()) {
        if constexpr (cpu::integer_path_fits<F>) {
            if (cpu::groups_align<F>(w.cols())) {
                auto const group = spec.activations == "int8" ? cpu::activation_group::token : cpu::activation_group::columns_32;
                return cpu::make_linear<F>(std::move(w), cpu::integer_path{group}, pool);
            }
        }
        notes.push_back(name + ": no integer path for " + std::string(name_of<F>()) + "; exact path, activations in f32");
    }
    return cpu::make_linear<F>(std::move(w), cpu::exact_path{spec.compute}, pool);
}

} // namespace detail

template <class List>
class matrix_builder {
public:
    matrix_builder(scheme_plan<List> plan, thread_pool& pool, bool allow_nonfinite = false)
        : plan_(std::move(plan)), pool_(&pool), allow_nonfinite_(allow_nonfinite) {}

    [[nodiscard]] scheme_plan<List> const& plan() const { return plan_; }
    [[nodiscard]] scheme_account&          account() { return account_; }

    // As the factory of a model's weights.
    std::shared_ptr<linear const> operator()(tensor_view const& stored, tensor_slot const& slot) {
        std::unique_ptr<linear> made;
        with_packed(stored, slot, [&](auto packed, format_choice const& choice) {
            made = detail::linear_on_path(std::move(packed), plan_.spec(), choice.covered, slot.name, *pool_, account_.notes);
            count(choice, made->bytes(), static_cast<std::uint64_t>(stored.count()));
            if (choice.covered && slot.role != tensor_role::embedding) account_.kernels.insert(std::string(made->kernel()));
        });
        return made;
    }

    // Calls use(packed_matrix<F>, choice) with the matrix in the format that the scheme gives it. Weights that are stored in
    // that format already are taken as they are.
    template <class Use>
    void with_packed(tensor_view const& stored, tensor_slot const& slot, Use&& use) {
        format_choice const choice = plan_.choose(slot, stored);
        if (!choice.note.empty()) account_.notes.push_back(choice.note);
        bool const known = visit_format(List{}, choice.format, [&](auto tag) {
            using F = typename decltype(tag)::type;
            if (same_name(stored.type, name_of<F>())) {
                if (!allow_nonfinite_) (void)matrix_floats<List>(stored, *pool_, false);
                use(read_stored<F>(stored.bytes, stored.shape[0], stored.shape[1], "tensor " + qeval::quoted(stored.name)), choice);
            } else {
                auto const floats = matrix_floats<List>(stored, *pool_, allow_nonfinite_);
                use(pack<F>(matrix_view<float const>(floats.data(), stored.shape[0], stored.shape[1]), *pool_), choice);
            }
        });
        if (!known) {
            throw usage_error{{"SC01", "scheme " + qeval::quoted(plan_.spec().name), "tensor " + qeval::quoted(stored.name) + " as " + qeval::quoted(choice.format),
                               "a format of this program", "a type that the file has and this build does not know"}};
        }
    }

private:
    void count(format_choice const& choice, std::size_t bytes, std::uint64_t weights) {
        account_.weight_bytes += bytes;
        if (!choice.covered) return;
        account_.covered_bytes += bytes;
        account_.covered_weights += weights;
    }

    scheme_plan<List> plan_;
    thread_pool*      pool_;
    bool              allow_nonfinite_;
    scheme_account    account_;
};

} // namespace qeval
