// Which type llama.cpp's quantizer gives each tensor: its llama-quant.cpp is part of this unit, so that its own
// functions answer, and the rest of the library is not needed. make_mixes.py compiles it against a source tree and
// talks to it.
//
//   model LAYERS HEADS KEY_HEADS EXPERTS ARCHITECTURE     a model without tensors
//   tensor NAME COLS ROWS DEPTH                           one more, in the order in which the quantizer meets them
//   types FILE_TYPE BASE WEIGHED                          answers with a line: the types, or "refused"
#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

#include "llama-quant.cpp"

namespace {

// Only its numbers are read; what would build a real one is not linked.
alignas(std::max_align_t) std::byte room[sizeof(llama_model)];
llama_model& model = reinterpret_cast<llama_model&>(room);

void describe(unsigned layers, unsigned heads, unsigned key_heads, unsigned experts, std::string const& architecture) {
    auto& h    = model.hparams;
    model.arch = architecture == "falcon"      ? LLM_ARCH_FALCON
                 : architecture == "deepseek2" ? LLM_ARCH_DEEPSEEK2
                                               : LLM_ARCH_LLAMA;
    // As in llama_quant_model_from_metadata of 2026: of the sizes, the rules ask for this one alone.
    model.type = model.arch == LLM_ARCH_LLAMA && layers == 80 && heads != key_heads ? LLM_TYPE_70B : LLM_TYPE_UNKNOWN;
#if __has_include("llama-ext.h")
    h.n_layer_all = layers;
#else
    h.n_layer = layers;
#endif
    h.n_expert = experts;
    for (unsigned i = 0; i < layers; ++i) h.n_head_arr[i] = heads, h.n_head_kv_arr[i] = key_heads;
}

std::string types(std::vector<ggml_tensor>& tensors, llama_ftype file_type, ggml_type base, bool weighed) {
    auto how  = llama_model_quantize_default_params();
    how.ftype = file_type;
    quantize_state_impl state(model, &how);
    std::string         out;
    auto const          add = [&](ggml_type type) { out += std::string(ggml_type_name(type)) + " "; };
#if __has_include("llama-ext.h")
    if (llama_ftype_get_default_type(file_type) != base) return "another base";
    std::vector<tensor_metadata> all(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) all[i].name = tensors[i].name;
    init_quantize_state_counters(state, all);
    state.has_imatrix = weighed;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        auto const type = llama_tensor_get_type(state, &how, &tensors[i], base, all[i]);
        if (!weighed && tensor_requires_imatrix(tensors[i].name, type, file_type)) return "refused";
        add(type);
    }
#else
    // The counters as llama_model_quantize_impl sets them.
    state.has_imatrix = weighed;
    for (auto const& t : tensors) {
        std::string const name = t.name;
        for (char const* of : {"attn_v.weight", "attn_qkv.weight", "attn_kv_b.weight"})
            state.n_attention_wv += name.find(of) != std::string::npos;
        state.has_output = state.has_output || name == "output.weight";
    }
    state.n_ffn_down = state.n_ffn_gate = state.n_ffn_up = int(model.hparams.n_layer);
    for (auto& t : tensors) add(ggml_is_quantized(base) ? llama_tensor_get_type(state, base, &t, file_type) : base);
#endif
    return out;
}

} // namespace

int main() {
    std::vector<ggml_tensor> tensors;
    for (std::string word; std::cin >> word;) {
        if (word == "model") {
            unsigned    layers, heads, key_heads, experts;
            std::string architecture;
            std::cin >> layers >> heads >> key_heads >> experts >> architecture;
            tensors.clear();
            describe(layers, heads, key_heads, experts, architecture);
        } else if (word == "tensor") {
            ggml_tensor t{};
            std::string name;
            std::cin >> name >> t.ne[0] >> t.ne[1] >> t.ne[2];
            t.ne[3] = 1;
            std::snprintf(t.name, sizeof(t.name), "%s", name.c_str());
            tensors.push_back(t);
        } else {
            int file_type, base, weighed;
            std::cin >> file_type >> base >> weighed;
            std::string answer;
            try {
                answer = types(tensors, llama_ftype(file_type), ggml_type(base), weighed != 0);
            } catch (std::exception const& e) {
                answer = "refused";
            }
            std::cout << answer << std::endl;
        }
    }
}
