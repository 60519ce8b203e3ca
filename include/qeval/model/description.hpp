// What a model is, whatever its architecture and wherever it computes: everything that planning, checking, estimates
// and reports need to know of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/tensor/double_numbers.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/expected_tensor.hpp>
#include <qeval/model/layer_facts.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

struct model_description {
    struct named_shape {
        std::string        name;
        std::vector<index> shape;
    };

    std::string              architecture;      // "LlamaForCausalLM"
    std::vector<tensor_slot> matrices;          // in the order in which they are loaded
    std::vector<named_shape> tensors;           // all of them: matrices, norms and biases
    std::vector<std::string> unused;            // may be stored, and compute nothing; see weights::unused
    std::vector<norm_link>   links;             // which linears read the output of which norm
    std::vector<layer_facts> layers;            // each of them
    bool                     positions = false; // a vector of its position is added to each token's
    float                    logit_cap = 0;     // a logit l becomes logit_cap * tanh(l / logit_cap); 0: it stays
    cache_shape              cache;             // of a sequence; cache.max_tokens is the context length
    index                    sharing    = 1;    // query heads that read one key head
    index                    vocab_size = 0;
    config_facts             facts;
    tensor_names             gguf_names; // what a GGUF calls the tensors

    [[nodiscard]] index width() const { return matrices.empty() ? 0 : matrices.front().cols; } // of hidden states
    [[nodiscard]] index parameters() const {
        index all = 0;
        for (auto const& t : tensors) {
            index size = 1;
            for (index const n : t.shape) size *= n;
            all += size;
        }
        return all;
    }
    [[nodiscard]] bool tied() const { return std::ranges::any_of(matrices, &tensor_slot::tied); }
};

// A head that is stored beside a tied embedding and is another matrix: a note that says which of both is used; else
// nothing. The configuration decides, as for llama.cpp's converter and transformers 4 (modeling_utils.py, tie_weights);
// transformers 5 unties the two.
template <tensor_source Source>
[[nodiscard]] std::string other_head(model_description const& d, Source const& source, std::string const& file) {
    auto const tied = std::ranges::find(d.matrices, true, &tensor_slot::tied);
    auto const find = finder_in(source);
    if (tied == d.matrices.end()) return {};
    tensor_view const *head = find("lm_head.weight"), *embedding = find(tied->name);
    if (head == nullptr || embedding == nullptr) return {};
    bool const there = !head->maker && !embedding->maker;
    if (there && head->type == embedding->type && std::ranges::equal(head->bytes, embedding->bytes)) return {};
    return file + " ties the head to " + tied->name +
           ", which is used; lm_head.weight, another matrix, is left aside " +
           "(as in transformers 4 and llama.cpp's converter; transformers 5 would use it)";
}

// A note of how many tensors are stored in 64 bits, or nothing.
template <tensor_source Source>
[[nodiscard]] std::string narrowed_tensors(model_description const& d, Source const& source, std::string const& file) {
    auto const find  = finder_in(source);
    auto const count = std::ranges::count_if(d.tensors, [&](auto const& t) {
        tensor_view const* stored = find(t.name);
        return stored != nullptr && has_doubles(*stored);
    });
    if (count == 0) return {};
    return file + ": " + counted(count, "tensors") + " in F64, read as the nearest numbers of 32 bits";
}

// Whether a checkpoint has the tensors that its configuration promises, and no others of its model (CF02). `file` is
// where the promise stands.
template <tensor_source Source>
void check_tensors(model_description const& d, Source const& source, std::string const& file) {
    auto const                    find = finder_in(source);
    std::vector<std::string_view> known(d.unused.begin(), d.unused.end());
    for (auto const& t : d.tensors) {
        known.push_back(t.name);
        auto const* stored = find(t.name);
        bool const  turned = stored != nullptr && stored->maker &&
                            std::equal(stored->shape.begin(), stored->shape.end(), t.shape.rbegin(), t.shape.rend());
        if (!turned) (void)expected_tensor(find, t.name, t.shape, file + ", "); // what is made is as it is multiplied
    }
    std::ranges::sort(known);
    constexpr std::string_view rotary_buffers[] = {".rotary_emb.inv_freq", ".rotary_emb.cos_cached",
                                                   ".rotary_emb.sin_cached"};
    std::set<std::string_view> families{"blk"}; // first parts of the names: "model", "lm_head"
    for (auto const name : known) families.insert(name.substr(0, name.find('.')));
    for (auto const& t : source.tensors()) {
        std::string_view const name = t.name;
        bool const             ours = families.contains(name.substr(0, name.find('.')));
        // Old checkpoints store what follows from the configuration: rotary frequencies, their cosines and sines.
        bool const derived = std::ranges::any_of(rotary_buffers, [&](auto buffer) { return name.ends_with(buffer); });
        if (!ours || derived || std::ranges::binary_search(known, name)) continue;
        // AutoGPTQ gives every layer a bias; nothing is added where its class has none.
        auto const zero = [](std::byte b) { return b == std::byte{0}; };
        if (name.ends_with(".bias") && std::ranges::all_of(t.bytes, zero)) continue;
        auto const part = [&](std::string const& all) { return all.ends_with('.') && name.starts_with(all); };
        if (std::ranges::any_of(d.unused, part)) continue;
        throw file_error{{"CF02", file + ", tensor " + qeval::quoted(name), "a tensor", "none by the config",
                          "config and weights of two models, or a variant that is not known here"}};
    }
}

} // namespace qeval
