// Prose for architectures that are not complete: one mistake, one error, saying what to write. Ids are listed in
// docs/errors.md.
#pragma once

#include <qeval/model/architecture.hpp>

namespace qeval {

namespace detail {

template <class>
inline constexpr bool no_architecture = false;

template <class M>
consteval bool explain_model() {
    if constexpr (!has_sizes<M>) {
        static_assert(no_architecture<M>,
                      "qeval: [QA07] a model needs 'index vocab_size() const' and 'cache_shape const& "
                      "cache() const': its layers, key heads, head size and context length");
    } else if constexpr (!loads_layers<M>) {
        static_assert(no_architecture<M>, "qeval: [QA08] a model needs 'block load_layer(weights<B> const&, index i) "
                                          "const' and the type 'block', the weights of one layer");
    } else if constexpr (!embeds<M>) {
        static_assert(no_architecture<M>, "qeval: [QA09] a model needs 'B::tensor embed(pass<B>&) const': tokens -> "
                                          "hidden states [n, width]");
    } else if constexpr (!runs_layers<M>) {
        static_assert(no_architecture<M>,
                      "qeval: [QA10] a model needs 'void layer(block const&, pass<B>&, B::tensor& x) "
                      "const', which turns the hidden states x into the next layer's");
    } else if constexpr (!has_head<M>) {
        static_assert(no_architecture<M>, "qeval: [QA11] a model needs 'B::tensor head(pass<B>&, B::tensor const&) "
                                          "const': hidden states -> logits [m, vocab]");
    }
    return true;
}

} // namespace detail

// Every entry point that takes an architecture runs this first and does its work under `if constexpr
// (architecture<A>)`.
template <class A>
consteval bool explain_architecture() {
    using namespace detail;
    if constexpr (!has_names<A>) {
        static_assert(no_architecture<A>,
                      "qeval: [QA01] an architecture needs 'static constexpr architecture_name names': its "
                      "Hugging Face class, its model_type, and its name in GGUF");
    } else if constexpr (!has_gguf_names<A>) {
        static_assert(no_architecture<A>,
                      "qeval: [QA02] an architecture needs 'static constexpr tensor_name_pair gguf_names[]': "
                      "what GGUF and Hugging Face call each of its tensors");
    } else if constexpr (!has_config<A>) {
        static_assert(no_architecture<A>,
                      "qeval: [QA03] an architecture needs 'struct config': the numbers that its model is "
                      "made from");
    } else if constexpr (!reads_config<A>) {
        static_assert(no_architecture<A>,
                      "qeval: [QA04] an architecture needs 'static config read(config_reader const&)', which "
                      "reads config.json and GGUF metadata alike");
    } else if constexpr (!has_model<A>) {
        static_assert(no_architecture<A>, "qeval: [QA05] an architecture needs 'template <backend B> class model'");
    } else if constexpr (!builds_model<A>) {
        static_assert(no_architecture<A>,
                      "qeval: [QA06] the model of an architecture needs a constructor 'model(config const&, "
                      "weights<B> const&)'");
    } else {
        return explain_model<typename A::template model<recorder>>();
    }
    return true;
}

} // namespace qeval
