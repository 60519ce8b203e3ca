// Lists of formats, and what a declaration says about them.
// Also tests catalog.hpp.
#include <string>
#include <vector>

#include <examples/bell4/bell4.hpp>
#include <examples/tern5/tern5.hpp>
#include <tests/support/catch.hpp>

#include <qeval/format/catalog.hpp>

namespace {

using namespace qeval;

static_assert(join_t<format_list<q8_0>, bell4, format_list<q4_0, tern5>>::size == 4);
static_assert(join_t<catalog, bell4>::size == catalog::size + 1);
static_assert(sizeof(bell4::block_type) == 34 && sizeof(tern5::block_type) == 10);
static_assert(has_integer_levels<bell4> && !has_lanes<tern5> && in_blocks<tern5> && in_planes<nf4>);
static_assert(group_size_of<q4_k> == 32 && group_size_of<q6_k> == 16 && group_size_of<tern5> == 40);

TEST_CASE("formats are found by name in any case, and unknown names are not") {
    using formats   = join_t<catalog, bell4, tern5>;
    auto const name = [](std::string_view text) {
        std::string found;
        bool const  known =
            visit_format(formats{}, text, [&](auto tag) { found = name_of<typename decltype(tag)::type>(); });
        CHECK(known == !found.empty());
        return found;
    };
    CHECK(name("q4_k") == "Q4_K");
    CHECK(name("NF4:DQ") == "nf4:dq");
    CHECK(name("tern5") == "tern5");
    CHECK(name("Bell4") == "bell4");
    CHECK(name("q4_") == "");
    CHECK(name("") == "");
}

TEST_CASE("no two formats share a name or a GGUF id") {
    std::vector<std::string> names;
    std::vector<unsigned>    ids;
    for_each_format(catalog{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        for (auto const& n : names) CHECK(!same_name(n, name_of<F>()));
        names.emplace_back(name_of<F>());
        if constexpr (requires { F::gguf_id; }) {
            for (auto i : ids) CHECK(i != F::gguf_id);
            ids.push_back(F::gguf_id);
        }
    });
    CHECK(static_cast<int>(names.size()) == catalog::size);
}

} // namespace
