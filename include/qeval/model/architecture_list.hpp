// Lists of architectures: those that qeval brings, and what a user adds.
#pragma once

namespace qeval {

template <class... Architectures>
struct architecture_list {};

// Whether one of the parts of a program is meant to be an architecture, complete or not; formats have none of these
// members.
template <class P>
inline constexpr bool is_architecture_part = requires {
    P::names;
}
|| requires { P::gguf_names; }
|| requires { typename P::config; };
template <class... A>
inline constexpr bool is_architecture_part<architecture_list<A...>> = true;

// Joins architectures and lists of them into one list; other parts of a program are left out.
template <class Joined, class... Parts>
struct join_architectures {
    using type = Joined;
};
template <class... A, class... B, class... Rest>
struct join_architectures<architecture_list<A...>, architecture_list<B...>, Rest...>
    : join_architectures<architecture_list<A..., B...>, Rest...> {};
template <class... A, class P, class... Rest>
requires is_architecture_part<P>
struct join_architectures<architecture_list<A...>, P, Rest...>
    : join_architectures<architecture_list<A..., P>, Rest...> {
};
template <class... A, class P, class... Rest>
struct join_architectures<architecture_list<A...>, P, Rest...> : join_architectures<architecture_list<A...>, Rest...> {
};

} // namespace qeval
