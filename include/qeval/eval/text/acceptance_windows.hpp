// The logit check of MindIE's model test: both models read texts that the reference has written.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/text_windows.hpp>

namespace qeval {

// The reference continues prompts greedily. Every token that it writes is scored; so is the end token, since the check
// includes whether a scheme stops where the reference does. A sequence is compared up to and with the first position at
// which the two models would write different tokens, or to its end (divergence_result::acceptance). Prompts are cut
// from a text, one behind the other: half a window is prompt, half is written. MindIE sums KL in float32, which rounds
// by about 1e-6; the sums here are double.
struct kl_acceptance : plain_perplexity {
    static constexpr std::string_view name           = "kl_acceptance";
    static constexpr bool             is_check       = true;
    static constexpr bool             has_divergence = true;
    index                             ctx            = 256;
    bool                              specials       = true;

    [[nodiscard]] std::string text() const {
        return "MindIE logit check: " + std::to_string(ctx - ctx / 2) +
               " tokens written greedily by the reference behind prompts of " + std::to_string(ctx / 2) +
               ", at most 16 prompts; KL(reference || scheme) up to and with the first different token or the end "
               "token; passes if none is above 1e-3 and at most 0.5 % are above 1e-4" +
               (specials ? "" : specials_are_text);
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view text, std::string const& place,
                                       item_limit limit) const {
        refuse_context(engine, name, ctx);
        auto const                    source = tokenize_text(engine, text, this->text(), specials);
        std::vector<generate_request> prompts;
        refuse_short_text(source, 1, ctx / 2, place);
        index const most = limit.among(source.text_tokens / (ctx / 2), 16);
        for (index begin = 0; std::ssize(prompts) < most; begin += ctx / 2) {
            generate_request r;
            r.prompt         = std::vector(source.tokens.begin() + begin, source.tokens.begin() + begin + ctx / 2);
            r.how.max_tokens = ctx - ctx / 2;
            prompts.push_back(std::move(r));
        }
        auto const   written = engine.generate(prompts);
        text_windows w       = source;
        w.tokens.clear();
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            auto tokens = written[i].tokens;
            if (written[i].end >= 0) tokens.push_back(written[i].end);
            // Where the reference could not go on, its logits behind the last token are scored too, so that the window
            // fails and is counted. Which token stands there does not matter.
            if (!error_of(written[i]).empty() || tokens.empty()) tokens.push_back(source.tokens[0]);
            index const begin = std::ssize(w.tokens), size = std::ssize(prompts[i].prompt) + std::ssize(tokens);
            w.tokens.insert(w.tokens.end(), prompts[i].prompt.begin(), prompts[i].prompt.end());
            w.tokens.insert(w.tokens.end(), tokens.begin(), tokens.end());
            w.add(begin, size, std::ssize(prompts[i].prompt) - 1);
        }
        w.measure_perplexity();
        return w;
    }
};

} // namespace qeval
