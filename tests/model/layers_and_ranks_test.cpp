// What an architecture's parts are for: layers that are in memory one at a time, and layers that several machines
// share.
#include <barrier>
#include <cmath>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/model/architectures.hpp>
#include <qeval/model/decoder.hpp>
#include <qeval/pack/encode.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

using texts = std::vector<std::vector<token>>;
using rows  = std::vector<std::vector<float>>;

texts const some{{1, 7, 3, 30, 12, 9, 9, 41, 5, 6, 2, 17, 33, 20, 11, 8, 4, 25, 50, 49, 13}, {22, 3, 3, 14}, {5}};

void keep(rows& out, matrix_view<float const> logits) {
    for (index r = 0; r < logits.rows; ++r) out.emplace_back(logits.row(r).begin(), logits.row(r).end());
}
// All of some texts in one pass.
rows logits_of(causal_lm& model, texts const& all) {
    std::list<std::unique_ptr<sequence_state>> states;
    std::vector<sequence_step>                 steps;
    for (auto const& t : all) steps.push_back({states.emplace_back(model.start()).get(), t, 0});
    rows out;
    model.forward(steps, [&](auto, matrix_view<float const> logits) { keep(out, logits); });
    return out;
}

// The same with one layer in memory at a time, and no keys and values but that layer's.
template <class A>
rows walk_layers(checkpoint const& stored, thread_pool& pool, index& most_matrices) {
    index      alive = 0; // matrices of layers
    auto const pack  = packed_as<dense_f32>(cpu::exact_path{}, pool);
    auto const make  = [&](tensor_view const& t, tensor_slot const& slot) {
        auto made = pack(t, slot);
        if (slot.layer < 0) return made;
        most_matrices   = std::max(most_matrices, ++alive);
        auto* const raw = made.get();
        return std::shared_ptr<linear const>(raw, [made = std::move(made), &alive](linear const*) { --alive; });
    };
    cpu::host                                   device(pool);
    stored_weights<cpu::host> const             from(device, finder_in(stored), make);
    typename A::template model<cpu::host> const model(A::read(stored.config()), from);
    std::list<cpu::kv_cache>                    caches;
    batch<cpu::kv_cache>                        b;
    for (auto const& t : some) b.add(caches.emplace_back(device.make_cache(model.cache())), t);
    pass<cpu::host> p{device, b};
    auto            x = model.embed(p);
    for (index i = 0; i < model.cache().layers; ++i) {
        auto const layer = model.load_layer(from, i);
        model.layer(layer, p, x);
        for (auto& c : caches) c.drop(i);
    }
    rows out;
    keep(out, device.to_host(model.head(p, x)));
    return out;
}

// Several machines in one process: what each of them made is added up.
class loopback {
public:
    explicit loopback(int ranks) : parts_(std::size_t(ranks)), meet_(ranks) {}

    [[nodiscard]] int size() const { return int(parts_.size()); }
    void              add_up(int rank, cpu::tensor& y) {
                     parts_[std::size_t(rank)] = &y;
                     meet_.arrive_and_wait();
                     cpu::tensor sum = *parts_[0];
                     for (std::size_t r = 1; r < parts_.size(); ++r) sum += *parts_[r];
        meet_.arrive_and_wait(); // all have read
                     y = std::move(sum);
    }

private:
    std::vector<cpu::tensor*> parts_;
    std::barrier<>            meet_;
};

// One of several machines: matrices are parts, by the marks that the architecture has set.
class rank_host : public cpu::host {
public:
    struct matrix {
        cpu::host::matrix part;
        tensor_split      split = tensor_split::none;
    };
    rank_host(thread_pool& pool, loopback& all, int rank) : cpu::host(pool), all_(&all), rank_(rank) {}

    [[nodiscard]] index ranks() const { return all_->size(); }
    [[nodiscard]] index rank() const { return rank_; }

    [[nodiscard]] matrix place(std::unique_ptr<any_packed> w, multiply_how const& how) const {
        return {cpu::host::place(std::move(w), how), tensor_split::none};
    }
    [[nodiscard]] std::string_view kernel(matrix const& w) const { return cpu::host::kernel(w.part); }
    [[nodiscard]] rank_host        keeping(kv_format const*) const { return *this; }
    [[nodiscard]] cache            make_cache(cache_shape shape) const {
                   shape.kv_heads /= ranks();
                   return cpu::host::make_cache(shape);
    }
    [[nodiscard]] tensor embed(matrix const& table, std::span<token const> ids) const {
        return cpu::host::embed(table.part, ids);
    }
    [[nodiscard]] tensor multiply(input& x, matrix const& w) const {
        auto y = cpu::host::multiply(x, w.part);
        if (w.split == tensor_split::columns) all_->add_up(rank_, y);
        return y;
    }
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& gate, matrix const& up, gate_fn f) const {
        return cpu::host::multiply_gated(x, gate.part, up.part, f);
    }
    [[nodiscard]] tensor attend(index layer, tensor const& q, attention_shape shape, step const& s,
                                vector const* sinks) const {
        shape.heads /= ranks(), shape.kv_heads /= ranks();
        return cpu::host::attend(layer, q, shape, s, sinks);
    }

