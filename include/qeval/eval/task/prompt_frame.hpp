// The text that several items begin with: a line about the subject, then worked examples.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval {

// A question with its answer, and what stands between them and behind them in a text.
struct shown_example {
    std::string question, delimiter, answer, separator;
};

// The text with all examples is built once. The text with fewer examples is the beginning of it.
class prompt_frame {
public:
    prompt_frame() = default;
    explicit prompt_frame(std::string preamble) : text_(std::move(preamble)), preamble_(text_.size()) {}

    void add(shown_example const& e) {
        std::size_t const question = text_.size() + e.question.size(), answer = question + e.delimiter.size();
        text_.append(e.question).append(e.delimiter).append(e.answer).append(e.separator);
        examples_.push_back({question, answer, answer + e.answer.size(), text_.size()});
    }

    [[nodiscard]] std::size_t      shots() const { return examples_.size(); }
    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::string_view text(std::size_t shots) const { // with the first `shots` examples only
        return std::string_view(text_).substr(0, end_of(shots));
    }
    [[nodiscard]] std::string_view preamble() const { return text(0); }
    [[nodiscard]] std::string_view question(std::size_t i) const { return part(end_of(i), examples_[i].question); }
    [[nodiscard]] std::string_view answer(std::size_t i) const {
        return part(examples_[i].answer, examples_[i].answer_end);
    }

private:
    struct places { // where the question ends; the answer begins and ends; the example ends
        std::size_t question, answer, answer_end, end;
    };
    [[nodiscard]] std::size_t end_of(std::size_t shots) const {
        return shots == 0 ? preamble_ : examples_[shots - 1].end;
    }
    [[nodiscard]] std::string_view part(std::size_t begin, std::size_t end) const {
        return std::string_view(text_).substr(begin, end - begin);
    }

    std::string         text_;
    std::size_t         preamble_ = 0;
    std::vector<places> examples_;
};

} // namespace qeval
