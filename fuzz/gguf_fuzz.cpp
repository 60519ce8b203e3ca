// Any bytes as a GGUF file: refused with a file_error, or every tensor, the vocabulary and the config readable.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/model/arch/llama.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr qeval::gguf_type types[] = {
        {0, "F32", 1, 4}, {1, "F16", 1, 2}, {2, "Q4_0", 32, 18}, {8, "Q8_0", 32, 34}, {12, "Q4_K", 256, 144}};
    qeval_fuzz::memory_file const input(data, size);
    try {
        std::vector<qeval::gguf_file> files;
        files.push_back(qeval::read_gguf(input.path(), types));
        qeval::checkpoint const c(std::move(files));
        unsigned char           mixed = 0;
        for (auto const& t : c.tensors()) {
            qeval_fuzz::require(t.count() > 0 && t.bytes.size() <= size && c.find(t.name) == &t);
            for (std::byte const b : t.bytes) mixed = static_cast<unsigned char>(mixed ^ std::to_integer<unsigned>(b));
        }
        unsigned char const volatile sink = mixed; // the reads above must happen
        (void)sink;
        for (auto const& v : c.metadata()->values()) qeval_fuzz::require(c.metadata()->find(v.key) == &v);
        try {
            auto const v = qeval::read_gguf_vocabulary(*c.metadata());
            for (std::size_t i = 0; v && i < v->tokens.size(); ++i)
                mixed = static_cast<unsigned char>(mixed + v->tokens[i].size());
            if (v && v->bos) qeval_fuzz::require(std::size_t(*v->bos) < v->tokens.size());
        } catch (qeval::file_error const&) {} // the config is still worth a look
        auto const heads = qeval::llama::read(c.config()).attention;
        qeval_fuzz::require(heads.heads % heads.kv_heads == 0);
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
