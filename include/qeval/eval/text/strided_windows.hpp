// Perplexity as the documentation of Hugging Face transformers computes it: windows overlap, and each token is scored
// once.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/eval/text/text_rows.hpp>

namespace qeval {

// Windows of max_length tokens begin every `stride` tokens. Each scores its new tokens, those that the window before
// does not have. The mean loss of a window is weighted by (new tokens - 1): the documentation subtracts one in every
// window because labels are shifted, though only the first window loses a token by that. (Revisions before 2024 weight
// by the new tokens; the result differs in the fourth digit.)
struct hf_strided : plain_perplexity {
    static constexpr std::string_view name           = "perplexity:hf_strided";
    static constexpr bool             has_divergence = false;
    index                             ctx = 0; // max_length; 0: the model's context, GPT-2's 1024 in the documentation
    bool                              specials = true;

    [[nodiscard]] std::string text() const {
        return "Hugging Face strided: rows joined by two line breaks, windows of " +
               (ctx > 0 ? std::to_string(ctx) : "the model's context") +
               ", half of it apart, new tokens scored, exp of the mean of window means weighted by new tokens - 1" +
               (specials ? "" : specials_are_text);
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view file, std::string const& place,
                                       item_limit limit) const {
        index const most = ctx > 0 ? ctx : engine.max_tokens();
        refuse_context(engine, name, most);
        auto w = tokenize_text(engine, joined_rows(file, "\n\n"), text(), specials);
        refuse_short_text(w, 1, 2, place);
        index scored_to = 0;
        for (index begin = 0; scored_to < w.text_tokens; begin += most / 2) {
            index const end = std::min(begin + most, w.text_tokens), fresh = end - scored_to;
            w.add(begin, end - begin, std::max<index>(0, end - begin - fresh - 1));
            w.windows.back().weight = static_cast<double>(fresh - 1);
            scored_to               = end;
        }
        w.keep_first(limit);
        w.measure_perplexity();
        return w;
    }
};

} // namespace qeval
