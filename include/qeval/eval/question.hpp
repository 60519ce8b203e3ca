// What a task asks an engine about one item.
#pragma once

#include <vector>

namespace qeval {

// Request is score_request or generate_request; a multiple-choice item has one for each choice.
template <class Request>
struct question {
    std::vector<Request> requests;
    bool                 truncated = false; // a prompt was cut on the left to fit the model's context
};

} // namespace qeval
