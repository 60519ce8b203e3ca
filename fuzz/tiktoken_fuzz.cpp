// Any bytes as a rank file, of tiktoken or tekken.json: refused with a file_error, or a tokenizer that encodes and
// decodes any text. The text behind the last line "%%" of the input is encoded too.
//
// tiktoken's encodings are told by the number of ranks, a hundred thousand: here by numbers that a fuzzer can reach.
#include <array>
#include <cstddef>
#include <cstdint>

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/tekken.hpp>
#include <qeval/io/tokenizer/reader/tiktoken.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json_fields.hpp>

#include "tokenizer_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const encodings = [] {
        std::array<qeval::tiktoken_encoding, 64> few{};
        for (std::size_t i = 0; i < few.size(); ++i) {
            few[i]       = qeval::tiktoken_encodings[i % qeval::tiktoken_encodings.size()];
            few[i].ranks = 256 + i;
            few[i].first = static_cast<std::int64_t>(400 + i);
        }
        return few;
    }();
    qeval_fuzz::tokenizer_input const input(data, size);
    input.check([](std::string_view file) {
        if (qeval::is_tiktoken(file)) return qeval::read_tiktoken(file, "ranks.tiktoken", encodings);
        auto const document = qeval::parse_json(file, "tekken.json", qeval::tokenizer_json_limits());
        return qeval::tekken_reader(document).read();
    });
    return 0;
}
