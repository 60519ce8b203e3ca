// tokenizer.bin of llama2.c: u32 longest piece, then for each piece f32 score, u32 length, text. It is a SentencePiece
// vocabulary whose spaces are plain ones and whose kinds of pieces are by convention.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/tokenizer/reader/visible_space.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

[[nodiscard]] inline tokenizer_parts read_llama2c_tokenizer(std::string_view bytes, std::string const& file) {
    std::size_t at   = 0;
    auto const  fail = [&](std::string found, std::string expected) {
        throw file_error{{"TK11", file + " @ byte " + std::to_string(at), std::move(found), std::move(expected),
                          "an incomplete download, or no llama2.c tokenizer"}};
    };
    auto const word = [&] { // little-endian u32
        if (bytes.size() - at < 4) fail(std::to_string(bytes.size() - at) + " bytes left", "4 bytes");
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
        at += 4;
        return value;
    };
    auto const         longest = word();
    tokenizer_parts    parts;
    std::vector<float> scores;
    parts.words = vocabulary(file);
    while (at < bytes.size()) {
        float const score  = std::bit_cast<float>(word());
        auto const  length = word();
        if (length > longest || length > bytes.size() - at) {
            fail("a length of " + std::to_string(length),
                 "<= " + std::to_string(longest) + " and <= " + std::to_string(bytes.size() - at) + " (bytes left)");
        }
        std::string text;
        for (char const c : bytes.substr(at, length)) {
            if (c == ' ')
                text += visible_space;
            else
                text += c;
        }
        at += length;
        auto const id   = scores.size();
        auto       kind = byte_of_piece(text) ? piece_kind::byte : piece_kind::normal;
        if (id == 0) kind = piece_kind::unknown;
        if (id == 1 || id == 2) { // the exporter writes "\n<s>\n"
            kind = piece_kind::control;
            text = id == 1 ? "<s>" : "</s>";
            parts.added.push_back({text, static_cast<token>(id), true});
        }
        parts.words.add(static_cast<std::int64_t>(id), std::move(text), kind);
        scores.push_back(score);
    }
    if (scores.size() < 3) fail(std::to_string(scores.size()) + " pieces", "at least 3 (unknown, begin, end)");
    parts.unknown = 0;
    parts.bos     = 1;
    parts.eos     = 2;
    parts.before  = {1};
    write_visible_spaces(parts, true);
    parts.model = sentencepiece_bpe(parts.words, std::move(scores), parts.unknown);
    return parts;
}

} // namespace qeval
