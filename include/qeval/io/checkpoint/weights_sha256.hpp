// Which weights a checkpoint holds, in one number: the same wherever, in how many files and in which order they lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

// SHA-256, in hexadecimal digits, of the JSON text
//   [["name","type",[rows,columns],"SHA-256 of its bytes"],...]
// without blanks, in the order of names' bytes; names, types and shapes are those of tensor_view. Each thread hashes
// whole tensors, the largest first, and reads every byte once. examples/weights_sha256.py is the definition in Python.
[[nodiscard]] inline std::string weights_sha256(std::span<tensor_view const> tensors, thread_pool& pool) {
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return tensors[a].bytes.size() > tensors[b].bytes.size(); });
    std::vector<std::string> digests(tensors.size());
    pool.for_chunks(static_cast<index>(order.size()), 1, [&](index begin, index) {
        std::size_t const t = order[static_cast<std::size_t>(begin)];
        digests[t]          = sha256_hex(tensors[t].bytes);
    });
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return tensors[a].name < tensors[b].name; });
    json list = json::array();
    for (std::size_t const t : order)
        list.push_back(json::array({tensors[t].name, tensors[t].type, tensors[t].shape, digests[t]}));
    return sha256_hex(json_text(list));
}

} // namespace qeval
