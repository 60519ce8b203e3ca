// The CPU backend: xtensor matrices, linears of any format, a thread pool. Work is split by token and by head only, so
// no result depends on the number of threads or on what else is in the batch.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/model/backend.hpp>
#include <qeval/model/cpu/attention.hpp>
#include <qeval/model/cpu/kv_cache.hpp>
#include <qeval/model/cpu/normed_rows.hpp>
#include <qeval/model/cpu/rope_table.hpp>
#include <qeval/model/cpu/row_operations.hpp>
#include <qeval/model/cpu/tensor.hpp>
#include <qeval/model/routing.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The input of one or several linears; each activation kind is prepared once. A normalised one is made by those who
// pack or quantize it, a row at a time; the tensor that it normalises must stay as it is meanwhile.
class linear_input {
public:
    explicit linear_input(cpu::tensor&& x) : x_(std::move(x)), rows_(index(x_.shape(0))) {}
    explicit linear_input(normed_rows const& norm) : norm_(norm), rows_(norm.x.rows) {}

    [[nodiscard]] index              rows() const { return rows_; }
    [[nodiscard]] cpu::tensor const& tensor() { // as numbers, for whoever observes them
        if (norm_ && x_.size() == 0) {
            x_ = make_tensor(rows_, norm_->x.cols);
            for (index r = 0; r < rows_; ++r) (*norm_)(r, view_of(x_).row(r));
        }
        return x_;
    }
    [[nodiscard]] activation const& prepared_for(linear const& w) {
        for (auto const& a : prepared_) {
            if (a->kind == w.input()) return *a;
        }
        return *prepared_.emplace_back(
            w.prepare(norm_ ? input_rows(rows_, norm_->x.cols, normed_rows::make, &*norm_) : input_rows(view_of(x_))));
    }

private:
    cpu::tensor                              x_;
    std::optional<normed_rows>               norm_;
    index                                    rows_;
    std::vector<std::unique_ptr<activation>> prepared_;
};

class host : public row_operations {
public:
    using row_operations::select;
    using input  = linear_input;
    using matrix = std::shared_ptr<linear const>;
    using cache  = kv_cache;

    // format: of the KV cache; nullptr keeps f32.
    explicit host(thread_pool& pool, kv_format const* format = nullptr) : row_operations(pool), format_(format) {}

    [[nodiscard]] matrix place(std::unique_ptr<any_packed> w, multiply_how const& how) const {
        return cpu::place(*w, how, *pool_);
    }
    [[nodiscard]] bool follows(any_packed const& w, multiply_how const& how) const { return cpu::follows(w, how); }
    [[nodiscard]] std::string_view kernel(matrix const& w) const { return w->kernel(); }
    [[nodiscard]] vector        upload(std::span<float const> values) const { return {values.begin(), values.end()}; }
    [[nodiscard]] host          keeping(kv_format const* format) const { return host(*pool_, format); }
    [[nodiscard]] cache         make_cache(cache_shape const& shape) const { return {shape, format_}; }
    [[nodiscard]] std::uint64_t cache_bytes(cache_shape const& shape, index tokens) const { // in whole pages
        index const pages = (tokens + cache::page_positions - 1) / cache::page_positions;
        return std::uint64_t(pages) * make_cache(shape).page_bytes();
    }
    [[nodiscard]] input prepare(tensor&& x) const { return input(std::move(x)); }

