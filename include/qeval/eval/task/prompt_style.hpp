// How the prompts of items are put to a model: as plain texts, or as conversations by its chat template.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/task/middle_spelling.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/io/chat/chat_format.hpp>
#include <qeval/io/chat/chat_message.hpp>
#include <qeval/io/text/python_space.hpp>

namespace qeval {

// Origin: lm-eval 0.4.13, ConfigurableTask.fewshot_context and construct_requests.
struct prompt_style {
    std::optional<chat_format> chat{};       // none: plain text
    std::string                system{};     // --system-instruction; it stands before what a task says itself
    bool                       turns = true; // worked examples are turns; false: they stand in the question

    std::optional<middle_spelling> fill{}; // of tasks with a gap: by the model's own tokens

    // What the model reads: the frame with its first `shots` examples, then the question.
    [[nodiscard]] prompt_text write(prompt_frame const& frame, std::size_t shots, std::string_view question) const {
        auto const examples = frame.text(shots).substr(frame.preamble().size());
        auto       opening  = joined(system, frame.preamble());
        if (!chat) return {opening.append(examples).append(question)};
        std::vector<chat_message> messages;
        if (!opening.empty()) messages.push_back({chat_role::system, std::move(opening)});
        for (std::size_t i = 0; turns && i < shots; ++i) {
            messages.push_back({chat_role::user, std::string(frame.question(i))});
            messages.push_back({chat_role::assistant, std::string(frame.answer(i))});
        }
        messages.push_back({chat_role::user, std::string(turns ? std::string_view() : examples).append(question)});
        chat_text const text = chat->write(std::move(messages));
        return {text.text(), {text.markup().begin(), text.markup().end()}, chat->writes_bos && !chat->bos.empty()};
    }
    [[nodiscard]] prompt_text write(prompt_frame const& frame, std::string_view question) const {
        return write(frame, frame.shots(), question);
    }
    // An answer as it is scored behind the prompt. A template has said all that stands between them: no delimiter does.
    [[nodiscard]] std::string answer(std::string_view text, std::size_t delimiter) const {
        return std::string(text.substr(chat ? delimiter : 0));
    }
    // Behind a protocol in words; empty where nothing is unusual.
    [[nodiscard]] std::string words() const {
        std::string s;
        if (chat) {
            s.append("; chat template ").append(chat->rules->name).append(", answers ranked without the delimiter");
            if (!turns) s += ", worked examples in the question";
            if (!chat->takes_system) s += ", system messages left out";
            if (!chat->default_system.empty()) s += ", default system message \"" + chat->default_system + "\"";
        }
        if (!system.empty()) s += "; system instruction \"" + system + "\"";
        return s;
    }

private:
    // lm-eval's maybe_delimit: an empty line between both, unless white space stands there.
    static std::string joined(std::string_view first, std::string_view second) {
        std::string text(first);
        bool const  apart = python_space::last_of(first) > 0 || python_space::first_of(second) > 0;
        if (!first.empty() && !second.empty() && !apart) text += "\n\n";
        return text.append(second);
    }
};

} // namespace qeval
