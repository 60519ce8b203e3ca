// Writes a safetensors file: the header first, computed from the plan, then each tensor's bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/planned_write.hpp>
#include <qeval/io/safetensors/safetensors_head.hpp>

namespace qeval {

// A file whose tensors are written in any order, each of them once: wide types lie first, so that data stays aligned,
// and then by name, while the parts of a quantized matrix, which have several types, are made together.
class safetensors_writer {
public:
    safetensors_writer(std::filesystem::path const& target, std::vector<tensor_plan> plans,
                       std::map<std::string, std::string> const& metadata)
        : head_(head_of(std::move(plans), metadata)), file_(target), at_(head_.bytes.size()) {
        std::uint64_t offset = head_.bytes.size();
        for (auto const& p : head_.plans) {
            auto const size = planned_bytes(p);
            if (!places_.emplace(p.name, place{offset, size}).second)
                throw internal_error{{"SW01", "tensor " + qeval::quoted(p.name), "a taken name", "distinct names", ""}};
            offset += size;
        }
        file_.write(head_.bytes);
    }
    // In the order of the file.
    [[nodiscard]] std::vector<tensor_plan> const& plans() const { return head_.plans; }

    // send(sink) sends exactly planned_bytes of the tensor to the sink, in as many pieces as it likes.
    template <class Send>
    void write(std::string const& name, Send const& send) {
        auto const at = places_.find(name);
        if (at == places_.end() || at->second.written) {
            throw internal_error{{"SW02", "tensor " + qeval::quoted(name),
                                  at == places_.end() ? "not planned" : "written before", "one that is due", ""}};
        }
        auto& [offset, bytes, written] = at->second;
        if (offset != at_) file_.seek(offset);
        write_planned(file_, name, bytes, send);
        at_     = offset + bytes;
        written = true;
    }
    void commit() {
        for (auto const& [name, p] : places_) {
            if (!p.written)
                throw internal_error{{"SW02", "tensor " + qeval::quoted(name), "not written", "every planned one", ""}};
        }
        file_.commit();
    }

private:
    struct place {
        std::uint64_t offset = 0, bytes = 0; // in the file
        bool          written = false;
    };
    safetensors_head             head_;
    std::map<std::string, place> places_;
    atomic_file                  file_;
    std::uint64_t                at_; // where the next byte goes
};

// fill(plan, sink) is called for each tensor in file order.
template <class Fill>
void write_safetensors(std::filesystem::path const& target, std::vector<tensor_plan> plans,
                       std::map<std::string, std::string> const& metadata, Fill const& fill) {
    safetensors_writer file(target, std::move(plans), metadata);
    for (auto const& p : file.plans()) {
        file.write(p.name, [&](byte_sink const& sink) { fill(p, sink); });
    }
    file.commit();
}

} // namespace qeval
