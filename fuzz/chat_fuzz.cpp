// Any bytes as a chat template in Jinja: nothing, or texts of the source and no more, and a template that writes every
// conversation.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/chat/chat_message.hpp>
#include <qeval/io/chat/jinja_source.hpp>
#include <qeval/io/chat/recognise_chat.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const source(reinterpret_cast<char const*>(data), size);
    if (auto const read = qeval::jinja_reader(source).read()) {
        std::size_t bytes = read->refusals.size();
        for (auto const& text : read->texts) bytes += text.size();
        qeval_fuzz::require(bytes <= size); // each is a part of it, less its escapes
    }
    auto found = qeval::recognise_chat(source);
    if (!found) return 0;
    found->bos = "<s>", found->eos = "</s>";
    using enum qeval::chat_role;
    std::vector<qeval::chat_message> const talk = {
        {system, "be brief"}, {user, "question one"}, {assistant, "answer one"}, {user, "question two"}};
    for (std::size_t first = 0; first < 2; ++first) {
        std::vector<qeval::chat_message> const messages(talk.begin() + std::ptrdiff_t(first), talk.end());
        auto const                             text = found->write(messages).text();
        for (std::string_view const said : {"question one", "answer one", "question two"})
            qeval_fuzz::require(text.find(said) != text.npos);
    }
    return 0;
}
