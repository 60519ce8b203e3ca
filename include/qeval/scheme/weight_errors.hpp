// What a scheme does to each matrix: the error of its weights against those of the file.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/plan.hpp>

namespace qeval {

struct weight_error {
    std::string name, format; // "model.layers.3.mlp.up_proj.weight", "q4_k"
    double      relative_rmse =
        0;            // |stored - original| / |original|, Frobenius norms; 0 for a matrix that is taken as it is
    index layer = -1; // -1: outside the layers
};

// Encodes every matrix once more, one after the other: a matrix of floats and its codes live at a time.
[[nodiscard]] inline std::vector<weight_error> weight_errors(scheme_plan plan, model_description const& model,
                                                             tensor_finder const& find, thread_pool& pool,
                                                             encode_options const& options) {
    matrix_builder            builder(std::move(plan), pool, options);
    std::vector<weight_error> errors;
    for (auto const& slot : model.matrices) {
        tensor_view const stored    = slot_tensor(find, slot);
        auto const [choice, packed] = builder.pack(stored, slot);
        std::string format(packed->format());
        if (same_name(stored.type, format)) {
            errors.push_back({stored.name, std::move(format), 0, slot.layer});
            continue;
        }
        auto const         original = matrix_floats(builder.plan().formats(), stored, pool, options.allow_nonfinite);
        std::vector<float> back(original.size());
        packed->unpack({back.data(), stored.shape[0], stored.shape[1]}, pool);
        double lost = 0, whole = 0;
        for (std::size_t i = 0; i < back.size(); ++i) {
            double const w = static_cast<double>(original[i]), d = static_cast<double>(back[i]) - w;
            lost += d * d;
            whole += w * w;
        }
        errors.push_back({stored.name, std::move(format), whole > 0 ? std::sqrt(lost / whole) : 0, slot.layer});
    }
    return errors;
}

} // namespace qeval
