// Fields that several components of a tokenizer.json have, with the defaults of the tokenizers library; a value that is
// not known here is an error.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/text/base64.hpp>
#include <qeval/io/text/regex.hpp>
#include <qeval/io/text/utf8.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// The limits and error ids for every file of a tokenizer.
[[nodiscard]] inline json_limits tokenizer_json_limits() {
    json_limits limits;
    limits.id          = "TK09";
    limits.odd_numbers = true;
    return limits;
}

struct tokenizer_json_fields {
    static bool flag(json_value v, std::string_view key, bool otherwise) {
        auto const member = v.find(key);
        return member ? member->boolean() : otherwise;
    }
    [[noreturn]] static void unknown_type(json_value v, std::string_view what) {
        v.at("type").fail("a " + std::string(what) + " that qeval implements", "a newer or rarer kind of tokenizer",
                          "TK06");
    }
    template <class F>
    static void each(json_value v, std::string_view key, F&& f) {
        v.at(key).for_each_element([&](std::size_t, json_value one) { f(one); });
    }
    static std::shared_ptr<regex const> compiled(std::string_view pattern, json_value place, regex_syntax syntax) {
        return std::make_shared<regex const>(pattern, place.place(), syntax);
    }
    static std::shared_ptr<regex const> pattern_of(json_value v) { // {"String": text} or {"Regex": pattern}
        auto const pattern = v.at("pattern");
        if (auto const text = pattern.find("String")) return compiled(text->string(), *text, regex_syntax::literal);
        auto const expression = pattern.at("Regex");
        return compiled(expression.string(), expression, regex_syntax::oniguruma);
    }

    // What tokenizer.json's added_tokens and tokenizer_config.json's added_tokens_decoder say of a token.
    static added_token added_fields(json_value v) {
        added_token t;
        t.content     = v.at("content").string();
        t.special     = flag(v, "special", false);
        t.normalized  = flag(v, "normalized", !t.special);
        t.single_word = flag(v, "single_word", false);
        t.lstrip      = flag(v, "lstrip", false);
        t.rstrip      = flag(v, "rstrip", false);
        return t;
    }
    static std::string decoded_base64(json_value v) {
        auto bytes = bytes_of_base64(v.string());
        if (!bytes) v.fail("base64");
        return std::move(*bytes);
    }
    static match_fate fate_of(json_value v) {
        std::string const& name = v.string();
        if (name == "Isolated") return match_fate::isolated;
        if (name == "Removed") return match_fate::removed;
        if (name == "MergedWithPrevious") return match_fate::merged_with_previous;
        if (name == "MergedWithNext") return match_fate::merged_with_next;
        if (name == "Contiguous") return match_fate::contiguous;
        v.fail("Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous", "", "TK06");
    }
    static prepend_scheme prepend_of(json_value v) {
        auto const scheme = v.find("prepend_scheme");
        if (!scheme) return flag(v, "add_prefix_space", true) ? prepend_scheme::always : prepend_scheme::never;
        std::string const& name = scheme->string();
        if (name == "always") return prepend_scheme::always;
        if (name == "first") return prepend_scheme::first;
        if (name == "never") return prepend_scheme::never;
        scheme->fail("always, first or never", "", "TK06");
    }
    static std::string replacement_of(json_value v) {
        std::string const& text = v.at("replacement").string();
        if (text.empty() || decode_utf8(text, 0).length != text.size()) v.at("replacement").fail("one character");
        return text;
    }
};

} // namespace qeval
