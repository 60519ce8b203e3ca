// lm-eval's wikitext, version 2.0: a text is cut into pages, every token is scored once, and the loss is divided by the
// words, or bytes, of the original.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/eval/text/wikitext_pages.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

// A page is tokenized, behind BOS where the tokenizer adds one; that BOS is scored, too. The first window reads a
// prefix token (BOS, or the end-of-text token) and predicts the first `ctx` tokens of the page. Each further window
// reads the last token of the window before and predicts the next `ctx`. The last window has fewer tokens to predict,
// so it reads more tokens before them, as many as it has room for.
struct lm_eval_wikitext {
    static constexpr std::string_view name           = "perplexity:wikitext";
    static constexpr bool             has_divergence = false;
    index                             ctx            = 0; // 0: the model's context
    bool                              specials       = true;

    [[nodiscard]] static std::vector<metric_spec> metrics() {
        return {{"word_perplexity", metric_kind::exp_of_mean, false},
                {"byte_perplexity", metric_kind::exp_of_mean, false},
                {"bits_per_byte", metric_kind::mean, false}};
    }
    [[nodiscard]] std::string text() const {
        return "lm-eval wikitext 2.0: pages, detokenized, rolling windows of " +
               (ctx > 0 ? std::to_string(ctx) : "the model's context") +
               " behind a prefix token, every token scored once; exp of the loss per word, and per byte, of the "
               "original pages" +
               (specials ? "" : specials_are_text);
    }
    [[nodiscard]] text_windows windows(any_engine& engine, std::string_view file, std::string const& place,
                                       item_limit limit) const {
        index const most = ctx > 0 ? ctx : engine.max_tokens();
        refuse_context(engine, name, most);
        text_windows w;
        w.protocol = text();
        sha256 hash;
        hash.update(file);
        w.text_sha256     = hash.hex();
        double      words = 0, bytes = 0;
        token const prefix = engine.bos() >= 0 ? engine.bos() : engine.eos();
        auto        pages  = wikitext_pages(file);
        pages.resize(static_cast<std::size_t>(limit.among(std::ssize(pages)))); // the limit counts pages
        for (auto const& page : pages) {
            words += static_cast<double>(space_separated_parts(page));
            bytes += static_cast<double>(page.size());
            std::string words_of_page = w.protocol; // encode_text() may append to it; that of one page is enough
            auto        ids           = encode_text(engine, wikitext_detokenized(page), specials, words_of_page);
            if (auto const bos = engine.bos(); bos >= 0) ids.insert(ids.begin(), bos);
            if (&page == pages.data()) w.protocol = words_of_page;
            auto const first = w.windows.size();
            roll(w, prefix, ids, most);
            for (auto at = first; at < w.windows.size(); ++at) w.windows[at].page = &page - pages.data();
        }
        if (w.windows.empty()) refuse_short_text(w, 1, 1, place);
        auto const named = metrics();
        w.metrics        = {{named[0], words, 1}, {named[1], bytes, 1}, {named[2], bytes, 1 / std::numbers::ln2}};
        return w;
    }
    // Its pages in words, and how many of each metric's units share a page's loss.
    [[nodiscard]] static index     page_count(std::string_view file) { return std::ssize(wikitext_pages(file)); }
    [[nodiscard]] static item_text page_text(std::string_view file, std::size_t number) {
        std::string const page = wikitext_pages(file)[number], asked = wikitext_detokenized(page);
        auto const        bytes = std::ssize(page);
        return {json_text({{"page", page}}),
                asked,
                {{asked, {}}},
                {},
                {static_cast<index>(space_separated_parts(page)), bytes, bytes}};
    }

private:
    static void roll(text_windows& w, token prefix, std::vector<token> const& ids, index most) {
        index const first = std::ssize(w.tokens), count = std::ssize(ids);
        w.tokens.push_back(prefix);
        w.tokens.insert(w.tokens.end(), ids.begin(), ids.end());
        w.text_tokens += count + 1;
        // Positions count in prefix + ids. The window [begin, end] predicts its last `fresh` tokens.
        for (index done = 0; done < count;) {
            index const fresh = std::min(most, count - done), end = done + fresh;
            index const begin = done == 0 ? 0 : std::max<index>(0, end - most);
            w.add(first + begin, end - begin + 1, end - begin - fresh);
            done = end;
        }
    }
};

} // namespace qeval