    [[nodiscard]] tensor embed(matrix const& table, std::span<token const> ids) const { // [n] -> [n, width]
        auto x = make_tensor(index(ids.size()), table->cols());
        for_rows(x, [&](index r, std::span<float> row) {
            token const id = ids[std::size_t(r)];
            if (id < 0 || id >= table->rows()) {
                throw usage_error{{"MO02", "token " + std::to_string(r) + " of a batch", std::to_string(id),
                                   "0.." + std::to_string(table->rows() - 1), "a tokenizer of another model"}};
            }
            table->row(id, row);
        });
        return x;
    }
    // x must stay as it is while the input is in use.
    [[nodiscard]] input rms_norm(tensor const& x, vector const& weight, float epsilon) const {
        return input(normed_rows{view_of(x), weight, epsilon});
    }
    [[nodiscard]] input layer_norm(tensor const& x, vector const& weight, vector const& bias, float epsilon) const {
        return input(normed_rows{view_of(x), weight, epsilon, bias});
    }
    [[nodiscard]] tensor multiply(input& x, matrix const& w) const { // [n, cols] -> [n, rows]
        auto y = make_tensor(x.rows(), w->rows());
        w->apply(x.prepared_for(*w), view_of(y));
        return y;
    }
    [[nodiscard]] tensor multiply_gated(input& x, matrix const& gate, matrix const& up,
                                        gate_fn f) const { // [n, cols] -> [n, rows]
        auto y = make_tensor(x.rows(), gate->rows());
        if (gate->input() == up->input()) {
            gate->apply_gated(*up, x.prepared_for(*gate), gate_values_of(f), view_of(y));
        } else {
            gate->apply(x.prepared_for(*gate), view_of(y));
            this->gate(y, multiply(x, up), f);
        }
        return y;
    }
    // Turns every head of [n, heads * head_size] by its token's position.
    void rotate(tensor& x, index head_size, rotary const& rope, step const& s) {
        if (rope.pairs() == 0) return;
        auto const& table = positions_up_to(1 + *std::max_element(s.positions.begin(), s.positions.end()), rope);
        for_rows(x, [&](index r, std::span<float> row) {
            for (index h = 0; h < index(row.size()); h += head_size) {
                table.rotate(row.data() + h, s.positions[std::size_t(r)]);
            }
        });
    }
    // Stores a layer's keys and values, [n, kv_heads * their size], at the end of every sequence.
    void append(index layer, tensor const& k, tensor const& v, step const& s) const {
        for (auto const& part : s.parts) {
            auto const& shape = part.cache->shape();
            part.cache->open(layer, part.count);
            pool_->for_chunks(part.count, chunk_of(part.count), [&](index begin, index end) {
                for (index i = begin; i < end; ++i) {
                    auto const key = view_of(k).row(part.row + i), value = view_of(v).row(part.row + i);
                    for (index h = 0; h < shape.kv_heads; ++h) {
                        part.cache->store(layer, h, part.start + i, head_of(key, h, shape.head_size),
                                          head_of(value, h, shape.value_width()));
                    }
                }
            });
        }
    }
    // [n, heads * head_size] -> [n, heads * value_width()]. sinks: [heads], for each head the score of nothing, which
    // takes a share of the softmax and adds nothing; or nullptr.
    [[nodiscard]] tensor attend(index layer, tensor const& q, attention_shape const& shape, step const& s,
                                vector const* sinks) const {
        struct unit { // rows of one sequence that one thread takes to one key head
            step::part const* part;
            index             head, begin, end;
        };
        std::vector<unit> units;
        for (auto const& part : s.parts) {
            for (index b = 0; b < part.count; b += rows_per_unit) {
                for (index h = 0; h < shape.kv_heads; ++h) {
                    units.push_back({&part, h, b, std::min(part.count, b + rows_per_unit)});
                }
            }
        }
        index const value = shape.value_width(), group = shape.heads / shape.kv_heads;
        float const scale = shape.scale > 0 ? shape.scale : 1.0f / std::sqrt(float(shape.head_size));
        auto        out   = make_tensor(index(q.shape(0)), shape.heads * value);
        pool_->for_chunks(index(units.size()), 1, [&](index u, index) {
            auto const [part, head, begin, end] = units[std::size_t(u)];
            auto const first_seen               = [&](index position) {
                return shape.window > 0 ? std::max<index>(0, position + 1 - shape.window) : 0;
            };
            std::vector<query> queries;
            for (index g = head * group; g < (head + 1) * group; ++g) {
                for (index i = begin; i < end; ++i) {
                    index const row = part->row + i, position = part->start + i;
                    auto&       one = queries.emplace_back();
                    one.q           = view_of(q).row(row).data() + g * shape.head_size;
                    one.out         = view_of(out).row(row).data() + g * value;
                    one.first = first_seen(position), one.last = position + 1;
                    if (sinks) one.sink = (*sinks)[std::size_t(g)];
                }
            }
            head_attention(*part->cache, layer, head, first_seen(part->start + begin), part->start + end, scale,
                           shape.soft_cap)
                .run(queries);
        });
        return out;
    }
    [[nodiscard]] input select(input& x, std::span<index const> rows) const { return input(select(x.tensor(), rows)); }

    [[nodiscard]] std::vector<expert_share> route(tensor const& logits, routing_rule const& rule,
                                                  vector const* bias) const {
        return route_tokens(view_of(logits), rule, bias ? std::span<float const>(*bias) : std::span<float const>());
    }
    [[nodiscard]] std::vector<logit_summary> summarize(tensor const& logits, std::span<logit_target const> targets,
                                                       exponentials how) const {
        if (targets.empty()) return {};
        return summaries_of(view_of(logits), norms(view_of(logits), how), targets);
    }
    [[nodiscard]] std::vector<logit_divergence> diverge(tensor const& logits, std::span<logit_target const> targets,
                                                        std::span<kept_row const> kept) const {
        auto const                    norm = norms(view_of(logits), exponentials::f64);
        auto const                    of   = summaries_of(view_of(logits), norm, targets);
        std::vector<logit_divergence> out(targets.size());
        pool_->for_chunks(index(out.size()), 4, [&](index begin, index end) {
            for (auto i = std::size_t(begin); i < std::size_t(end); ++i) {
                index const row = targets[i].row;
                out[i]          = {of[i], kl_divergence(kept[i].logits, kept[i].norm, view_of(logits).row(row),
                                                        norm[std::size_t(row)])};
            }
        });
        return out;
    }
    [[nodiscard]] matrix_view<float const> to_host(tensor const& x) const { return view_of(x); }

private:
    static constexpr index rows_per_unit = 48;

    [[nodiscard]] std::vector<softmax_norm> norms(matrix_view<float const> logits, exponentials how) const {
        std::vector<softmax_norm> out(std::size_t(logits.rows));
        pool_->for_chunks(logits.rows, 4, [&](index begin, index end) {
            for (index r = begin; r < end; ++r) {
                out[std::size_t(r)] =
                    how == exponentials::f32 ? cpu::normalise(logits.row(r)) : qeval::normalise(logits.row(r));
            }
        });
        return out;
    }
    [[nodiscard]] static std::span<float const> head_of(std::span<float const> row, index head, index size) {
        return row.subspan(std::size_t(head * size), std::size_t(size));
    }
    rope_table const& positions_up_to(index n, rotary const& rope) {
        auto found = std::ranges::find_if(tables_, [&](rope_table const& t) { return t.serves(rope); });
        if (found == tables_.end()) found = tables_.insert(found, rope_table(rope));
        found->grow(n);
        return *found;
    }

    kv_format const*        format_;
    std::vector<rope_table> tables_; // models have one or two
};

static_assert(backend<host>);

} // namespace QEVAL_ISA
} // namespace qeval::cpu
