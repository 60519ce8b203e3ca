// The function of quantized_source that reads a quantized checkpoint.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/scheme/method/methods.hpp>
#include <qeval/scheme/method/quantized_source.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

QEVAL_DRIVER_ONCE quantized_source::quantized_source(format_table const& formats, checkpoint const& from,
                                                     thread_pool& pool)
    : tensors_(from.tensors().begin(), from.tensors().end()) {
    if (auto const how = from.quantization()) {
        stored_parts parts(from.tensors(), formats, pool);
        if (!checkpoint_methods::read(*how, parts)) {
            auto const stranger = std::ranges::find(unread_methods, how->method, &unread_method::name);
            how->config.at("quant_method")
                .fail("one of " + checkpoint_methods::names(),
                      std::string(stranger == std::end(unread_methods) ? "" : stranger->likely), "CF03");
        }
        cache_   = parts.prescribed_cache();
        tensors_ = std::move(parts).tensors();
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) place_.emplace(tensors_[i].name, i);
}

} // namespace qeval
