// Any bytes as JSON under limits: refused with a file_error, or a value that survives being written and read again.
// The value is then read as a model's config.json.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <qeval/io/checkpoint/hf_config.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const   text(reinterpret_cast<char const*>(data), size);
    qeval::json_limits const limits{1u << 16, 5'000, 64, "CF01"};
    try {
        auto const        document = qeval::parse_json(text, "input.json", limits);
        std::string const written  = document.root().dump();
        if (written.size() <= limits.bytes) {
            qeval_fuzz::require(qeval::parse_json(written, "again.json", limits).root().dump() == written);
        }
        auto const config = qeval::parse_hf_config(document);
        qeval_fuzz::require(config.num_attention_heads % config.num_key_value_heads == 0 && config.head_dim % 2 == 0);
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
