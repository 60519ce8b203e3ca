// Mistral's tekken.json: ranked bytes like tiktoken's, behind a block of special tokens, with their pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/ranked_bytes.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json_fields.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// Those of files that list none (mistral-common 1.13, versions up to v7), by id.
inline constexpr std::string_view tekken_specials =
    "<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] [/TOOL_RESULTS] [TOOL_CALLS] "
    "[IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] [SUFFIX] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]";

// Told from tokenizer.json by what lies at the root, since both are called .json.
[[nodiscard]] inline bool is_tekken(json_document const& document) {
    auto const config = document.root().is_object() ? document.find("config") : std::nullopt;
    return config && config->is_object() && config->find("default_num_special_tokens").has_value();
}

class tekken_reader : tokenizer_json_fields {
public:
    explicit tekken_reader(json_document const& document) : document_(document) {}

    [[nodiscard]] tokenizer_parts read() && {
        parts_.words      = vocabulary(document_.file());
        auto const config = document_.at("config");
        auto const most   = static_cast<std::int64_t>(vocabulary::max_pieces);
        auto const before = config.at("default_num_special_tokens").integer(min_specials, max_specials);
        auto const size   = config.at("default_vocab_size").integer(before, most);
        ranks(static_cast<token>(before), static_cast<std::size_t>(size - before));
        specials(before);
        auto const pattern = config.at("pattern");
        parts_.pretokenize.steps.emplace_back(split_step{compiled(pattern.string(), pattern, regex_syntax::oniguruma)});
        return std::move(parts_);
    }

private:
    static constexpr std::int64_t min_specials = 20; // as many as have names
    static constexpr std::int64_t max_specials = 10'000;

    static void check_place(json_value rank, std::int64_t place, std::int64_t count) {
        if (!rank.is_integer() || !rank.integer_within(place, place) || place >= count) {
            rank.fail(std::to_string(place) + ", its place in a list of at most " + std::to_string(count), "", "TK04");
        }
    }
    // The file may list more than the model has: only the first `count` count.
    void ranks(token before, std::size_t count) {
        auto const vocab = document_.at("vocab");
        if (!vocab.is_array() || vocab.size() < count) {
            vocab.fail("an array of at least " + std::to_string(count) + " tokens, as config says",
                       "a file that was cut", "TK11");
        }
        ranked_bytes found(before);
        for (std::size_t i = 0; i < count; ++i) {
            auto const one   = vocab[i];
            auto       bytes = decoded_base64(one.at("token_bytes"));
            if (bytes.empty()) one.at("token_bytes").fail("at least one byte", "", "TK11");
            check_place(one.at("rank"), static_cast<std::int64_t>(i), static_cast<std::int64_t>(count));
            found.add(parts_.words, std::move(bytes), static_cast<std::int64_t>(i));
        }
        found.learn(parts_);
    }
    // Ids without a name have the names that the publisher's program gives them.
    void specials(std::int64_t count) {
        std::int64_t next = 0;
        if (auto const listed = document_.find("special_tokens")) {
            listed->for_each_element([&](std::size_t, json_value one) {
                check_place(one.at("rank"), next, count);
                add_special(parts_, one.at("token_str").string(), next++);
            });
        } else {
            next = add_specials(parts_, tekken_specials, next);
        }
        while (next < count) next = add_specials(parts_, "<SPECIAL_" + std::to_string(next) + ">", next);
        auto const id = [&](std::string_view name) { return parts_.words.find(name).value_or(-1); };
        parts_.bos    = id("<s>");
        parts_.eos    = id("</s>");
        if (parts_.bos >= 0) parts_.before.push_back(parts_.bos); // what every version of its templates begins with
    }

    json_document const& document_;
    tokenizer_parts      parts_;
};

} // namespace qeval
