// Any bytes as tokenizer.json: refused with a file_error, or a tokenizer that encodes and decodes any text. The text
// behind the last line "%%" of the input is encoded too, so that model and text can be found together.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <qeval/io/tokenizer/reader/tokenizer_json.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view           file(reinterpret_cast<char const*>(data), size);
    std::string_view           tail;
    constexpr std::string_view mark = "\n%%\n";
    if (auto const at = file.rfind(mark); at != std::string_view::npos) {
        tail = file.substr(at + mark.size());
        file = file.substr(0, at);
    }
    if (file.size() > 65536 || tail.size() > 4096) return 0;
    try {
        qeval::tokenizer const t(qeval::read_tokenizer_json(file, "tokenizer.json"));
        qeval_fuzz::require(t.hash().size() == 64);
        for (std::string_view const text : {tail, std::string_view(""), std::string_view("ab  ba\n<s> 123'll"),
                                            std::string_view("\xe2\x96\x81\xc3\xa9\xff\xf4\x8f\xb9\x81z", 11)}) {
            for (auto const& ids : {t.encode(text), t.encode_with_specials(text)}) {
                for (auto const id : ids) qeval_fuzz::require(id >= 0 && static_cast<std::size_t>(id) < t.vocab_size());
                static_cast<void>(t.decode(ids));
                static_cast<void>(t.decode_with_specials(ids));
            }
        }
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
