// Also tests causal_lm.hpp, batch.hpp, pass.hpp, weights.hpp, expected_tensor.hpp, role.hpp, device_rows.hpp,
// part/attention.hpp, part/layer_place.hpp, part/mlp.hpp, part/norm.hpp, part/decoder_layer.hpp, part/projection.hpp,
// part/vocabulary_ends.hpp.
#include <cmath>
#include <map>

#include <qeval/model/cpu/host.hpp>
#include <qeval/model/decoder.hpp>
#include <qeval/model/describe.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dense_linear.hpp"
#include "tests/support/tiny_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

using matrix = std::vector<std::vector<double>>;

// The whole model again, in double and by the formulas alone.
class formula {
public:
    explicit formula(tiny_model& m) : m_(m) {}

    matrix logits(std::vector<token> const& tokens) {
        auto const& c = m_.config;
        matrix      x;
        for (token const t : tokens) x.push_back(row("model.embed_tokens.weight", t, 12));
        for (int l = 0; l < 2; ++l) {
            std::string const base = "model.layers." + std::to_string(l) + ".";
            auto const        h    = norm(x, base + "input_layernorm.weight");
            auto       q = linear(h, base + "self_attn.q_proj", 24), k = linear(h, base + "self_attn.k_proj", 12);
            auto const v = linear(h, base + "self_attn.v_proj", 12);
            rotate(q), rotate(k);
            matrix mixed(x.size(), std::vector<double>(24, 0.0));
            for (std::size_t t = 0; t < x.size(); ++t) {
                for (std::size_t head = 0; head < 4; ++head) {
                    std::vector<double> w;
                    double              sum = 0;
                    for (std::size_t s = 0; s <= t; ++s) {
                        double dot = 0;
                        for (std::size_t i = 0; i < 6; ++i) dot += q[t][head * 6 + i] * k[s][head / 2 * 6 + i];
                        w.push_back(std::exp(dot / std::sqrt(6.0)));
                        sum += w.back();
                    }
                    for (std::size_t s = 0; s <= t; ++s) {
                        for (std::size_t i = 0; i < 6; ++i)
                            mixed[t][head * 6 + i] += w[s] / sum * v[s][head / 2 * 6 + i];
                    }
                }
            }
            add(x, linear(mixed, base + "self_attn.o_proj", 12));
            auto const g    = norm(x, base + "post_attention_layernorm.weight");
            auto       gate = linear(g, base + "mlp.gate_proj", 20), up = linear(g, base + "mlp.up_proj", 20);
            for (std::size_t t = 0; t < x.size(); ++t) {
                for (std::size_t i = 0; i < 20; ++i) gate[t][i] *= up[t][i] / (1 + std::exp(-gate[t][i]));
            }
            add(x, linear(gate, base + "mlp.down_proj", 12));
        }
        return linear(norm(x, "model.norm.weight"), c.tied ? "model.embed_tokens" : "lm_head", 15);
    }

private:
    std::vector<double> row(std::string const& name, index r, index cols) {
        auto const& v = m_.values(name);
        return {v.begin() + r * cols, v.begin() + (r + 1) * cols};
    }
    matrix linear(matrix const& x, std::string const& name, index rows) {
        matrix y;
        for (auto const& in : x) {
            std::vector<double> out;
            for (index r = 0; r < rows; ++r) {
                auto const w   = row(name + ".weight", r, index(in.size()));
                double     sum = m_.find(name + ".bias") ? double(m_.values(name + ".bias")[std::size_t(r)]) : 0.0;
                for (std::size_t i = 0; i < in.size(); ++i) sum += in[i] * w[i];
                out.push_back(sum);
            }
            y.push_back(out);
        }
        return y;
    }
    matrix norm(matrix const& x, std::string const& name) {
        matrix y = x;
        for (auto& r : y) {
            double squares = 0;
            for (double const v : r) squares += v * v;
            for (std::size_t i = 0; i < r.size(); ++i) {
                r[i] *= double(m_.values(name)[i]) / std::sqrt(squares / double(r.size()) + m_.config.norm.epsilon);
            }
        }
        return y;
    }
    static void rotate(matrix& x) { // heads of 6, half split
        for (std::size_t t = 0; t < x.size(); ++t) {
            for (std::size_t h = 0; h < x[t].size(); h += 6) {
                for (std::size_t i = 0; i < 3; ++i) {
                    double const a = double(t) * std::pow(10000.0, -double(i) / 3), p = x[t][h + i],
                                 q  = x[t][h + i + 3];
                    x[t][h + i]     = p * std::cos(a) - q * std::sin(a);
                    x[t][h + i + 3] = q * std::cos(a) + p * std::sin(a);
                }
            }
        }
    }
    static void add(matrix& x, matrix const& y) {
        for (std::size_t t = 0; t < x.size(); ++t) {
            for (std::size_t i = 0; i < x[t].size(); ++i) x[t][i] += y[t][i];
        }
    }
    tiny_model& m_;
};

