// Absorbed heads, as newer GGUFs have them, against the logits that transformers computes with whole ones.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <list>
#include <map>
#include <string>
#include <vector>

#include <qeval/format/catalog/dense.hpp>
#include <qeval/io/safetensors/safetensors.hpp>
#include <qeval/model/arch/deepseek_v2.hpp>
#include <qeval/model/decoder.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"
#include "tests/support/packed_model.hpp"
#include "tests/support/reference_model.hpp"

namespace qeval {
using namespace qeval_test;

namespace {

// A checkpoint whose kv_b is taken apart as llama.cpp's converter does: k_b of a head is [kv_rank, nope], v_b [value,
// kv_rank].
class split_heads {
public:
    split_heads(checkpoint const& whole, deepseek_v2::config const& c) : whole_(&whole) {
        auto const& l = c.latent;
        for (index i = 0; i < c.sizes.layers; ++i) {
            std::string const base = "model.layers." + std::to_string(i) + ".self_attn.";
            auto const        both = read_floats(*whole.find(base + "kv_b_proj.weight"));
            for (index h = 0; h < l.heads; ++h) {
                float const* const head = both.data() + h * (l.nope + l.value) * l.kv_rank;
                std::vector<float> k;
                for (index r = 0; r < l.kv_rank; ++r) {
                    for (index n = 0; n < l.nope; ++n) k.push_back(head[n * l.kv_rank + r]);
                }
                add(base + "k_b_proj." + std::to_string(h) + ".weight", {l.kv_rank, l.nope}, k);
                add(base + "v_b_proj." + std::to_string(h) + ".weight", {l.value, l.kv_rank},
                    {head + l.nope * l.kv_rank, head + (l.nope + l.value) * l.kv_rank});
            }
        }
    }
    [[nodiscard]] tensor_view const* find(std::string_view name) const {
        auto const own = views_.find(name);
        return own != views_.end() ? &own->second : whole_->find(name);
    }
    [[nodiscard]] std::span<tensor_view const> tensors() const { return whole_->tensors(); }

private:
    void add(std::string const& name, std::vector<index> shape, std::vector<float> values) {
        auto const& kept = values_.emplace_back(std::move(values));
        views_[name]     = {name, "F32", std::move(shape), std::as_bytes(std::span(kept))};
    }

    checkpoint const*                               whole_;
    std::list<std::vector<float>>                   values_;
    std::map<std::string, tensor_view, std::less<>> views_;
};

} // namespace

TEST_CASE("absorbed heads give the logits of whole ones, and cache one short row a token") {
    for (std::string const name : {"deepseek-v2", "deepseek-v2-lite"}) {
        INFO(name);
        auto const        folder = source("tests/golden/architectures/" + name);
        checkpoint const  stored = open_floats(folder);
        auto              config = deepseek_v2::read(stored.config());
        split_heads const split(stored, config);
        deepseek_v2::absorb(config);
        thread_pool pool(2);
        auto const  model =
            make_decoder<deepseek_v2>(cpu::host(pool), config, split, packed_as<dense_f32>(cpu::exact_path{}, pool));
        auto const golden = read_safetensors(folder / "golden.safetensors", file_access::map);
        auto const bytes  = [&](char const* tensor) {
            return std::ranges::find(golden.tensors, tensor, &tensor_view::name)->bytes;
        };
        std::vector<std::int64_t> prompt(40);
        std::memcpy(prompt.data(), bytes("prompt").data(), 40 * sizeof(std::int64_t));
        std::vector<token> const ids(prompt.begin(), prompt.end());
        auto const               width = std::size_t(model->vocab_size());
        std::vector<float>       expected(3 * width); // positions 0, 6 and 39
        std::memcpy(expected.data(), bytes("logits").data(), expected.size() * sizeof(float));

        auto const          state = model->start();
        sequence_step const step{state.get(), ids, 0};
        double              worst = 0, largest = 0;
        model->forward({&step, 1}, [&](std::span<logit_row const> rows, matrix_view<float const> logits) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                auto const at = rows[r].offset == 0 ? 0 : rows[r].offset == 6 ? 1 : rows[r].offset == 39 ? 2 : -1;
                for (std::size_t i = 0; at >= 0 && i < width; ++i) {
                    auto const e = double(expected[std::size_t(at) * width + i]);
                    worst        = std::max(worst, std::abs(double(logits(index(r), index(i))) - e));
                    largest      = std::max(largest, std::abs(e));
                }
            }
        });
        CHECK(worst / largest <= 1e-4);
        CHECK(worst > 0);
        auto const shape = describe<deepseek_v2>(config).cache;
        CHECK(shape.kv_heads == 1);
        CHECK(shape.value_size == config.latent.kv_rank);
    }
}

} // namespace qeval
