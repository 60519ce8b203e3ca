// Writes a safetensors file as a stream: the header first, computed from the plan, then each tensor's bytes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/planned_write.hpp>
#include <qeval/io/safetensors/safetensors_head.hpp>

namespace qeval {

// fill(plan, sink) is called for each tensor in file order (wide types first, so that data stays aligned; then by
// name) and sends exactly planned_bytes(plan) to the sink, in as many pieces as it likes.
template <class Fill>
void write_safetensors(std::filesystem::path const& target, std::vector<tensor_plan> plans,
                       std::map<std::string, std::string> const& metadata, Fill const& fill) {
    auto const  head = head_of(std::move(plans), metadata);
    atomic_file file(target);
    file.write(head.bytes);
    for (auto const& p : head.plans) {
        write_planned(file, p.name, planned_bytes(p), [&](byte_sink const& sink) { fill(p, sink); });
    }
    file.commit();
}

} // namespace qeval
