// A checkpoint as matrices in declared formats, whatever method has quantized it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {

// Satisfies tensor_source. Checkpoints that nobody has quantized, and GGUF files, pass through unchanged. The
// checkpoint and the pool, whose threads put matrices in order, must outlive it and its tensors.
class quantized_source {
public:
    quantized_source(format_table const& formats, checkpoint const& from, thread_pool& pool);

    [[nodiscard]] tensor_view const* find(std::string_view name) const {
        auto const i = place_.find(name);
        return i == place_.end() ? nullptr : &tensors_[i->second];
    }
    [[nodiscard]] std::span<tensor_view const> tensors() const { return tensors_; }
    // What the checkpoint prescribes for keys and values; nullptr: nothing. It lives as long as this.
    [[nodiscard]] kv_format const* cache_format() const { return cache_.get(); }

private:
    std::vector<tensor_view>                        tensors_;
    std::map<std::string, std::size_t, std::less<>> place_;
    std::shared_ptr<kv_format const>                cache_;
};

} // namespace qeval

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/scheme/method/quantized_source_body.hpp>
#endif
