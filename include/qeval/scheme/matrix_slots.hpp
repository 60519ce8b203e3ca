// The matrices of a model with their roles, found by building its architecture around nothing.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/io/checkpoint/model_config.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/model/llama.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

struct matrix_slot {
    tensor_view stored;
    tensor_slot slot;
};

template <tensor_source Source>
[[nodiscard]] std::vector<matrix_slot> matrix_slots(model_config const& config, Source const& source) {
    std::vector<matrix_slot> slots;
    thread_pool              one(1);
    (void)make_llama(cpu::host(one), config, source, [&](tensor_view const& t, tensor_slot const& slot) {
        slots.push_back({t, slot});
        return std::shared_ptr<linear const>();
    });
    return slots;
}

} // namespace qeval
