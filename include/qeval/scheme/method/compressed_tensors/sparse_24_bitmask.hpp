// "sparsity_config": {"format": "sparse-24-bitmask", "sparsity_structure": "2:4"}: of a linear layer X [out, in] two of
// four neighbours are stored, whatever their type, quantized or not.
//   X.shape       I64 [2, 1], out and in
//   X.compressed  [out, in / 2], what is stored of a row in order
//   X.bitmask     U8 [out, in / 8], rounded up; low bits first: which they are. The others are 0.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

class sparse_24_bitmask {
public:
    // Puts "X.weight" in the place of the parts of each module, with its zeros, which are there when it is used.
    static void read(json_value const& said, stored_parts& parts) {
        if (auto const format = said.at("format"); format.string() != "sparse-24-bitmask")
            format.fail("\"dense\" or \"sparse-24-bitmask\"", "sparse storage in another layout", "CF03");
        if (auto const kind = said.at("sparsity_structure"); kind.string() != "2:4") kind.fail("\"2:4\"", "", "CF03");
        for (auto const& module : parts.modules_with("bitmask")) read_module(parts, module);
    }

private:
    static void read_module(stored_parts& parts, std::string const& module) {
        auto const sides = parts.take(module, "shape", {"I64"}, {2, 1});
        auto const some  = parts.take_named(module + ".compressed", {"I8", "F8_E4M3", "BF16", "F16", "F32"});
        auto const rows  = stored_number<std::int64_t>(sides.bytes, 0),
                   cols  = stored_number<std::int64_t>(sides.bytes, 1);
        if (rows < 1 || cols < 4 || cols % 4 != 0 || some.shape != std::vector<index>{rows, cols / 2}) {
            throw file_error{
                {"CF02", some.place(), "shape " + shape_text(some.shape),
                 "half of " + shape_text(std::vector<index>{rows, cols}) + ", as its shape says, with columns in fours",
                 "parts of two checkpoints"}};
        }
        auto const mask = parts.take(module, "bitmask", {"U8"}, {rows, (cols + 7) / 8});
        auto const one  = some.bytes.size() / static_cast<std::size_t>(some.count()); // bytes of a number

        tensor_view whole;
        whole.name  = module + ".weight";
        whole.type  = some.type;
        whole.shape = {rows, cols};
        whole.file  = some.file;
        auto& pool  = parts.pool();
        whole.maker = std::make_shared<tensor_maker const>(
            tensor_maker{2 * some.bytes.size(), [=, &pool] { return made_of(with_zeros(some, mask, one, pool)); }});
        parts.add(std::move(whole));
    }
    static std::shared_ptr<aligned_bytes> with_zeros(tensor_view const& some, tensor_view const& mask, std::size_t one,
                                                     thread_pool& pool) {
        index const rows = some.shape[0], half = some.shape[1], wide = mask.shape[1];
        auto const  made = std::make_shared<aligned_bytes>(2 * some.bytes.size());
        std::memset(made->data(), 0, made->size());
        pool.for_chunks(rows, 16, [&](index first, index last) {
            for (index r = first; r < last; ++r) {
                auto const* from = some.bytes.data() + static_cast<std::size_t>(r * half) * one;
                auto*       to   = made->data() + static_cast<std::size_t>(r * half) * 2 * one;
                for (index four = 0; four < half / 2; ++four, to += 4 * one) {
                    auto const byte = stored_number<std::uint8_t>(mask.bytes, r * wide + four / 2);
                    auto const bits = static_cast<unsigned>(byte >> 4 * (four % 2) & 15);
                    if (std::popcount(bits) != 2) {
                        throw file_error{
                            {"CF03",
                             mask.place() + ", row " + std::to_string(r) + ", columns from " + std::to_string(4 * four),
                             std::to_string(std::popcount(bits)) + " of four", "two of four", "a damaged checkpoint"}};
                    }
                    for (unsigned i = 0; i < 4; ++i) {
                        if ((bits >> i & 1) == 0) continue;
                        std::memcpy(to + i * one, from, one);
                        from += one;
                    }
                }
            }
        });
        return made;
    }
};

} // namespace qeval::compressed_tensors
