// Everything that decides what a tokenizer does. A loader fills it in.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/io/tokenizer/added_tokens.hpp>
#include <qeval/io/tokenizer/bpe.hpp>
#include <qeval/io/tokenizer/normalizer.hpp>
#include <qeval/io/tokenizer/pretokenizer.hpp>
#include <qeval/io/tokenizer/sentencepiece_bpe.hpp>
#include <qeval/io/tokenizer/token_decoder.hpp>
#include <qeval/io/tokenizer/vocabulary.hpp>

namespace qeval {

struct tokenizer_parts {
    vocabulary                           words; // added tokens included
    std::variant<bpe, sentencepiece_bpe> model;
    std::vector<added_token>             added;
    normalizer                           normalize;
    pretokenizer                         pretokenize;
    token_decoder                        decoder;
    token                                bos     = -1;
    token                                eos     = -1;
    token                                unknown = -1;
    std::vector<token>                   before; // what a prompt begins with, usually bos or nothing
    std::vector<token>                   after;  // and what a complete text ends with
    std::vector<std::string>             notes;  // what was found and is not as files usually are; one line each
};

} // namespace qeval