std::vector<token> const text{3, 14, 0, 0, 7, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4};

} // namespace

TEST_CASE("the decoder computes its formulas, with and without biases, with a tied or an untied head") {
    tiny_model          m(GENERATE(true, false), GENERATE(true, false));
    thread_pool         pool(2);
    auto const          model    = make_decoder<llama>(cpu::host(pool), m.config, m, make_dense);
    auto const          expected = formula(m).logits(text);
    auto const          state    = model->start();
    index               rows     = 0;
    sequence_step const step{state.get(), text, 0};
    model->forward({&step, 1}, [&](std::span<logit_row const> which, matrix_view<float const> logits) {
        for (index r = 0; r < logits.rows; ++r, ++rows) {
            CHECK(which[std::size_t(r)].offset == rows);
            for (index i = 0; i < 15; ++i) {
                CHECK(double(logits(r, i)) ==
                      Approx(expected[std::size_t(rows)][std::size_t(i)]).epsilon(0).margin(1e-5));
            }
        }
    });
    CHECK(rows == index(text.size()));
    CHECK(state->length() == index(text.size()));
}

TEST_CASE("only wanted rows arrive, and an empty step changes nothing") {
    tiny_model                       m;
    thread_pool                      pool(1);
    auto const                       model = make_decoder<llama>(cpu::host(pool), m.config, m, make_dense);
    auto const                       a = model->start(), b = model->start(), c = model->start();
    std::vector<sequence_step> const steps{
        {a.get(), std::span(text).first(5), 4}, {b.get(), {}, 0}, {c.get(), std::span(text).first(3), 3}};
    std::vector<std::pair<index, index>> seen;
    model->forward(steps, [&](std::span<logit_row const> which, matrix_view<float const>) {
        for (auto const& w : which) seen.emplace_back(w.step, w.offset);
    });
    CHECK(seen == std::vector<std::pair<index, index>>{{0, 4}});
    CHECK(a->length() == 5);
    CHECK(b->length() == 0);
    CHECK(c->length() == 3);
    model->forward({}, [](auto, auto const&) { FAIL("no step, no logits"); });
}

TEST_CASE("a sequence longer than the context is refused and nothing has grown") {
    tiny_model               m;
    thread_pool              pool(1);
    auto const               model = make_decoder<llama>(cpu::host(pool), m.config, m, make_dense);
    std::vector<token> const long_text(41, 1);
    auto const               state = model->start();
    sequence_step const      step{state.get(), long_text, 0};
    CHECK_THROWS_WITH(model->forward({&step, 1}, [](auto, auto const&) {}), Catch::Contains("error[MO01]"));
    CHECK(state->length() == 0);
}

