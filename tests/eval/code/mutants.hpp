// Programs that are nearly right: each is a solution with one word of it exchanged.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval_test {

inline constexpr std::pair<std::string_view, std::string_view> exchanges[] = {
    {"+", "-"},
    {"-", "+"},
    {"*", "+"},
    {"<", "<="},
    {">", ">="},
    {"==", "!="},
    {" and ", " or "},
    {"True", "False"},
    {"False", "True"},
    {"return ", "yield "},
    {"return ", "return lambda: "},
    {"return ", "raise "},
    {"1", "2"},
    {"0", "1"},
    {"if ", "if not "},
    {"not ", ""},
    {"range(", "range(1 + "},
    {"len(", "str("},
    {"sorted(", "reversed("},
    {"list(", "iter("},
    {"[", "("},
    {"def ", "class "},
    {"import ", "#"},
    {":", ""},
    {" in ", " not in "},
    {"max(", "min("},
    {".append(", ".extend("},
    {"sum(", "max("},
    {"for ", "fro "},
    {"return ", "return [*"},
    {"str(", "("},
    {"int(", "float("},
    {"set(", "tuple("},
    {"dict(", "list("},
    {"return ", "print("},
    {"return (", "return iter("},
    {"else", "finally"},
    {"    return", "   return"},
    {"break", "continue"},
    {"/", "//"},
    {"%", "//"},
};

// All programs that differ from `solution` in one exchange at one place, each once.
[[nodiscard]] inline std::vector<std::string> mutants_of(std::string const& solution) {
    std::vector<std::string> mutants;
    std::set<std::string>    seen{solution};
    for (auto const& [from, to] : exchanges) {
        for (std::size_t at = solution.find(from); at != solution.npos; at = solution.find(from, at + 1)) {
            std::string mutant = solution;
            mutant.replace(at, from.size(), to);
            if (seen.insert(mutant).second) mutants.push_back(std::move(mutant));
        }
    }
    return mutants;
}

} // namespace qeval_test
