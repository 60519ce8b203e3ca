// Writes oniguruma_golden.hpp: what Oniguruma (Debian's libonig-dev 6.9.8, the version in Hugging Face's tokenizers)
// matches in every_code_point().
//   g++ -std=c++20 -I. -Iinclude tests/golden/make_oniguruma.cpp -lonig -lcrypto && ./a.out >
//   tests/golden/oniguruma_golden.hpp
#include <cstdio>
#include <string>

#include <oniguruma.h>
#include <tests/golden/every_code_point.hpp>

#include <qeval/io/file/sha256.hpp>

namespace {

constexpr char const* patterns[] = {R"(\s+)",
                                    R"(\S+)",
                                    R"(\w+)",
                                    R"(\W+)",
                                    R"(\d+)",
                                    R"(\D+)",
                                    R"(\h+)",
                                    R"(\H+)",
                                    R"(\v+)",
                                    R"(\R)",
                                    R"(\N+)",
                                    R"(\b.)",
                                    R"(\B.)",
                                    R"(^.)",
                                    R"(.$)",
                                    R"(\A.)",
                                    R"(.\z)",
                                    R"([\s\w]+)",
                                    R"([^\s\w]+)",
                                    R"([\S]+)",
                                    R"([^\S]+)",
                                    R"([^\S\r\n]+)",
                                    R"([\d\h]+)",
                                    R"([^\w]+)",
                                    R"([\v]+)",
                                    R"([\D]+)",
                                    R"([\P{L}a]+)",
                                    R"([^\P{L}]+)",
                                    "[[:alpha:]]+",
                                    "[[:upper:]]+",
                                    "[[:lower:]]+",
                                    "[[:alnum:]]+",
                                    "[[:digit:]]+",
                                    "[[:punct:]]+",
                                    "[[:space:]]+",
                                    "[[:blank:]]+",
                                    "[[:cntrl:]]+",
                                    "[[:xdigit:]]+",
                                    "[[:word:]]+",
                                    "[[:ascii:]]+",
                                    "[^[:alpha:]]+",
                                    R"([^[:punct:]\s]+)",
                                    R"(\p{L}+)",
                                    R"(\p{Lu}+)",
                                    R"(\p{Ll}+)",
                                    R"(\p{Lt}+)",
                                    R"(\p{Lm}+)",
                                    R"(\p{Lo}+)",
                                    R"(\p{M}+)",
                                    R"(\p{Mn}+)",
                                    R"(\p{Mc}+)",
                                    R"(\p{N}+)",
                                    R"(\p{Nd}+)",
                                    R"(\p{Nl}+)",
                                    R"(\p{No}+)",
                                    R"(\p{P}+)",
                                    R"(\p{Pc}+)",
                                    R"(\p{Ps}+)",
                                    R"(\p{S}+)",
                                    R"(\p{Sc}+)",
                                    R"(\p{So}+)",
                                    R"(\p{Z}+)",
                                    R"(\p{Zs}+)",
                                    R"(\p{C}+)",
                                    R"(\p{Cc}+)",
                                    R"(\p{Cf}+)",
                                    R"(\p{Cn}+)",
                                    R"(\p{^L}+)",
                                    R"(\P{L}+)",
                                    R"(\p{Han}+)",
                                    R"(\p{^Han}+)",
                                    R"(\P{Han}+)",
                                    R"([^\p{Han}]+)",
                                    R"([\p{^Han}]+)",
                                    R"(\p{Hiragana}+)",
                                    R"(\p{Katakana}+)",
                                    R"(\p{Hangul}+)",
                                    R"(\p{Latin}+)",
                                    R"(\p{Greek}+)",
                                    R"(\p{Cyrillic}+)",
                                    R"(\p{Arabic}+)",
                                    R"(\p{Devanagari}+)",
                                    R"(\p{Thai}+)",
                                    R"(\p{Common}+)",
                                    R"(\p{Inherited}+)",
                                    R"(\p{Any}+)",
                                    R"(\p{Alphabetic}+)",
                                    R"(\p{Lowercase}+)",
                                    R"(\p{Uppercase}+)",
                                    R"(\p{White_Space}+)",
                                    R"(\p{Emoji}+)",
                                    R"(\p{ASCII}+)",
                                    R"(\p{Extended_Pictographic}+)",
                                    R"(\p{Join_Control}+)",
                                    R"(\p{Hani}+)",
                                    R"(\p{Alpha}+)",
                                    R"(\p{XID_Continue}+)",
                                    R"([\w\p{Join_Control}]+|[^\w\p{Join_Control}\s]+)",
                                    R"((?i)[a-z]+)",
                                    R"((?i)[^a-z]+)",
                                    R"((?i:'s|'t|k|s))",
                                    R"((?i)\p{Lu}+)",
                                    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                                    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                                    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
                                    R"([一-龥぀-ゟ゠-ヿ]+)"};

using bytes = OnigUChar const*;

} // namespace

int main() {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
    std::string const text  = qeval_test::every_code_point();
    auto const        begin = reinterpret_cast<bytes>(text.data()), end = begin + text.size();
    std::printf(
        "// Written by make_oniguruma.cpp with Oniguruma %s; do not edit.\n#pragma once\n\n#include <cstddef>\n\n"
        "namespace qeval_test {\n\n// `sha256`: of \"BEGIN END\\n\" for each match in every_code_point().\n"
        "struct oniguruma_class {\n    char const* pattern;\n    std::size_t matches;\n    char const* sha256;\n"
        "};\n// clang-format off\ninline constexpr oniguruma_class oniguruma_classes[] = {\n",
        onig_version());
    for (std::string const pattern : patterns) {
        regex_t*      compiled = nullptr;
        OnigErrorInfo why;
        auto const    source = reinterpret_cast<bytes>(pattern.data());
        if (onig_new(&compiled, source, source + pattern.size(), ONIG_OPTION_NONE, ONIG_ENCODING_UTF8,
                     ONIG_SYNTAX_ONIGURUMA, &why) != ONIG_NORMAL) {
            std::fprintf(stderr, "%s: not compiled\n", pattern.c_str());
            return 1;
        }
        OnigRegion* const region = onig_region_new();
        std::string       found;
        std::size_t       count = 0;
        for (auto at = begin; at < end; at = begin + region->end[0], ++count) {
            if (onig_search(compiled, begin, end, at, end, region, ONIG_OPTION_NONE) < 0) break;
            found += std::to_string(region->beg[0]) + " " + std::to_string(region->end[0]) + "\n";
        }
        std::printf("    {R\"(%s)\", %zu, \"%s\"},\n", pattern.c_str(), count, qeval::sha256_hex(found).c_str());
        onig_region_free(region, 1);
        onig_free(compiled);
    }
    std::printf("};\n// clang-format on\n\n} // namespace qeval_test\n");
}
