// Any bytes as a SentencePiece model: refused with a file_error, or a tokenizer that encodes and decodes any text. The
// text behind the last line "%%" of the input is encoded too.
#include <cstddef>
#include <cstdint>

#include <qeval/io/tokenizer/reader/sentencepiece_model.hpp>

#include "tokenizer_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    qeval_fuzz::tokenizer_input const input(data, size);
    input.check([](std::string_view file) { return qeval::read_sentencepiece_model(file, "tokenizer.model"); });
    return 0;
}
