// What several items begin with: a line about the subject, then worked examples.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval {

// The text of all is built once; that of fewer examples is its beginning.
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
    [[nodiscard]] std::string_view text(std::size_t shots) const { // with the first ones only
        return std::string_view(text_).substr(0, ends_[shots]);
    }

private:
    std::string              text_;
    std::vector<std::size_t> ends_{0}; // of the preamble, then of each example
};

} // namespace qeval
