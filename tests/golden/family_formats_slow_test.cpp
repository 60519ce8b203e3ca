// bitsandbytes' code books at all block sizes, LLM.int8, integers, fp8, OCP MX and ternary, byte for byte against what
// make_families.py recorded of their origins.
// Also tests ../format/policy/code_book_search.hpp, ../format/policy/integer_fit.hpp.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tests/golden/golden_check.hpp>
#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test;
using qeval::index;

constexpr format_golden family_goldens[] = {
#include <tests/golden/family_golden.inc>
};

using families =
    qeval::format_list<qeval::nf4, qeval::nf4_dq, qeval::fp4, qeval::fp4_dq, qeval::af4, qeval::af4_dq, qeval::llm_int8,
                       qeval::int2, qeval::int3, qeval::int4, qeval::int5, qeval::int6, qeval::int8_asym,
                       qeval::int2_sym, qeval::int3_sym, qeval::int4_sym, qeval::int5_sym, qeval::int6_sym,
                       qeval::int8_sym, qeval::fp8_e4m3, qeval::fp8_e5m2, qeval::ternary, qeval::mxfp6_e2m3,
                       qeval::mxfp6_e3m2, qeval::mxfp8_e4m3, qeval::mxfp8_e5m2, qeval::mxint8>;

struct stream {
    std::string_view kind;
    index            rows, cols;
};
// The streams behind one hash called "part", in the order of the script.
std::vector<stream> part() {
    std::vector<stream> all = {{"gaussian", 128, 1024}, {"heavy", 128, 1024}, {"gaussian", 61, 1001}};
    for (std::string_view kind : {"sparse", "constant", "zeros", "zero_runs", "uneven", "negative", "positive", "ties",
                                  "coarse", "subnormal", "vanishing", "large"}) {
        all.push_back({kind, 16, 1024});
    }
    return all;
}

std::vector<float> const& weights(stream const& s) {
    static std::map<std::tuple<std::string_view, index, index>, std::vector<float>> cache;

    auto& w = cache[{s.kind, s.rows, s.cols}];
    if (w.empty()) w = weight_stream(s.kind).take(s.rows * s.cols);
    return w;
}

