// Every matrix of a model in one format, with qeval's own kernels.
#pragma once

#include <memory>

#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/weights.hpp>
#include <qeval/pack/encode.hpp>

namespace qeval_test {

// A weights<B>::factory.
template <class F, class Path>
auto packed_as(Path path, qeval::thread_pool& pool) {
    return [path, &pool](qeval::tensor_view const& t,
                         qeval::tensor_slot const&) -> std::shared_ptr<qeval::linear const> {
        auto values = qeval::read_floats(t);
        return qeval::cpu::make_linear<F>(qeval::pack<F>({values.data(), t.shape[0], t.shape[1]}, pool), path, pool);
    };
}

} // namespace qeval_test
