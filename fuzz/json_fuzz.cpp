// Any bytes as JSON under limits: refused with a file_error, or a value that survives being written and read again.
// The value is then read as a Llama's config.json.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/model/architectures.hpp>

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
        auto const heads = qeval::llama::read(qeval::config_reader(document)).attention;
        qeval_fuzz::require(heads.heads % heads.kv_heads == 0 && heads.head_size % 2 == 0);
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
