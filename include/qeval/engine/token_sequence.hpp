// Tokens that several requests share: all choices of an item have the same context, all samples of a problem the same
// prompt.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <qeval/core/token.hpp>

namespace qeval {

// An immutable list of tokens with value semantics. Copies, and what last(n) returns, share one memory, which any
// number of threads may read. It converts to std::span<token const>.
class token_sequence {
public:
    token_sequence() = default;
    token_sequence(std::vector<token> tokens) // implicit: a vector of tokens is a sequence of them
        : shared_(std::make_shared<std::vector<token> const>(std::move(tokens))), tokens_(*shared_) {}
    token_sequence(std::initializer_list<token> tokens) : token_sequence(std::vector<token>(tokens)) {}

    [[nodiscard]] token const* data() const { return tokens_.data(); }
    [[nodiscard]] std::size_t  size() const { return tokens_.size(); }
    [[nodiscard]] bool         empty() const { return tokens_.empty(); }
    [[nodiscard]] token const* begin() const { return data(); }
    [[nodiscard]] token const* end() const { return data() + size(); }
    [[nodiscard]] token        operator[](std::size_t i) const { return tokens_[i]; }

    // The last `count` tokens, which are not copied.
    [[nodiscard]] token_sequence last(std::size_t count) const {
        token_sequence part = *this;
        part.tokens_        = tokens_.last(count);
        return part;
    }

    friend bool operator==(token_sequence const& a, token_sequence const& b) {
        return std::ranges::equal(a.tokens_, b.tokens_);
    }

private:
    std::shared_ptr<std::vector<token> const> shared_;
    std::span<token const>                    tokens_; // of *shared_
};

} // namespace qeval
