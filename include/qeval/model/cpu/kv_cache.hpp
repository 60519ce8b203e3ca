// The keys and values of one sequence, in pages of 16 positions that forks share until one side writes. Each layer has
// pages of its own, made when it is reached: a walk that runs one layer over many sequences drops them behind it.
//
// An f32 page holds for every key head
//   keys    [head_size][16]      one lane for each position, so that 16 scores need no horizontal sum
//   values  [16][padded]         padded: value_width() rounded up to 16, the rest zero
// and a page in another format the encoded rows, 16 keys, then 16 values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/model/shape.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

class kv_cache {
public:
    static constexpr index page_positions = 16;

    // format: nullptr keeps f32 as attention reads it.
    kv_cache(cache_shape const& shape, kv_format const* format)
        : shape_(shape), format_(format), pages_(std::size_t(shape.layers)) {
        padded_ = (shape.value_width() + page_positions - 1) / page_positions * page_positions;
        if (format_) {
            key_bytes_   = std::size_t(page_positions) * format_->row_bytes(shape.head_size);
            value_bytes_ = std::size_t(page_positions) * format_->row_bytes(shape.value_width());
        } else {
            key_bytes_   = std::size_t(page_positions * shape.head_size) * sizeof(float);
            value_bytes_ = std::size_t(page_positions * padded_) * sizeof(float);
        }
    }
    [[nodiscard]] index              length() const { return length_; }
    [[nodiscard]] cache_shape const& shape() const { return shape_; }
    [[nodiscard]] kv_format const*   format() const { return format_; }
    [[nodiscard]] index              padded_value() const { return padded_; }

    [[nodiscard]] std::size_t page_bytes() const {
        return std::size_t(shape_.layers * shape_.kv_heads) * (key_bytes_ + value_bytes_);
    }

    // A cache that begins with the first `positions` of this one. Pages are shared; a page written by either is copied.
    [[nodiscard]] kv_cache fork(index positions) const {
        kv_cache copy = *this;
        copy.length_  = positions;
        for (auto& pages : copy.pages_) pages.resize(std::min(pages.size(), pages_for(positions)));
        return copy;
    }
    // Refuses what the model's context does not hold.
    void reserve(index more) const {
        if (more > shape_.max_tokens - length_) {
            throw usage_error{{"MO01", "sequence", std::to_string(length_) + " + " + std::to_string(more) + " tokens",
                               "at most " + std::to_string(shape_.max_tokens) + " (the model's context)",
                               "a prompt that was not cut, or max_tokens too large"}};
        }
    }
    // Room for `more` positions of a layer, on pages of this cache's own. Not for two threads at once.
    void open(index layer, index more) {
        auto& pages = pages_[std::size_t(layer)];
        if (auto const last = std::size_t(length_ / page_positions);
            last < pages.size() && pages[last].use_count() > 1) {
            auto own = new_page();
            std::memcpy(own.get(), pages[last].get(), layer_bytes());
            pages[last] = std::move(own);
        }
        while (pages.size() < pages_for(length_ + more)) pages.push_back(new_page());
    }
    // A layer that nobody will ask for again.
    void drop(index layer) { pages_[std::size_t(layer)].clear(); }
    void advance(index positions) { length_ += positions; }

    // Stores one key row, [head_size], and one value row, [value_width()]. Threads may store different (layer, head,
    // position).
    void store(index layer, index head, index position, std::span<float const> key, std::span<float const> value) {
        auto const at = std::size_t(position % page_positions);
        auto*      k  = keys_at(layer, head, position / page_positions);
        auto*      v  = k + key_bytes_;
        if (format_) {
            format_->of_keys(layer, head).encode(key, k + at * format_->row_bytes(shape_.head_size));
            format_->of_values(layer, head).encode(value, v + at * format_->row_bytes(shape_.value_width()));
            return;
        }
        auto* const kf = reinterpret_cast<float*>(k); // pages are float arrays when there is no format
        auto* const vf = reinterpret_cast<float*>(v);
        for (std::size_t i = 0; i < key.size(); ++i) kf[i * std::size_t(page_positions) + at] = key[i];
        for (std::size_t i = 0; i < value.size(); ++i) vf[at * std::size_t(padded_) + i] = value[i];
    }

    // One head's pages [first, last) as floats: where they are stored when they are f32, else decoded.
    class head_view {
    public:
        head_view(kv_cache const& cache, index layer, index head, index first, index last) : first_(first) {
            auto const n = std::size_t(last - first);
            keys_.reserve(n), values_.reserve(n);
            auto const hd = cache.shape_.head_size;
            if (cache.format_) decoded_.resize(n * std::size_t(page_positions * (hd + cache.padded_)));
            std::vector<float> rows(cache.format_ ? std::size_t(page_positions * hd) : 0);
            for (index p = first; p < last; ++p) {
                std::byte const* const k = cache.keys_at(layer, head, p);
                if (!cache.format_) {
                    keys_.push_back(reinterpret_cast<float const*>(k));
                    values_.push_back(reinterpret_cast<float const*>(k + cache.key_bytes_));
                    continue;
                }
                float* const kf =
                    decoded_.data() + std::size_t(p - first) * std::size_t(page_positions * (hd + cache.padded_));
                float* const vf = kf + page_positions * hd;
                cache.format_->of_keys(layer, head).decode(k, page_positions, {rows.data(), page_positions, hd});
                for (index r = 0; r < page_positions; ++r) {
                    for (index i = 0; i < hd; ++i) kf[i * page_positions + r] = rows[std::size_t(r * hd + i)];
                }
                cache.format_->of_values(layer, head)
                    .decode(k + cache.key_bytes_, page_positions,
                            {vf, page_positions, cache.shape_.value_width(), cache.padded_});
                keys_.push_back(kf);
                values_.push_back(vf);
            }
        }
        [[nodiscard]] float const* keys(index page) const {
            return keys_[std::size_t(page - first_)];
        } // [head_size][16]
        [[nodiscard]] float const* values(index page) const {
            return values_[std::size_t(page - first_)];
        } // [16][padded]

    private:
        index                     first_;
        std::vector<float const*> keys_, values_;
        std::vector<float>        decoded_;
    };

private:
    using page = std::shared_ptr<std::byte[]>;

    [[nodiscard]] static std::size_t pages_for(index positions) {
        return std::size_t((positions + page_positions - 1) / page_positions);
    }
    [[nodiscard]] std::size_t layer_bytes() const { return std::size_t(shape_.kv_heads) * (key_bytes_ + value_bytes_); }
    [[nodiscard]] page        new_page() const { // zeroed: lanes of positions not yet written are computed and ignored
        auto const bytes = layer_bytes();
        if (format_) return page(new std::byte[bytes]());
        auto* const floats = new float[bytes / sizeof(float)]();
        return page(reinterpret_cast<std::byte*>(floats), [floats](std::byte*) { delete[] floats; });
    }
    [[nodiscard]] std::byte* keys_at(index layer, index head, index p) const {
        return pages_[std::size_t(layer)][std::size_t(p)].get() + std::size_t(head) * (key_bytes_ + value_bytes_);
    }

    cache_shape                    shape_;
    kv_format const*               format_;
    index                          padded_      = 0;
    std::size_t                    key_bytes_   = 0; // 16 rows of one head of one layer
    std::size_t                    value_bytes_ = 0;
    index                          length_      = 0;
    std::vector<std::vector<page>> pages_; // of each layer
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
