// The text that several items begin with: a line about the subject, then worked examples.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval {

// The text with all examples is built once. The text with fewer examples is the beginning of it.
class prompt_frame {
public:
    prompt_frame() = default;
    prompt_frame(std::string preamble, std::vector<std::string> const& examples = {})
        : text_(std::move(preamble)), ends_{text_.size()} {
        for (auto const& e : examples) add(e);
    }
    void add(std::string_view example) {
        text_ += example;
        ends_.push_back(text_.size());
    }

    [[nodiscard]] std::size_t      shots() const { return ends_.size() - 1; }
    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::string_view text(std::size_t shots) const { // with the first `shots` examples only
        return std::string_view(text_).substr(0, ends_[shots]);
    }

private:
    std::string              text_;
    std::vector<std::size_t> ends_{0}; // where the preamble ends, then where each example ends
};

} // namespace qeval
