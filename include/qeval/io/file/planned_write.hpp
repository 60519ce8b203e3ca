// A tensor's bytes on their way into a file whose header has promised how many there are.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/io/file/atomic_file.hpp>

namespace qeval {

// Writes what `send` gives to its sink, in as many pieces as it likes; anything but `planned` bytes is SW02. `name` is
// the tensor's.
template <class Send>
void write_planned(atomic_file& file, std::string const& name, std::uint64_t planned, Send const& send) {
    std::uint64_t sent = 0;
    send(byte_sink([&](std::span<std::byte const> bytes) {
        sent += bytes.size();
        file.write(bytes);
    }));
    if (sent == planned) return;
    throw internal_error{
        {"SW02", "tensor " + qeval::quoted(name), std::to_string(sent) + " bytes", std::to_string(planned), ""}};
}

} // namespace qeval
