#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/model/scaled_kv.hpp>
#include <qeval/scheme/prescribed_cache.hpp>
#include <qeval/scheme/table_of.hpp>

#include "tests/io/hostile.hpp"
#include "tests/support/catch.hpp"

namespace {

struct no_tensors {
    [[nodiscard]] qeval::tensor_view const*           find(std::string_view) const { return nullptr; }
    [[nodiscard]] std::span<qeval::tensor_view const> tensors() const { return {}; }
};
struct with_cache : no_tensors {
    std::vector<qeval::kv_scales>                   scales{{1, 1}, {2, 2}};
    qeval::scaled_kv_layers<qeval::fp8_units> const own{scales};
    [[nodiscard]] qeval::kv_format const*           cache_format() const { return &own; }
};

} // namespace

TEST_CASE("the scheme source keeps the cache that a checkpoint prescribes, unless it names another one") {
    auto const         formats = qeval::table_of<qeval::format_list<qeval::q8_0>>();
    with_cache const   source;
    qeval::cache_shape shape;
    shape.layers    = 2;
    auto const kept = [&](char const* scheme, auto const& from) {
        return qeval::cache_format(formats, qeval::parse_scheme(scheme), from, shape);
    };
    CHECK(kept("source", source) == &source.own);
    CHECK(kept("source+kv=q8_0", source) == formats.kv("q8_0"));
    CHECK(kept("source+kv=q8_0", source) != nullptr);
    CHECK(kept("all:q8_0", source) == nullptr); // encoded anew: nothing of the checkpoint's
    CHECK(kept("source", no_tensors()) == nullptr);
    shape.layers = 3;
    qeval_test::check_refused([&] { (void)kept("source", source); }, {"CF02", "key-value cache", "2 layers", "3"});
    CHECK(kept("all:q8_0", source) == nullptr);
}
