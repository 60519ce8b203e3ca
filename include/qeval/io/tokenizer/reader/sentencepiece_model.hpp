// SentencePiece's .model file: a protocol buffer, of which the fields that decide the tokens are read.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/tokenizer/reader/visible_space.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// One message: a sequence of (field number, value); f(number, integer, bytes) sees varints and length-delimited values,
// and 32-bit values as integers. Every length is checked before use.
class protobuf_message {
public:
    protobuf_message(std::string_view bytes, std::size_t offset, std::string const& file)
        : bytes_(bytes), offset_(offset), file_(&file) {}

    template <class F>
    void for_each(F&& f) {
        while (at_ < bytes_.size()) {
            std::uint64_t const key  = varint();
            std::uint64_t const kind = key & 7;
            if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
                fail("the field number " + std::to_string(key >> 3), "1 to 536870911");
            auto const number = static_cast<std::uint32_t>(key >> 3);
            if (kind == 0) {
                f(number, varint(), protobuf_message({}, offset_ + at_, *file_));
            } else if (kind == 1 || kind == 5) {
                std::size_t const size  = kind == 1 ? 8 : 4;
                auto const        raw   = take(size);
                std::uint64_t     value = 0;
                for (std::size_t i = 0; i < size; ++i)
                    value |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
                f(number, value, protobuf_message({}, offset_ + at_, *file_));
            } else if (kind == 2) {
                std::uint64_t const size = varint();
                if (size > bytes_.size() - at_) {
                    fail("a length of " + std::to_string(size), "<= " + std::to_string(bytes_.size() - at_));
                }
                std::size_t const begin = offset_ + at_;
                f(number, std::uint64_t{0}, protobuf_message(take(static_cast<std::size_t>(size)), begin, *file_));
            } else {
                fail("the wire type " + std::to_string(kind), "0, 1, 2 or 5");
            }
        }
    }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    [[nodiscard]] std::string      place() const { return *file_ + " @ byte " + std::to_string(offset_ + at_); }

private:
    std::string_view take(std::size_t n) {
        if (n > bytes_.size() - at_) fail("the end of the message", std::to_string(n) + " more bytes");
        at_ += n;
        return bytes_.substr(at_ - n, n);
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const byte = static_cast<unsigned char>(take(1).front());
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return value;
        }
        fail("an integer of more than 10 bytes", "a varint");
    }
    [[noreturn]] void fail(std::string found, std::string expected) const {
        throw file_error{
            {"TK11", place(), std::move(found), std::move(expected), "a damaged file, or no SentencePiece model"}};
    }

    std::string_view   bytes_;
    std::size_t        offset_; // of bytes_ in the file
    std::string const* file_;
    std::size_t        at_ = 0;
};

class sentencepiece_model_reader {
public:
    sentencepiece_model_reader(std::string_view bytes, std::string file)
        : file_(std::move(file)), message_(bytes, 0, file_), words_(file_) {}

