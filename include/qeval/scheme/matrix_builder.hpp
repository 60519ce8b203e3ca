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
#include <qeval/format/prescribed_input.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/kernel/multiply_how.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/plan.hpp>
#include <qeval/scheme/planned_matrices.hpp>
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
    std::set<std::string>    kernels;           // of the covered matrices
    std::set<std::string>    prescribed_inputs; // activation formats that the checkpoint asks for and the scheme keeps

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
    [[nodiscard]] thread_pool&       pool() const { return *pool_; }

    // The matrix on a device, in the format and on the path that the scheme gives it: what makes a model's weights.
    template <backend B>
    [[nodiscard]] typename B::matrix place(B& device, tensor_view const& stored, tensor_slot const& slot) {
        auto [choice, packed] = pack(stored, slot);
        count(choice, *packed);
        bool const looked_up = slot.role == tensor_role::embedding && !slot.tied; // its rows are wanted, not products
        auto       how       = multiply(choice, stored);
        how.for_one_token    = !looked_up && (options_.repack || !packed->shares());
        if (!device.follows(*packed, how)) {
            account_.notes.push_back(slot.name + ": no integer path for " + choice.name + "; activations rounded to " +
                                     std::string(how.input->name) + ", exact path");
        }
        auto made = device.place(std::move(packed), how);
        if (choice.covered && slot.role != tensor_role::embedding)
            account_.kernels.insert(std::string(device.kernel(made)));
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
        auto const to        = format(choice, stored); // outlives the choice, which moves out
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
        if (choice.format != nullptr) return choice.format;
        (void)plan_.formats().stored(stored); // refuses the file, where it is the file's type
        throw usage_error{{"SC01", "scheme " + qeval::quoted(plan_.spec().name),
                           "tensor " + qeval::quoted(stored.name) + " as " + qeval::quoted(choice.name),
                           "a format of this program", "a type that the file has and this build does not know"}};
    }

private:
    // The importance of the columns of a matrix, if its format weighs errors.
    [[nodiscard]] std::span<float const> importance_of(tensor_view const& stored, tensor_slot const& slot,
                                                       any_format const& to) {
        if (options_.importance == nullptr || !to.weighs_importance()) return {};
        auto const columns = options_.importance->find(slot.name, slot.member, slot.members);
        if (auto note = missing_importance(*options_.importance, slot, to); !note.empty())
            account_.notes.push_back(slot.name + ": " + note);
        if (columns.empty() || static_cast<index>(columns.size()) == stored.shape[1]) return columns;
        throw file_error{{"IM05", options_.importance->name() + ", " + qeval::quoted(stored.name),
                          std::to_string(columns.size()) + " numbers",
                          std::to_string(stored.shape[1]) + ", one for each column",
                          "an importance matrix of another model"}};
    }
    // As the scheme asks, where it speaks of the matrix; else as the compute type asks. Where weights are taken as they
    // are stored, inputs are as the checkpoint prescribes, unless the scheme says otherwise.
    [[nodiscard]] multiply_how multiply(format_choice const& choice, tensor_view const& stored) {
        auto const& spec = plan_.spec();
        if (spec.weights == "source" && spec.activations == nullptr && stored.input != nullptr) {
            auto const& rule = *stored.input;
            account_.prescribed_inputs.insert(rule.activation);
            multiply_how how{spec.compute, find_activation(activation_formats{}, rule.activation), spec.exact_sums};
            how.prescribed = find_prescribed_input(prescribed_inputs{}, rule.activation);
            how.numbers    = rule.numbers;
            if (how.input == nullptr && how.prescribed == nullptr)
                throw internal_error{{"SC09", stored.place(), "inputs in " + rule.activation, "a rule of inputs", ""}};
            return how;
        }
        multiply_how how{spec.compute, choice.covered ? spec.activations : nullptr, spec.exact_sums};
        if (choice.covered && spec.activations == nullptr && spec.compute == compute_type::f32 && !spec.exact_sums)
            how.outliers = spec.batch_outliers ? outlier_choice::per_batch : outlier_choice::per_token;
        return how;
    }
    void count(format_choice const& choice, any_packed const& packed) {
        auto const bytes      = static_cast<std::uint64_t>(packed.bytes());
        auto const parameters = packed.parameter_bytes();
        if (!parameters) account_.parameter_bytes.reset();
        if (account_.parameter_bytes) *account_.parameter_bytes += static_cast<std::uint64_t>(*parameters);
        account_.weight_bytes += bytes;
        if (!choice.covered) return;
        account_.covered_bytes += bytes;
        account_.covered_weights += static_cast<std::uint64_t>(packed.rows() * packed.cols());
    }

    scheme_plan    plan_;
    thread_pool*   pool_;
    encode_options options_;
    scheme_account account_;
};

} // namespace qeval
