// The widths of a layer's feed-forward blocks, from its matrices.
#pragma once

#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

struct feed_forward_widths {
    index expert = 0;     // of one expert; 0: the layer has none
    index shared = 0;     // of the block that all tokens go through
    bool  gated  = false; // whose output a router weighs, too

    bool operator==(feed_forward_widths const&) const = default;
};

[[nodiscard]] inline std::vector<feed_forward_widths> feed_forward_of(model_description const& m) {
    std::vector<feed_forward_widths> all(m.layers.size());
    std::vector<index>               routers(m.layers.size());
    for (auto const& slot : m.matrices) {
        if (slot.layer < 0 || slot.layer >= index(all.size())) continue;
        auto& one = all[std::size_t(slot.layer)];
        if (slot.role == tensor_role::router) one.gated = ++routers[std::size_t(slot.layer)] > 1;
        if (slot.role == tensor_role::mlp_down) (slot.member >= 0 ? one.expert : one.shared) = slot.cols;
    }
    return all;
}

} // namespace qeval
