// A regular expression over UTF-8 whose work is bounded. The only header that includes PCRE2.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <qeval/core/decode_utf8.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/text/regex_dialect.hpp>

namespace qeval {

enum class regex_syntax { pcre2, oniguruma, literal };

// Immutable after construction; may be shared by threads (each scan has its own match data).
class regex {
public:
    // `place` is what errors call the pattern: file and field.
    regex(std::string_view pattern, std::string place, regex_syntax syntax = regex_syntax::pcre2)
        : pattern_(pattern), place_(std::move(place)) {
        if (pattern.empty()) fail("TK02", "an empty pattern", "a pattern that matches something");
        std::string spelled(pattern);
        if (syntax == regex_syntax::oniguruma) {
            try {
                spelled = oniguruma_pattern(pattern, is_script).pcre2();
            } catch (regex_dialect_error const& e) {
                invalid(e.offset, std::string(e.what()) + ", which PCRE2 reads differently");
            }
        }
        std::uint32_t options = PCRE2_UTF | PCRE2_USE_OFFSET_LIMIT;
        options |= syntax == regex_syntax::literal ? PCRE2_LITERAL : PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
        if (syntax == regex_syntax::oniguruma) options |= PCRE2_MULTILINE; // there ^ and $ are line anchors
        std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> const context(
            pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
        if (!context) throw std::bad_alloc();
        pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
        pcre2_set_max_pattern_length(context.get(), max_pattern_bytes);
        int        code   = 0;
        PCRE2_SIZE offset = 0;
        code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spelled.data()), spelled.size(), options, &code, &offset,
                                  context.get()));
        if (!code_) invalid(offset, message(code));
        pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE); // where the machine has none, the interpreter does it
    }

    [[nodiscard]] std::string const& pattern() const { return pattern_; }

    // The non-overlapping matches of a text, leftmost first. Keep one scan for many texts.
    class scan {
    public:
        // `patience`: for any text; long ones get more.
        explicit scan(regex const& r, std::chrono::milliseconds patience = std::chrono::seconds(5))
            : regex_(&r),
              patience_(patience),
              data_(pcre2_match_data_create(1, nullptr), &pcre2_match_data_free),
              context_(pcre2_match_context_create(nullptr), &pcre2_match_context_free),
              start_(clock::now()) {
            if (!data_ || !context_) throw std::bad_alloc();
            pcre2_set_heap_limit(context_.get(), max_heap_kib);
        }

        // f(begin, end) for each match in `text`, which must be UTF-8.
        template <class F>
        void operator()(std::string_view text, F&& f) {
            scanned_ += text.size();
            pcre2_set_match_limit(context_.get(), static_cast<std::uint32_t>(std::min<std::size_t>(
                                                      base_match_limit + 16 * text.size(), 0xffffffffU)));
            std::size_t at = 0;
            while (at < text.size()) {
                // A pattern such as "a*b" costs O(n) at each of n starts: look at few starts at a time, then at the
                // clock.
                std::size_t const starts = std::max<std::size_t>(64, window_work / (text.size() - at));
                std::size_t const last   = starts < text.size() - at ? at + starts : text.size();
                pcre2_set_offset_limit(context_.get(), last);
                int const rc = match(text, at);
                if (rc == PCRE2_ERROR_NOMATCH) {
                    at = last + 1;
                    while (at < text.size() && continues_utf8(text[at])) ++at;
                } else if (rc < 0) {
                    regex_->fail("TK01", message(rc), "a pattern that finishes within its limits",
                                 "a pattern with nested repeats, which backtracks without end");
                } else {
                    PCRE2_SIZE const* const found = pcre2_get_ovector_pointer(data_.get());
                    if (found[1] <= found[0] || found[0] < at) {
                        regex_->fail("TK02", "a match of the empty text at byte " + std::to_string(found[0]),
                                     "a pattern that matches at least one character");
                    }
                    f(std::size_t{found[0]}, std::size_t{found[1]});
                    at = found[1];
                }
                if (text.size() > 4096 || ++calls_ % 1024 == 0) check_time();
            }
        }

    private:
        using clock = std::chrono::steady_clock;

        int match(std::string_view text, std::size_t at) {
            auto const run = [&](std::uint32_t options) {
                return pcre2_match(regex_->code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                   options | PCRE2_NO_UTF_CHECK, data_.get(), context_.get());
            };
            int const rc = run(0);
            return rc == PCRE2_ERROR_JIT_STACKLIMIT ? run(PCRE2_NO_JIT) : rc;
        }
        void check_time() const {
            auto const limit = patience_ + std::chrono::microseconds(2 * scanned_);
            if (clock::now() - start_ > limit) {
                regex_->fail("TK01",
                             "no end after " + std::to_string(limit.count() / 1000) + " ms on " +
                                 std::to_string(scanned_) + " bytes",
                             "a pattern whose cost grows with the length of the text",
                             "a pattern that backtracks too much");
            }
        }

        regex const*                                                              regex_;
        std::chrono::milliseconds                                                 patience_;
        std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>       data_;
        std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context_;
        clock::time_point                                                         start_;
        std::size_t                                                               scanned_ = 0; // bytes
        std::size_t                                                               calls_   = 0;
    };

private:
    static constexpr std::size_t   max_pattern_bytes = 65536;
    static constexpr std::size_t   base_match_limit  = 10'000'000;           // PCRE2's own default
    static constexpr std::uint32_t max_heap_kib      = 131072;               // of the interpreter
    static constexpr std::size_t   window_work       = std::size_t{1} << 26; // starts x bytes after them

    struct code_deleter {
        void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    };
    static bool is_script(std::string_view name) {
        std::string const pattern = "\\p{sc:" + std::string(name) + "}";
        int               code    = 0;
        PCRE2_SIZE        offset  = 0;
        return std::unique_ptr<pcre2_code, code_deleter>(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()),
                                                                       pattern.size(), PCRE2_UTF, &code, &offset,
                                                                       nullptr)) != nullptr;
    }
    static std::string message(int code) {
        char text[256] = {};
        pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
        return text;
    }
    [[noreturn]] void invalid(std::size_t offset, std::string const& why) const {
        fail("TK02", qeval::quoted(pattern_) + ", at byte " + std::to_string(offset) + ": " + why,
             "a valid regular expression");
    }
    [[noreturn]] void fail(char const* id, std::string found, std::string expected, std::string likely = {}) const {
        throw file_error{{id, place_, std::move(found), std::move(expected), std::move(likely)}};
    }

    std::string                               pattern_;
    std::string                               place_;
    std::unique_ptr<pcre2_code, code_deleter> code_;
};

} // namespace qeval