private:
    loopback* all_;
    int       rank_;
};
static_assert(backend<rank_host>);

class rank_weights final : public weights<rank_host> {
public:
    rank_weights(rank_host const& device, checkpoint const& from) : device_(&device), from_(&from) {}

    [[nodiscard]] rank_host::matrix matrix(tensor_slot const& slot) const override {
        auto const  all     = read_floats(expected_tensor(finder_in(*from_), slot.name, {slot.rows, slot.cols}));
        bool const  by_rows = slot.split == tensor_split::rows, by_cols = slot.split == tensor_split::columns;
        index const n = device_->ranks(), nrows = by_rows ? slot.rows / n : slot.rows,
                    ncols      = by_cols ? slot.cols / n : slot.cols;
        index const        row = by_rows ? device_->rank() * nrows : 0, col = by_cols ? device_->rank() * ncols : 0;
        std::vector<float> part;
        for (index r = row; r < row + nrows; ++r) {
            auto const from = all.begin() + r * slot.cols + col;
            part.insert(part.end(), from, from + ncols);
        }
        return {cpu::make_linear<dense_f32>(pack<dense_f32>({part.data(), nrows, ncols}, device_->pool()),
                                            cpu::exact_path{}, device_->pool()),
                slot.split};
    }
    using weights<rank_host>::vector;
    [[nodiscard]] std::vector<float> vector(vector_slot const& slot) const override {
        return read_floats(expected_tensor(finder_in(*from_), slot.name, slot.shape));
    }
    [[nodiscard]] std::vector<float> constant(index size, float value) const override {
        return std::vector<float>(std::size_t(size), value);
    }
    [[nodiscard]] std::vector<float> bias(tensor_slot const& slot) const override {
        auto all = weights<rank_host>::bias(slot);
        if (slot.split != tensor_split::rows) return all; // added to the sum, by each rank alike
        auto const part = index(all.size()) / device_->ranks();
        return {all.begin() + device_->rank() * part, all.begin() + (device_->rank() + 1) * part};
    }

private:
    rank_host const*  device_;
    checkpoint const* from_;
};

template <class A>
rows on_two_ranks(checkpoint const& stored) {
    loopback          all(2);
    std::vector<rows> made(2);
    {
        std::vector<std::jthread> threads;
        for (int rank = 0; rank < 2; ++rank) {
            threads.emplace_back([&, rank] {
                thread_pool        pool(1);
                auto const         config = A::read(stored.config());
                decoder<rank_host> model(
                    rank_host(pool, all, rank), [&](rank_host& d) { return std::make_unique<rank_weights>(d, stored); },
                    [&](auto const& from) { return std::make_unique<model_as<A, rank_host>>(config, from); });
                made[std::size_t(rank)] = logits_of(model, some);
            });
        }
    }
    CHECK(made[0] == made[1]);
    return made[0];
}

template <class A>
void check_parts(std::filesystem::path const& folder) {
    INFO(folder.filename().string());
    thread_pool      pool(2);
    checkpoint const stored = open_floats(folder);
    auto const       d      = describe<A>(A::read(stored.config()));
    auto const       whole =
        logits_of(*model_of(stored, cpu::host(pool), packed_as<dense_f32>(cpu::exact_path{}, pool)), some);
    REQUIRE(whole.size() == 26);

    index most = 0;
    CHECK(walk_layers<A>(stored, pool, most) == whole);
    CHECK(most == index(std::ranges::count(d.matrices, 0, &tensor_slot::layer))); // of one layer, never of two

    CHECK(std::ranges::count(d.matrices, tensor_split::columns, &tensor_slot::split) == 2 * d.cache.layers);
    auto const shared = on_two_ranks<A>(stored);
    REQUIRE(shared.size() == whole.size());
    for (std::size_t r = 0; r < whole.size(); ++r) {
        float error = 0, largest = 0;
        for (std::size_t i = 0; i < whole[r].size(); ++i) {
            error   = std::max(error, std::abs(shared[r][i] - whole[r][i]));
            largest = std::max(largest, std::abs(whole[r][i]));
        }
        CHECK(error <= 1e-5f * largest);
    }
}

} // namespace

TEST_CASE("one layer in memory at a time gives the whole model's bits, and two ranks its logits, by the marks alone") {
    auto const golden = source("tests/golden/architectures");
    check_parts<llama>(source("examples/models/qeval-5m"));
    check_parts<starcoder2>(golden / "starcoder2");
    check_parts<starcoder2>(golden / "starcoder2-tied");
    check_parts<qwen2>(golden / "qwen2");
    check_parts<qwen2>(golden / "qwen2-windows");
}

} // namespace qeval