void append(std::vector<std::byte>& to, std::span<std::byte const> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// One byte a code, whatever the packing.
template <class F>
std::vector<std::byte> codes(qeval::packed_matrix<F> const& m) {
    std::vector<std::byte> out;
    for (index r = 0; r < m.rows(); ++r) {
        for (index c = 0; c < m.cols(); ++c) {
            if constexpr (qeval::in_blocks<F>) {
                out.push_back(std::byte(F::code(m.view().row(r)[c / F::block_size], int(c % F::block_size))));
            } else {
                out.push_back(std::byte(F::code(m.view().cell, r * m.cols() + c)));
            }
        }
    }
    return out;
}

template <class F>
std::vector<std::byte> quantity(qeval::packed_matrix<F>& m, std::string_view what) {
    std::vector<std::byte> out;
    if (what == "codes") return codes(m);
    if constexpr (qeval::in_blocks<F>) {
        for (index b = 0; b < m.rows() * m.cols() / F::block_size; ++b)
            append(out, std::as_bytes(std::span(m.blocks()[b].scales)));
    } else if (what == "zeros") {
        for (index g = 0; g < m.geometry().groups(m.rows(), m.cols()); ++g)
            out.push_back(std::byte(F::group(m.view().cell, g).zero));
    } else {
        auto const planes = qeval::packed_view<F>::planes(m.rows(), m.cols(), m.geometry());
        for (std::size_t p = 0; p < planes.size(); ++p) {
            if (planes[p].name == what || (p == 0 && what == "packed")) append(out, m.plane(p));
        }
    }
    return out;
}

// Bytes of one quantity of weights in F.
template <class F>
std::vector<std::byte> made(format_golden const& g, qeval::geometry_of<F> geometry, qeval::thread_pool& pool) {
    std::vector<std::byte> out;
    for (stream const& s : g.stream == "part" ? part() : std::vector<stream>{{g.stream, g.rows, g.cols}}) {
        // neighbouring lines ask for other quantities of the same matrix
        static std::tuple<std::string_view, index, index, index> last;
        static qeval::packed_matrix<F>                           packed;

        std::tuple const wanted{s.kind, s.rows, s.cols, geometry.groups(1 << 14, 1 << 14)};
        if (last != wanted || packed.rows() == 0) {
            packed = qeval::pack<F>({weights(s).data(), s.rows, s.cols}, pool, geometry);
            last   = wanted;
        }
        append(out, quantity(packed, g.what));
    }
    return out;
}

TEST_CASE("every family gets the bytes of its origin at every group size", "[golden]") {
    qeval::thread_pool                pool(2);
    std::map<std::string_view, index> matched;
    for (format_golden const& g : family_goldens) {
        qeval::visit_format(families{}, g.format, [&](auto tag) {
            using F = typename decltype(tag)::type;
            if (g.what == "code map") return;
            std::vector<std::byte> bytes;
            if constexpr (qeval::in_planes<F>) {
                bytes = made<F>(g, tag.geometry, pool);
            } else {
                auto m = qeval::pack<F>({weights({g.stream, g.rows, g.cols}).data(), g.rows, g.cols}, pool);
                bytes  = quantity(m, g.what);
            }
            auto const text = difference(g, bytes, 1);
            INFO(text);
            CHECK(text.empty());
            if (g.what == "codes" || g.what == "packed" || g.what == "absmax")
                matched[qeval::name_of<F>()] += g.rows * g.cols;
        });
    }
    CHECK(matched.size() == std::size_t(families::size)); // every family is among the goldens
    for (std::string_view name :
         {"nf4", "fp4", "af4", "int8", "int4", "int4:sym", "int8:sym", "int8:asym", "fp8_e4m3", "fp8_e5m2", "ternary",
          "MXFP6_E2M3", "MXFP6_E3M2", "MXFP8_E4M3", "MXFP8_E5M2", "MXINT8"}) {
        INFO(name);
        CHECK(matched[name] >= (name == "int8" ? 3'000'000 : name.starts_with("MX") ? 3'900'000 : 4'000'000));
    }
}

TEST_CASE("the AF4 code book is bitsandbytes', bit for bit", "[golden]") {
    for (format_golden const& g : family_goldens) {
        if (g.what != "code map") continue;
        std::vector<float> table;
        for (unsigned c = 0; c < 16; ++c) table.push_back(qeval::af4::level(c));
        CHECK(difference(g, std::as_bytes(std::span(table)), 4) == "");
    }
}

// Fits that calibration methods start from: groups of 128, scales in f32, codes one a byte.
template <class Fit, class Levels>
index check_fit(std::string_view name) {
    index groups = 0;
    for (std::string_view what : {"codes", "scales", "zeros"}) {
        for (format_golden const& g : family_goldens) {
            if (g.format != name || g.what != what) continue;
            std::vector<std::byte> out;
            auto const&            w = weights({g.stream, g.rows, g.cols});
            for (std::size_t at = 0; at < w.size(); at += 128) {
                auto const          group = std::span(w).subspan(at, 128);
                qeval::affine const a     = Fit::template measure<Levels>(group);
                auto const          code  = Fit::template encoder<Levels>(a, a);
                if (what == "codes") {
                    for (float x : group) out.push_back(std::byte(code(x)));
                    groups += 1;
                } else if (what == "scales") {
                    append(out, std::as_bytes(std::span(&a.scale, 1)));
                } else {
                    out.push_back(std::byte(Levels::value(0) == 0 ? a.zero : -Levels::value(0)));
                }
            }
            auto const text = difference(g, out, 1);
            INFO(text);
            CHECK(text.empty());
        }
    }
    return groups * 128; // weights
}

TEST_CASE("GPTQ's find_params and AWQ's symmetric scales", "[golden]") {
    using namespace qeval;
    CHECK(check_fit<fit::zero_in_range, integers<4>>("gptq4") >= 3'900'000);
    check_fit<fit::zero_in_range, integers<3>>("gptq3");
    check_fit<fit::zero_in_range, integers<8>>("gptq8");
    CHECK(check_fit<fit::symmetric_range, integers<4, 8>>("gptq4:sym") >= 3'000'000);
    check_fit<fit::symmetric_range, integers<8, 128>>("gptq8:sym");
    CHECK(check_fit<fit::absmax_round_even, integers<4, 8>>("awq4:sym") >= 3'000'000);
    check_fit<fit::absmax_round_even, integers<8, 128>>("awq8:sym");
}

} // namespace
