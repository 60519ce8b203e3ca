// What a task asks an engine about one item.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval {

// The requests of one item. Request is score_request or generate_request; a multiple-choice item has one request for
// each choice.
template <class Request>
struct question {
    std::vector<Request> requests;
    bool                 truncated = false; // a prompt was cut on the left to fit the model's context
};

// Names what was asked: the first 16 hexadecimal digits of a SHA-256 over all tokens and sampling parameters. A store
// keeps an answer under this name.
template <class Request>
[[nodiscard]] std::string name_of(question<Request> const& q) {
    sha256     hash;
    auto const number = [&](std::uint64_t n) { hash.update(std::as_bytes(std::span(&n, 1))); };
    auto const tokens = [&](std::span<token const> t) {
        number(t.size());
        hash.update(std::as_bytes(t));
    };
    for (Request const& r : q.requests) {
        if constexpr (std::is_same_v<Request, score_request>) {
            tokens(r.context);
            tokens(r.continuation);
        } else {
            tokens(r.prompt);
            for (std::uint64_t const n :
                 {static_cast<std::uint64_t>(r.how.max_tokens), std::bit_cast<std::uint64_t>(r.how.temperature),
                  std::bit_cast<std::uint64_t>(r.how.top_p), static_cast<std::uint64_t>(r.how.top_k), r.how.seed,
                  r.how.document, r.how.sample, static_cast<std::uint64_t>(r.how.stops.size())}) {
                number(n);
            }
            for (auto const& s : r.how.stops) {
                number(s.size());
                hash.update(s);
            }
        }
    }
    return hash.hex().substr(0, 16);
}

// Names a window of a text in the same way, by its tokens, the first position that is scored, and the scheme that it is
// compared with.
[[nodiscard]] inline std::string name_of_window(std::span<token const> tokens, index first,
                                                std::string_view reference) {
    sha256 hash;
    hash.update(std::as_bytes(tokens));
    hash.update(std::as_bytes(std::span(&first, 1)));
    hash.update(reference);
    return hash.hex().substr(0, 16);
}

} // namespace qeval
