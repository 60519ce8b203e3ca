// A string that can be a template argument: format<"bell4", ...>.
#pragma once

#include <cstddef>
#include <string_view>

namespace qeval {

template <std::size_t N>
struct fixed_string {
    char data[N]{};

    constexpr fixed_string(char const (&text)[N]) { // implicit: literals are the point
        for (std::size_t i = 0; i < N; ++i) data[i] = text[i];
    }
    [[nodiscard]] constexpr std::string_view view() const { return {data, N - 1}; }
};

} // namespace qeval
