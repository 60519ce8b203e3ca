// Protocols whose windows do not overlap and score all their tokens but the first: GPTQ's, which llmc, AutoAWQ,
// SmoothQuant and QuaRot have taken over, llmc's for other data sets, and exllamav3's. They tokenize with Hugging
// Face's libraries, which read special tokens in a text as such.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/eval/text/text_rows.hpp>

namespace qeval {

// A Rule has a name; its words; prepare(file, what errors call the file), which returns the text; most_tokens(ctx) and
// most_windows (0: all); limits(ctx), these in words; and leaves_last, whether a window that ends with the text is left
// out.
template <class Rule>
struct whole_windows : plain_perplexity {
    static constexpr std::string_view name           = Rule::name;
    static constexpr bool             has_divergence = false;
    index                             ctx            = 2048;
    bool                              specials       = true;

    constexpr whole_windows() = default;
    constexpr explicit whole_windows(index window, bool read_specials = true) : ctx(window), specials(read_specials) {}

    [[nodiscard]] std::string text() const {
        return std::string(Rule::words) + ": windows of " + std::to_string(ctx) + ", all " + std::to_string(ctx - 1) +
               " next tokens scored, exp of the mean of window means" + Rule::limits(ctx) +
               (specials ? "" : specials_are_text);
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view file, std::string const& place,
                                       item_limit limit) const {
        refuse_context(engine, name, ctx);
        auto w = tokenize_text(engine, Rule::prepare(file, place), text(), specials);
        refuse_short_text(w, 1, ctx + (Rule::leaves_last ? 1 : 0), place);
        index const tokens = std::min(w.text_tokens, Rule::most_tokens(ctx));
        for (index begin = 0; begin + ctx + (Rule::leaves_last ? 1 : 0) <= tokens; begin += ctx) w.add(begin, ctx, 0);
        w.keep_first(Rule::most_windows);
        w.keep_first(limit);
        w.measure_perplexity();
        return w;
    }
};

struct unlimited_windows {
    static constexpr index most_windows = 0; // all
    static constexpr bool  leaves_last  = false;
    static constexpr index most_tokens(index) { return std::numeric_limits<index>::max(); }
    static std::string     limits(index) { return ""; }
};

struct gptq_rule : unlimited_windows {
    static constexpr std::string_view name = "perplexity:gptq2048", words = "GPTQ: rows joined by two line breaks";
    static std::string prepare(std::string_view file, std::string const&) { return joined_rows(file, "\n\n"); }
};
struct llmc_c4_rule : unlimited_windows {
    static constexpr std::string_view name  = "perplexity:llmc_c4",
                                      words = "llmc c4: the first 1100 rows joined by a space";
    static std::string prepare(std::string_view file, std::string const& place) {
        return joined_texts(file, place, " ", 1100);
    }
    static constexpr index most_tokens(index ctx) { return 256 * ctx; }
    static std::string     limits(index ctx) { return ", the first " + std::to_string(256 * ctx) + " tokens"; }
};
struct llmc_ptb_rule : unlimited_windows {
    static constexpr std::string_view name = "perplexity:llmc_ptb", words = "llmc ptb: sentences joined by a space";

    static std::string prepare(std::string_view file, std::string const& place) {
        return joined_texts(file, place, " ");
    }
};
struct llmc_pile_rule : unlimited_windows {
    static constexpr std::string_view name  = "perplexity:llmc_pile",
                                      words = "llmc pile: the first 1000 rows joined by two line breaks";
    static std::string prepare(std::string_view file, std::string const& place) {
        return joined_texts(file, place, "\n\n", 1000);
    }
};
struct exllamav3_rule : unlimited_windows {
    static constexpr std::string_view name  = "perplexity:exllamav3",
                                      words = "exllamav3: rows joined by two line breaks";
    static constexpr index most_windows     = 100;
    static constexpr bool  leaves_last      = true;
    static std::string     prepare(std::string_view file, std::string const&) { return joined_rows(file, "\n\n"); }
    static std::string     limits(index) { return ", the first 100 windows"; }
};

using gptq_2048 = whole_windows<gptq_rule>;
using llmc_c4   = whole_windows<llmc_c4_rule>;
using llmc_ptb  = whole_windows<llmc_ptb_rule>;
using llmc_pile = whole_windows<llmc_pile_rule>;
using exllamav3 = whole_windows<exllamav3_rule>;

} // namespace qeval
