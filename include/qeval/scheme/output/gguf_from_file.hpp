// A GGUF of a model that is a GGUF: metadata taken along in order, every matrix in its type, all other tensors as they
// are stored. Origin: llama_model_quantize_impl in llama-quant.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/gguf_contents.hpp>
#include <qeval/scheme/output/gguf_provenance.hpp>
#include <qeval/scheme/output/gguf_types.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

class gguf_from_file {
public:
    // Both must outlive what is made.
    gguf_from_file(quantization const& q, chosen_matrices const& matrices)
        : q_(q), matrices_(matrices), types_(q.builder.plan().formats()) {}

    [[nodiscard]] gguf_contents made() && {
        for (auto const& file : q_.file.gguf_files()) {
            for (auto const& t : file.tensors) add(t);
        }
        auto const& from = *q_.file.metadata();
        for (auto const& v : from.values()) {
            if (!is_renewed(v, q_)) made_.entries.add(v);
        }
        if (auto const* said = from.find("general.file_type"))
            made_.file_type = static_cast<std::uint32_t>(said->integer(0, 0xffffffff));
        if (auto const* alignment = from.find("general.alignment"))
            made_.alignment = static_cast<std::uint64_t>(alignment->integer(8, 1 << 24)); // checked by the reader
        return std::move(made_);
    }

private:
    void add(tensor_view const& t) {
        auto const members = members_of(t);
        // llama.cpp counts no dimensions of 1 in front, writes none, and quantizes what has two or more.
        std::vector<index> shape = t.shape;
        while (shape.size() > 1 && shape.front() == 1) shape.erase(shape.begin());
        gguf_part made{{t.name, {}, shape}, {}, !members.empty() && shape.size() > 1};
        if (made.quantized) {
            made.plan.type = types_.of(*members.front());
            made.send      = [&all = matrices_, members](byte_sink const& sink) {
                for (auto const* m : members) all.write(*m, sink);
            };
            if (t.type[0] != 'F' && t.type[0] != 'B' && !same_name(t.type, made.plan.type.name)) ++made_.requantized;
        } else {
            made.plan.type = types_.named(t.type);
            made.send      = [bytes = t.bytes](byte_sink const& sink) { sink(bytes); };
        }
        made_.parts.push_back(std::move(made));
    }
    // The matrices that a tensor of the file has: of every expert, in a stack.
    [[nodiscard]] std::vector<chosen_matrix const*> members_of(tensor_view const& t) const {
        auto const                        canonical = canonical_name(t.name, q_.file.names());
        std::vector<chosen_matrix const*> members;
        if (t.shape.size() < 3) {
            members.push_back(matrices_.find(canonical));
        } else {
            for (index e = 0; e < t.shape[0]; ++e) members.push_back(matrices_.find(expert_name(canonical, e)));
        }
        auto const other = [&](auto const* m) { return m == nullptr || m->format != members.front()->format; };
        if (members.front() == nullptr || std::ranges::any_of(members, other)) return {};
        return members;
    }

    quantization const&    q_;
    chosen_matrices const& matrices_;
    known_gguf_types       types_;
    gguf_contents          made_;
};

} // namespace qeval
