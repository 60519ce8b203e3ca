// Lists of formats: the catalog, and what a user adds to it.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/format/name.hpp>

namespace qeval {

template <class... Formats>
struct format_list {
    static constexpr int size = static_cast<int>(sizeof...(Formats));
};

// Joins formats and lists of formats into one list.
template <class... Parts>
struct join;
template <class... Parts>
using join_t = typename join<Parts...>::type;
template <>
struct join<> {
    using type = format_list<>;
};
template <class... A>
struct join<format_list<A...>> {
    using type = format_list<A...>;
};
template <class... A, class... B, class... Rest>
struct join<format_list<A...>, format_list<B...>, Rest...> {
    using type = join_t<format_list<A..., B...>, Rest...>;
};
template <class... A, class F, class... Rest>
struct join<format_list<A...>, F, Rest...> {
    using type = join_t<format_list<A..., F>, Rest...>;
};
template <class F, class... Rest>
struct join<F, Rest...> {
    using type = join_t<format_list<F>, Rest...>;
};

// Every N-th format of a list, from the I-th on.
template <class List, int I, int N>
struct slice;
template <int I, int N, class... Formats>
struct slice<format_list<Formats...>, I, N> {
    template <int K, class Taken, class... Rest>
    struct take {
        using type = Taken;
    };
    template <int K, class... Taken, class F, class... Rest>
    struct take<K, format_list<Taken...>, F, Rest...> {
        using type =
            typename take<K + 1, std::conditional_t<K % N == I, format_list<Taken..., F>, format_list<Taken...>>,
                          Rest...>::type;
    };
    using type = typename take<0, format_list<>, Formats...>::type;
};
template <class List, int I, int N>
using slice_t = typename slice<List, I, N>::type;

// Carries a format into a generic lambda: [](auto tag) { using F = typename decltype(tag)::type; pack<F>(w, pool,
// tag.geometry); }.
template <class F>
struct format_tag {
    using type = F;
    geometry_of<F> geometry{};
};

template <class Visitor, class... Formats>
constexpr void for_each_format(format_list<Formats...>, Visitor&& visit) {
    (visit(format_tag<Formats>{}), ...);
}

// Calls visit(format_tag<F>{geometry}) for the format of that name; false where there is none.
template <class Visitor, class... Formats>
constexpr bool visit_format(format_list<Formats...>, std::string_view name, Visitor&& visit) {
    auto const named = [&](auto tag) {
        using F             = typename decltype(tag)::type;
        auto const geometry = geometry_named<F>(name);
        if (geometry) visit(format_tag<F>{*geometry});
        return geometry.has_value();
    };
    return (named(format_tag<Formats>{}) || ...);
}

template <class List>
std::vector<std::string> format_names(List list = {}) {
    std::vector<std::string> names;
    for_each_format(list, [&](auto tag) { names.emplace_back(name_of<typename decltype(tag)::type>()); });
    return names;
}

} // namespace qeval
