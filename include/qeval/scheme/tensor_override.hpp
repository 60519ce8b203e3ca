// Reads llama-quantize's --tensor-type PATTERN=TYPE. Origin: parse_tensor_type in tools/quantize/quantize.cpp: the name
// ends at the first "=", is taken in lower case, and is a regular expression as std::regex reads it, which may be found
// anywhere in the name of a tensor.
#pragma once

#include <memory>
#include <regex>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/scheme/mix_overrides.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

// usage_error SC08 where it is not of that form.
[[nodiscard]] inline tensor_override tensor_override_of(std::string_view text) {
    auto const refuse = [&](std::string found) {
        throw usage_error{{"SC08", "--tensor-type " + qeval::quoted(text), std::move(found), "PATTERN=TYPE",
                           "for example ffn_down=q6_k, or \"blk\\.[0-3]\\.attn_v=q8_0\": a regular expression that is "
                           "found in the name of a tensor of a GGUF"}};
    };
    auto const sign = text.find('=');
    if (sign == text.npos) refuse("no =");
    if (sign == 0) refuse("no pattern");
    if (sign + 1 == text.size()) refuse("no type");
    tensor_override made{std::string(text), {}, std::string(text.substr(sign + 1))};
    try {
        auto const pattern = std::make_shared<std::regex const>(detail::lower(text.substr(0, sign)));
        made.found_in      = [pattern](std::string_view name) {
            return std::regex_search(name.begin(), name.end(), *pattern);
        };
    } catch (std::regex_error const& why) {
        refuse(why.what());
    }
    return made;
}

} // namespace qeval
