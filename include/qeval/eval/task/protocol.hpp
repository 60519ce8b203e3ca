// Perplexity protocols. A protocol says which tokens of a text are scored, which context each of them has, and how the
// losses become a number. Perplexities under two protocols cannot be compared.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_limit.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/text_windows.hpp>

namespace qeval {

// P::windows(engine, text, name, limit) tokenizes a text and cuts it into windows; `name` is what errors call the text.
// The text_windows that it returns have the metrics of P::metrics(), in that order.
template <class P>
concept perplexity_protocol = requires(P& p) {
    { P::name } -> std::convertible_to<std::string_view>; // in task names
    { P::has_divergence } -> std::convertible_to<bool>;   // KL divergence is defined over the same positions
    { P::metrics() } -> std::same_as<std::vector<metric_spec>>;
    { p.ctx } -> std::convertible_to<index>;     // the window, where --ctx may change it
    { p.specials } -> std::convertible_to<bool>; // "<|endoftext|>" in the text is that token, not its characters
    { p.text() } -> std::same_as<std::string>;   // the protocol in words, with its numbers
};

// It cuts a text into pages before it cuts windows, and can show them.
template <class P>
concept reads_pages = perplexity_protocol<P> && requires(std::string_view text, std::size_t number) {
    { P::page_count(text) } -> std::same_as<index>;
    { P::page_text(text, number) } -> std::same_as<item_text>;
};

// A protocol that gives not only a number, but a check that a scheme passes or fails (divergence_result::acceptance).
template <class P>
concept pass_fail_protocol = perplexity_protocol<P> && P::is_check;

// The base of most protocols, which have one metric.
struct plain_perplexity {
    [[nodiscard]] static std::vector<metric_spec> metrics() {
        return {{"perplexity", metric_kind::exp_of_mean, false}};
    }
};

// Cuts a text into the windows of a protocol, of which the first `limit` are kept.
template <perplexity_protocol P>
[[nodiscard]] text_windows cut_into_windows(any_engine& engine, P const& protocol, std::string_view text,
                                            std::string const& name, item_limit limit = {}) {
    return protocol.windows(engine, text, name, limit);
}

} // namespace qeval
