// What the rules of mixes ask of a model beside the slot of a matrix.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// Architectures of which one with eighty layers is "70B" to llama.cpp. Origin: load_arch_hparams in src/models/.
struct eighty_layers {
    std::string_view architecture; // architectures[0] of config.json
    bool             shared_only;  // where query heads share key heads; 65B otherwise
};
inline constexpr std::array models_of_70b{
    eighty_layers{"LlamaForCausalLM", true}, eighty_layers{"MistralForCausalLM", true},
    eighty_layers{"MixtralForCausalLM", true}, eighty_layers{"Qwen2ForCausalLM", false}};

struct mix_model {
    index              sharing = 1; // query heads that read one key head
    index              experts = 0; // of a layer that has them
    bool               is_70b  = false;
    std::vector<index> downs; // down projections of each layer as a GGUF stores them: all experts' are one

    mix_model() = default;
    explicit mix_model(model_description const& model) : sharing(model.sharing) {
        is_70b = model.layers.size() == 80 && std::ranges::any_of(models_of_70b, [&](eighty_layers const& e) {
                     return e.architecture == model.architecture && (sharing > 1 || !e.shared_only);
                 });
        for (auto const& layer : model.layers) experts = std::max(experts, layer.routing.experts);
        for (auto const& slot : model.matrices) {
            if (slot.role != tensor_role::mlp_down || slot.layer < 0 || slot.member > 0) continue;
            if (downs.size() <= std::size_t(slot.layer)) downs.resize(std::size_t(slot.layer) + 1);
            ++downs[std::size_t(slot.layer)];
        }
    }
    // How many down projections come before that one, in the order of layers, then of names in GGUF ("ffn_down_exps"
    // before "ffn_down_shexp"). Where no matrices are known, a layer has one.
    [[nodiscard]] index downs_before(tensor_slot const& slot) const {
        index const known = std::min(slot.layer, index(downs.size()));
        index       count = slot.layer - known;
        for (index i = 0; i < known; ++i) count += downs[std::size_t(i)];
        bool const second = slot.layer < index(downs.size()) && downs[std::size_t(slot.layer)] > 1 && slot.member < 0;
        return count + (second ? 1 : 0);
    }
};

} // namespace qeval
