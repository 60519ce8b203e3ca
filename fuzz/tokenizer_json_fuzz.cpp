// Any bytes as tokenizer.json: refused with a file_error, or a tokenizer that encodes and decodes any text. The text
// behind the last line "%%" of the input is encoded too.
#include <cstddef>
#include <cstdint>

#include <qeval/io/tokenizer/reader/tokenizer_json.hpp>

#include "tokenizer_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    qeval_fuzz::tokenizer_input const input(data, size);
    input.check([](std::string_view file) { return qeval::read_tokenizer_json(file, "tokenizer.json"); });
    return 0;
}