    [[nodiscard]] tokenizer_parts read() && {
        message_.for_each([this](std::uint32_t field, std::uint64_t, protobuf_message value) {
            if (field == 1)
                piece(value);
            else if (field == 2)
                trainer(value);
            else if (field == 3)
                rules(value);
        });
        if (scores_.empty()) refuse("no pieces", "a vocabulary", "no SentencePiece model");
        if (!has_trainer_) refuse("no trainer_spec", "what says which kind of model it is", "an incomplete file");
        bool const ranked = model_type_ == 2;
        if (!ranked && model_type_ != 1)
            refuse("a model of type " + std::to_string(model_type_), "unigram (type 1) or BPE (type 2)", "");
        if (ranked && suffix_) refuse("treat_whitespace_as_suffix", "spaces before words", "");
        if (!escape_) refuse("escape_whitespaces = false", "spaces written as U+2581", "");
        auto const special = [&](std::int64_t id) {
            return id >= 0 && words_.contains(static_cast<token>(id)) ? static_cast<token>(id) : -1;
        };
        tokenizer_parts parts;
        parts.bos          = special(bos_);
        parts.eos          = special(eos_);
        parts.unknown      = unknown_;
        bool const changes = !ranked || !charsmap_.empty();
        if (squeeze_ && !changes) parts.normalize.steps.push_back(squeeze_step{});
        parts.words = std::move(words_);
        write_visible_spaces(parts, prefix_);
        if (changes) parts.normalize.steps = {library_step(parts.words)};
        parts.model_pieces = parts.words.count();
        if (ranked) {
            parts.model = sentencepiece_bpe(parts.words, std::move(scores_), parts.unknown);
        } else {
            unigram::options options;
            options.unknown       = parts.unknown;
            options.sentencepiece = true;
            parts.model           = unigram(parts.words, std::vector<double>(scores_.begin(), scores_.end()), options);
        }
        for (std::size_t i = 0; i < parts.words.size(); ++i) {
            auto const id   = static_cast<token>(i);
            auto const kind = parts.words.kind(id);
            if (kind != piece_kind::control && (kind != piece_kind::user_defined || !ranked)) continue;
            added_token t;
            t.content    = parts.words.piece(id);
            t.id         = id;
            t.special    = kind == piece_kind::control;
            t.normalized = !t.special; // user-defined pieces are spelled with U+2581
            parts.added.push_back(std::move(t));
        }
        if (parts.bos >= 0) parts.before.push_back(parts.bos); // as the models that ship such files were trained
        return parts;
    }

private:
    [[nodiscard]] sentencepiece_step library_step(vocabulary const& words) const {
        sentencepiece_step step;
        if (!charsmap_.empty())
            step.charsmap = std::make_shared<precompiled_charsmap const>(std::string(charsmap_), file_ + ", charsmap");
        std::vector<byte_trie::entry> whole;
        for (std::size_t i = 0; i < words.size(); ++i)
            if (words.kind(static_cast<token>(i)) == piece_kind::user_defined)
                whole.emplace_back(words.piece(static_cast<token>(i)), static_cast<token>(i));
        if (!whole.empty()) step.whole = std::make_shared<byte_trie const>(std::move(whole));
        step.add_dummy_prefix         = prefix_;
        step.remove_extra_whitespaces = squeeze_;
        step.suffix                   = suffix_;
        return step;
    }
    void piece(protobuf_message message) {
        std::string   text;
        float         score = 0;
        std::uint64_t type  = 1;
        message.for_each([&](std::uint32_t field, std::uint64_t number, protobuf_message value) {
            if (field == 1)
                text = value.bytes();
            else if (field == 2)
                score = std::bit_cast<float>(static_cast<std::uint32_t>(number));
            else if (field == 3)
                type = number;
        });
        constexpr piece_kind kinds[] = {piece_kind::none,    piece_kind::normal,       piece_kind::unknown,
                                        piece_kind::control, piece_kind::user_defined, piece_kind::unused,
                                        piece_kind::byte};
        if (type < 1 || type > 6) {
            throw file_error{{"TK11", message.place(), "the piece type " + std::to_string(type), "1 to 6", ""}};
        }
        auto const kind = kinds[type];
        if (kind == piece_kind::user_defined && text.empty()) {
            throw file_error{{"TK05", message.place(), "an empty text", "at least one character", ""}};
        }
        if (kind == piece_kind::unknown) {
            if (unknown_ >= 0) throw file_error{{"TK04", message.place(), "a second unknown piece", "one", ""}};
            unknown_ = static_cast<token>(scores_.size());
        }
        words_.add(static_cast<std::int64_t>(scores_.size()), std::move(text), kind);
        scores_.push_back(score);
    }
    void trainer(protobuf_message message) {
        has_trainer_ = true;
        message.for_each([this](std::uint32_t field, std::uint64_t number, protobuf_message) {
            if (field == 3)
                model_type_ = number;
            else if (field == 24)
                suffix_ = number != 0;
            else if (field == 41)
                bos_ = static_cast<std::int32_t>(number);
            else if (field == 42)
                eos_ = static_cast<std::int32_t>(number);
        });
    }
    void rules(protobuf_message message) {
        message.for_each([this](std::uint32_t field, std::uint64_t number, protobuf_message value) {
            if (field == 2)
                charsmap_ = value.bytes();
            else if (field == 3)
                prefix_ = number != 0;
            else if (field == 4)
                squeeze_ = number != 0;
            else if (field == 5)
                escape_ = number != 0;
        });
    }
    [[noreturn]] void refuse(std::string found, std::string expected, std::string likely) const {
        throw file_error{{"TK06", file_, std::move(found), std::move(expected), std::move(likely)}};
    }

    std::string        file_;
    protobuf_message   message_;
    vocabulary         words_;
    std::vector<float> scores_;
    token              unknown_ = -1;
    // Defaults of sentencepiece_model.proto.
    bool             has_trainer_ = false;
    std::uint64_t    model_type_  = 1;
    std::int64_t     bos_         = 1;
    std::int64_t     eos_         = 2;
    bool             prefix_      = true;
    bool             squeeze_     = true;
    bool             escape_      = true;
    bool             suffix_      = false;
    std::string_view charsmap_;
};

[[nodiscard]] inline tokenizer_parts read_sentencepiece_model(std::string_view bytes, std::string file) {
    return sentencepiece_model_reader(bytes, std::move(file)).read();
}

} // namespace qeval