TEST_CASE("an observer sees the input of every linear layer, by name, with its shape and with the tokens of its rows") {
    tiny_model                   m;
    thread_pool                  pool(1);
    auto const                   model = make_decoder<llama>(cpu::host(pool), m.config, m, make_dense);
    std::map<std::string, index> widths;
    std::map<tensor_role, int>   roles;
    causal_lm&                   any = *model;
    auto const numbers = [](matrix_view<float const> y) { return std::vector<float>(y.data, y.data + y.cols); };
    any.observe([&](observed_input const& in) {
        tensor_slot const& slot = in.slot;
        bool const         head = slot.role == tensor_role::embedding;
        CHECK(in.rows.rows == (head ? 1 : 7)); // the head sees the wanted row
        REQUIRE(index(in.tokens.size()) == in.rows.rows);
        for (std::size_t i = 0; i < in.tokens.size(); ++i) {
            CHECK(in.tokens[i].step == (head || i >= 4 ? 1 : 0));
            CHECK(in.tokens[i].offset == (head ? 2 : i >= 4 ? index(i) - 4 : index(i)));
        }
        CHECK(in.slot.member == -1);
        widths[slot.name] = in.rows.cols;
        ++roles[slot.role];
        CHECK(slot.layers == 2);
        if (slot.layer >= 0) CHECK(slot.name.find("layers." + std::to_string(slot.layer) + ".") != std::string::npos);
    });
    auto const          one = model->start(), other = model->start();
    sequence_step const steps[]{{one.get(), std::span(text).first(4), 4}, {other.get(), std::span(text).first(3), 2}};
    std::vector<float>  watched, alone; // logits
    any.forward(steps, [&](auto, auto const& y) { watched = numbers(y.to_host()); });
    CHECK(widths.size() == 2 * 7 + 1);
    any.observe({});
    auto const          again = model->start();
    sequence_step const step{again.get(), std::span(text).first(3), 2};
    any.forward({&step, 1}, [&](auto, auto const& y) { alone = numbers(y.to_host()); });
    CHECK(watched == alone); // bit for bit
    CHECK(roles[tensor_role::embedding] == 1);
    CHECK(roles.size() == 8);
    for (auto const& [name, width] : widths) CHECK(m.find(name)->shape[1] == width);
    for (auto const& link : describe<llama>(m.config).links) { // what a norm feeds is as wide as the norm
        REQUIRE(m.find(link.norm));
        for (auto const& name : link.linears) CHECK(widths.at(name) == m.find(link.norm)->shape[0]);
    }
}

TEST_CASE("each matrix goes through the factory once, with its role; a tied embedding says so") {
    using enum tensor_role;
    bool const                 tied = GENERATE(true, false);
    tiny_model                 m(tied);
    thread_pool                pool(1);
    std::map<tensor_role, int> seen;
    auto const                 count = [&](tensor_view const& t, tensor_slot const& slot) {
        CHECK(t.name == slot.name);
        CHECK(slot.tied == (tied && slot.role == tensor_role::embedding));
        ++seen[slot.role];
        return make_dense(t, slot);
    };
    (void)make_decoder<llama>(cpu::host(pool), m.config, m, count);
    std::map<tensor_role, int> expected{{embedding, 1}, {attn_q, 2},   {attn_k, 2}, {attn_v, 2},
                                        {attn_o, 2},    {mlp_gate, 2}, {mlp_up, 2}, {mlp_down, 2}};
    if (!tied) expected[head] = 1;
    CHECK(bool(seen == expected));
}

TEST_CASE("missing, misshapen, mistyped and non-finite weights are named") {
    thread_pool pool(1);
    tiny_model  m;
    auto const  load = [&] { (void)make_decoder<llama>(cpu::host(pool), m.config, m, make_dense); };
    load();
    SECTION("missing") {
        m.remove("model.layers.1.mlp.up_proj.weight");
        CHECK_THROWS_WITH(
            load(), Catch::Contains("error[CF02] tensor \"model.layers.1.mlp.up_proj.weight\": found no such tensor"));
    }
    SECTION("biases that the config promises") {
        m.config.attention_bias = attention_biases::all(true);
        CHECK_THROWS_WITH(
            load(),
            Catch::Contains("error[CF02] tensor \"model.layers.0.self_attn.q_proj.bias\": found no such tensor"));
    }
    SECTION("biases that the config does not mention") {
        tiny_model biased(true, true);
        biased.config.mlp_bias = false;
        CHECK_THROWS_WITH(
            check_tensors(describe<llama>(biased.config), biased, "config.json"),
            Catch::Contains("error[CF02] config.json, tensor \"model.layers.0.mlp.gate_proj.bias\": found"));
    }
    SECTION("another shape") {
        m.config.sizes.inner = 21;
        CHECK_THROWS_WITH(load(),
                          Catch::Contains("error[CF02]") && Catch::Contains("shape [20, 12], expected [21, 12]"));
    }
    SECTION("a norm in a type that is no float") {
        m.view("model.norm.weight").type = "I32";
        CHECK_THROWS_WITH(load(), Catch::Contains("error[MO03] tensor \"model.norm.weight\": found type \"I32\""));
    }
    SECTION("NaN in a norm") {
        m.values("model.norm.weight")[5] = std::nanf("");
        CHECK_THROWS_WITH(load(), Catch::Contains("error[ST32] tensor \"model.norm.weight\"[5]: found nan"));
    }
}

} // namespace qeval
