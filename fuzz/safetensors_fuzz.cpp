// Any bytes as a safetensors file: refused with a file_error, or every tensor readable and of the size it states.
#include <cstddef>
#include <cstdint>

#include <qeval/io/safetensors/safetensors.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    qeval_fuzz::memory_file const input(data, size);
    try {
        auto const    f     = qeval::read_safetensors(input.path());
        std::size_t   total = 0;
        unsigned char mixed = 0;
        for (auto const& t : f.tensors) {
            auto const* dtype = qeval::find_safetensors_dtype(t.type);
            qeval_fuzz::require(dtype != nullptr && t.count() >= 0);
            qeval_fuzz::require(std::uint64_t(t.count()) * dtype->bits == std::uint64_t(t.bytes.size()) * 8);
            for (std::byte const b : t.bytes) mixed = static_cast<unsigned char>(mixed ^ std::to_integer<unsigned>(b));
            total += t.bytes.size();
        }
        qeval_fuzz::require(total < size || size == 0);
        unsigned char const volatile sink = mixed; // the reads above must happen
        (void)sink;
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
