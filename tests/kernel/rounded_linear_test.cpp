#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/kernel/sample_layer.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/rounded_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test::sample_layer;
using qeval::index; // not the one of <strings.h>

TEST_CASE("a rounded input multiplies what its activation format defines") {
    thread_pool pool(2);
    auto const  w = weights(), x = inputs(5, 0);
    for_each_activation(activation_formats{}, [&](auto tag) {
        using A = typename decltype(tag)::type;
        INFO(A::name);
        auto                 packed = pack<nf4>({w.data(), rows, cols}, pool);
        auto const           d      = values(packed.view());
        rounded_linear const l(cpu::make_linear<nf4>(std::move(packed), cpu::exact_path{}, pool),
                               any_activation_of<typename decltype(tag)::type>, pool);
        std::vector<float>   r(x.size());
        for (index i = 0; i < 5; ++i) A::round(view(x).row(i), {r.data() + i * cols, std::size_t(cols)});
        check_close(run(l, x), exact(d, r));
        CHECK(l.format() == "nf4");
        CHECK(l.kernel().find(A::name) != std::string_view::npos);
    });
}

TEST_CASE("an input with the numbers of a checkpoint is one of its own, and multiplies what its rule defines") {
    thread_pool pool(2);
    auto const  w = weights(), x = inputs(5, 0);
    auto const  made = [&](input_numbers const& n, auto&& linear) {
        auto       packed = pack<nf4>({w.data(), rows, cols}, pool);
        auto const d      = values(packed.view());
        linear(rounded_linear(cpu::make_linear<nf4>(std::move(packed), cpu::exact_path{}, pool),
                               any_prescribed_input_of<int8_stored>, n, pool),
                d);
    };
    input_numbers const numbers{0.03125f, -4, 0};
    std::string         name;
    made(numbers, [&](rounded_linear const& l, std::vector<float> const& d) {
        std::vector<float> r(x.size());
        for (index i = 0; i < 5; ++i)
            int8_stored::round(view(x).row(i), {r.data() + i * cols, std::size_t(cols)}, numbers);
        check_close(run(l, x), exact(d, r));
        CHECK(l.kernel().find(int8_stored::name) != std::string_view::npos);
        name = l.input();
    });
    made(numbers, [&](rounded_linear const& l, auto&) { CHECK(l.input() == name); });
    for (input_numbers const& other : {input_numbers{0.0625f, -4, 0}, input_numbers{0.03125f, 4, 0}})
        made(other, [&](rounded_linear const& l, auto&) { CHECK(l.input() != name); });
}

} // namespace
