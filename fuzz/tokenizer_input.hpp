// What the targets of tokenizer files share: a file and a text in one input, so that both can be found together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <qeval/io/tokenizer/tokenizer.hpp>

#include "memory_file.hpp"

namespace qeval_fuzz {

class tokenizer_input {
public:
    tokenizer_input(std::uint8_t const* data, std::size_t size) : file_(reinterpret_cast<char const*>(data), size) {
        constexpr std::string_view mark = "\n%%\n";
        if (auto const at = file_.rfind(mark); at != std::string_view::npos) {
            text_ = file_.substr(at + mark.size());
            file_ = file_.substr(0, at);
        }
    }
    // read(file) gives the parts of a tokenizer, or throws a file_error.
    template <class Read>
    void check(Read const& read) const {
        if (file_.size() > 65536 || text_.size() > 4096) return;
        try {
            qeval::tokenizer const t(read(file_));
            require(t.hash().size() == 64);
            for (std::string_view const text : {text_, std::string_view(""), std::string_view("ab  ba\n<s> 123'll"),
                                                std::string_view("\xe2\x96\x81\xc3\xa9\xff\xf4\x8f\xb9\x81z", 11)}) {
                for (auto const& ids : {t.encode(text), t.encode_with_specials(text)}) {
                    for (auto const id : ids) require(id >= 0 && static_cast<std::size_t>(id) < t.vocab_size());
                    static_cast<void>(t.decode(ids));
                    static_cast<void>(t.decode_with_specials(ids));
                }
            }
        } catch (qeval::file_error const& e) {
            require(!e.id().empty());
        }
    }

private:
    std::string_view file_;
    std::string_view text_;
};

} // namespace qeval_fuzz
