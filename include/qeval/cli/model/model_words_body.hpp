// The functions that read a checkpoint's words. All readers of tokenizers are compiled here, once.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/model_words.hpp>
#include <qeval/cli/model/words_place.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/token.hpp>
#include <qeval/eval/task/middle_spelling.hpp>
#include <qeval/io/chat/chat_format.hpp>
#include <qeval/io/chat/chat_templates.hpp>
#include <qeval/io/chat/find_chat.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_gguf.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

namespace detail {

[[nodiscard]] inline std::optional<found_chat> chat_in(words_place const& from) {
    return from.metadata != nullptr ? find_chat(*from.metadata) : find_chat(from.path);
}

} // namespace detail

QEVAL_DRIVER_ONCE tokenizer read_words(words_place const& from) {
    return from.metadata != nullptr ? read_gguf_tokenizer(*from.metadata) : load_tokenizer(from.path);
}
QEVAL_DRIVER_ONCE found_words find_words(words_place const& from) {
    try {
        return {read_words(from), {}, detail::chat_in(from)};
    } catch (error const& e) {
        return {{}, text("{}: {}: {}", e.id(), e.why().place, e.why().found), {}};
    }
}

[[nodiscard]] inline middle_spelling middle_of(tokenizer const& words, words_place const& from) {
    auto const spelled = [&](token id) { return id < 0 ? std::string("none") : std::string(words.piece(id)); };
    middle_spelling const found{spelled(words.middle().prefix), spelled(words.middle().suffix),
                                spelled(words.middle().middle)};
    if (words.middle().complete()) return found;
    throw usage_error{{"CH05", "--fill-in-the-middle, " + display_name(from.path),
                       "prefix: " + found.prefix + ", suffix: " + found.suffix + ", middle: " + found.middle,
                       "a token for each, such as <fim_prefix>, <fim_suffix> and <fim_middle>",
                       "a model that was not trained to fill in"}};
}

QEVAL_DRIVER_ONCE chat_choice choose_chat(wording_options const& wanted, words_place const& from,
                                          tokenizer const& words) {
    chat_choice choice{{{}, wanted.system_instruction, wanted.fewshot_as_multiturn}, -1, {}};
    if (wanted.fill_in_the_middle) {
        choice.style.fill = middle_of(words, from);
        if (!wanted.chat_template.empty() || !wanted.system_instruction.empty()) {
            throw usage_error{{"CH04", "--fill-in-the-middle", "a chat template or a system instruction, too",
                               "one or the other", "code with a gap is no conversation"}};
        }
    }
    if (wanted.chat_template.empty()) return choice;
    auto const        found = detail::chat_in(from);
    auto const* const named = find_chat_template(wanted.chat_template);
    if (wanted.chat_template == "auto") {
        if (!found || !found->format) {
            throw usage_error{
                {"CH02", "--apply-chat-template auto, " + (found ? found->place : display_name(from.path)),
                 found ? "a template that qeval does not know" : "no chat template", "one whose rendering is known",
                 "--apply-chat-template NAME takes one whatever the model says: " + chat_template_names()}};
        }
        choice.style.chat = found->format;
    } else if (named == nullptr) {
        throw usage_error{{"CH01", "--apply-chat-template", qeval::quoted(wanted.chat_template),
                           "auto, or one of " + chat_template_names(), ""}};
    } else if (found && found->format && found->format->rules == named) {
        choice.style.chat = found->format; // with a default system message of the source's own
    } else {
        choice.style.chat.emplace(*named);
        if (found) {
            choice.note = "the model's own chat template (" + found->place + ") is " +
                          (found->format ? std::string(found->name()) : "none that qeval knows") + "; " +
                          wanted.chat_template + " was asked for and taken";
        }
    }
    auto& chat = *choice.style.chat;
    if (words.bos() >= 0) chat.bos = words.piece(words.bos());
    if (words.eos() >= 0) chat.eos = words.piece(words.eos());
    // One token, or the vocabulary has none.
    auto const end = words.encode_with_specials(chat.rules->end_of_turn);
    if (end.size() == 1 && words.kind(end.front()) == piece_kind::control) choice.end = end.front();
    if (!chat.takes_system && !wanted.system_instruction.empty()) {
        throw usage_error{{"CH03", "--system-instruction", "a text", "none",
                           "the model's chat template (" + found->place + ") takes no system message"}};
    }
    return choice;
}

} // namespace qeval::cli
