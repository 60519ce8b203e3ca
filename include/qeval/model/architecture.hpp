// What an architecture is: names, a configuration of its own, and a model over any backend. Architectures form lists,
// as formats do; docs/define-an-architecture.md shows how to write one.
#pragma once

#include <concepts>
#include <span>
#include <string_view>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/recorder.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// How files name an architecture; an empty name: that kind of file does not know it.
struct architecture_name {
    std::string_view hf_class;   // "LlamaForCausalLM": architectures[0] of config.json
    std::string_view model_type; // "llama", beside it
    std::string_view gguf;       // "llama": general.architecture
};

namespace detail {

template <class A>
concept has_names = requires {
    { A::names } -> std::convertible_to<architecture_name const&>;
};
template <class A>
concept has_gguf_names = requires {
    tensor_names(A::gguf_names);
};
template <class A>
concept has_config = requires {
    typename A::config;
};
template <class A>
concept reads_config = has_config<A> && requires(config_reader const& r) {
    { A::read(r) } -> std::same_as<typename A::config>;
};
template <class A>
concept has_model = has_config<A> && requires {
    typename A::template model<recorder>;
};
template <class A>
concept builds_model = has_model<A> && std::constructible_from < typename A::template model<recorder>,
typename A::config const&, weights<recorder> const& > ;

template <class M>
concept has_sizes = requires(M const& m) {
    { m.vocab_size() } -> std::convertible_to<index>;
    { m.cache() } -> std::convertible_to<cache_shape const&>; // cache().layers: of the model
};
template <class M>
concept loads_layers = requires(M const& m, weights<recorder> const& w) {
    { m.load_layer(w, index{}) } -> std::same_as<typename M::block>;
};
template <class M>
concept embeds = requires(M const& m, pass<recorder>& p) {
    { m.embed(p) } -> std::same_as<recorder::tensor>; // [n, width]
};
template <class M>
concept runs_layers = requires(M const& m, typename M::block const& l, pass<recorder>& p, recorder::tensor& x) {
    m.layer(l, p, x); // x <- layer(x)
};
template <class M>
concept has_head = requires(M const& m, pass<recorder>& p, recorder::tensor const& x) {
    { m.head(p, x) } -> std::same_as<recorder::tensor>; // [m, vocab]
};

} // namespace detail

// A model's layers are loaded one by one, so that a walk may keep one of them in memory at a time.
template <class M>
concept layered_model = detail::has_sizes<M> && detail::loads_layers<M> && detail::embeds<M> &&
    detail::runs_layers<M> && detail::has_head<M>;

template <class A>
concept architecture = detail::has_names<A> && detail::has_gguf_names<A> && detail::reads_config<A> &&
    detail::builds_model<A> && layered_model<typename A::template model<recorder>>;

} // namespace qeval
