// The interface of what keeps outcomes while a run lasts, and between runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

// What was measured at each scored position of one window of a text: nll = -ln p of the token that follows;
// KL(reference
// || scheme) in nats; delta_p = p_scheme - p_reference of that token; and 1 where both models' most likely token is the
// same. The last three are empty where nothing is compared with the reference.
struct window_reading {
    std::vector<double>       nll, kl, delta_p;
    std::vector<std::uint8_t> same_top;
    answer_work               work{}; // what it took
};

// What is known of a scheme beside its answers. A run that has nothing left to ask need not build the scheme.
struct scheme_facts {
    double                    bits_per_weight = 0;
    std::uint64_t             weight_bytes    = 0;
    std::vector<std::string>  notes;
    provenance                origin;
    std::string               kernel;
    std::vector<tensor_error> tensors;
};

// Keeps outcomes by scheme, task and item, each under the name of its request (eval/task/question.hpp). A request of
// another name finds nothing.
class outcome_memory {
public:
    struct entry {
        index               item;
        std::string         request;
        item_outcome const* outcome;
    };
    struct window_entry {
        index          window;
        std::string    request;
        window_reading reading;
    };

    virtual ~outcome_memory() = default;

    [[nodiscard]] virtual std::optional<item_outcome>   find(std::string_view scheme, std::string_view task, index item,
                                                             std::string_view request)       = 0;
    [[nodiscard]] virtual std::optional<window_reading> find_window(std::string_view scheme, std::string_view task,
                                                                    index window, std::string_view request,
                                                                    index positions)         = 0;
    [[nodiscard]] virtual std::optional<scheme_facts>   find_scheme(std::string_view scheme) = 0;
    // What a process has taken that answered for the scheme.
    [[nodiscard]] virtual std::optional<scheme_process> find_process(std::string_view   scheme,
                                                                     std::string const& process) = 0;

    // Keep what one call of an engine gave: all of it, or nothing.
    virtual void put(std::string_view scheme, std::string_view task, std::span<entry const>)                = 0;
    virtual void put_windows(std::string_view scheme, std::string_view task, std::span<window_entry const>) = 0;
    virtual void put_scheme(std::string_view scheme, scheme_facts const&)                                   = 0;
    virtual void put_process(std::string_view scheme, scheme_process const&)                                = 0;
};

} // namespace qeval
