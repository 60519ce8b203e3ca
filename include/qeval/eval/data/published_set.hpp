// Whether a file holds what is published under a task's name: all of it, a part, or a user's own items.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/file/sha256.hpp>

namespace qeval {

// The names and numbers by which a published set is known, whatever layout it is kept in.
struct published_set {
    std::string_view name; // "ARC-Easy, test split"
    index            items = 0;
    std::string_view contents{}; // digest_of() all marks; empty: not known
    std::string_view probes{};   // the first 8 digits of some items' marks: who has one of them has a part of the set
    std::string_view names{};    // what the names of its items begin with, and no others; empty: nothing
    std::string_view bytes{};    // SHA-256 of the published file, where the contents are not known
};

enum class data_kind {
    no_set,    // nothing is published under the task's name
    published, // all items of the published set, and no others
    own,       // items of the user's
    partial,   // a part of the published set, more than it, or questions that stand among their own examples
};

[[nodiscard]] constexpr std::string_view name_of(data_kind kind) {
    constexpr std::string_view names[] = {"", "published", "own", "partial"};
    return names[static_cast<std::size_t>(kind)];
}

// What an evaluation says of a task's data, in its protocol and, where they are partial, beside every score.
struct data_facts {
    data_kind   kind = data_kind::no_set;
    std::string words{}; // "1300 of the 1319 items of GSM8K, test split"
};

// An item's mark: the first 16 hexadecimal digits of the SHA-256 over its texts, each followed by a zero byte.
[[nodiscard]] inline std::string item_mark(std::vector<std::string_view> const& texts) {
    sha256 hash;
    for (auto const t : texts) {
        hash.update(t);
        hash.update(std::string_view("\0", 1));
    }
    return hash.hex().substr(0, 16);
}
// Of all items, in any order.
[[nodiscard]] inline std::string digest_of(std::vector<std::string> marks) {
    std::sort(marks.begin(), marks.end());
    sha256 hash;
    for (auto const& m : marks) hash.update(m);
    return hash.hex().substr(0, 16);
}

// Compares the marks of a user's items, and the SHA-256 of the file, with the published set.
[[nodiscard]] inline data_facts facts_about(published_set const& set, std::vector<std::string> const& marks,
                                            std::string_view sha256) {
    auto const        count = [](index n) { return std::to_string(n) + (n == 1 ? " item" : " items"); };
    std::string const name(set.name);
    index const       items = std::ssize(marks);
    if ((!set.bytes.empty() && sha256 == set.bytes) || (!set.contents.empty() && digest_of(marks) == set.contents))
        return {data_kind::published, name + ", as published (" + count(items) + ")"};
    constexpr std::size_t    digits = 8;
    std::vector<std::string> known;
    for (auto const& m : marks) known.push_back(m.substr(0, digits));
    std::sort(known.begin(), known.end());
    bool some = false;
    for (std::size_t at = 0; at < set.probes.size(); at += digits)
        some = some || std::binary_search(known.begin(), known.end(), set.probes.substr(at, digits));
    if (!some && set.probes.empty() && items == set.items)
        return {data_kind::own, count(items) + ", as many as " + name + " has, in a file of another hash"};
    if (!some) return {data_kind::own, "the user's own (" + count(items) + "), not " + name};
    if (items == set.items)
        return {data_kind::partial, name + ", of which some of the " + count(items) + " are others than published"};
    return {data_kind::partial, items < set.items
                                    ? std::to_string(items) + " of the " + count(set.items) + " of " + name
                                    : count(items) + ", more than the " + std::to_string(set.items) + " of " + name};
}

// The same for a set that is known by the hash of its file, and by what its items' names begin with.
[[nodiscard]] inline data_facts facts_by_names(published_set const& set, std::vector<std::string> const& names,
                                               std::string_view sha256) {
    std::string const name(set.name), all = std::to_string(set.items) + " items";
    index const       items = std::ssize(names);
    index const       known = std::ranges::count_if(names, [&](auto const& n) { return n.starts_with(set.names); });
    if (sha256 == set.bytes) return {data_kind::published, name + ", as published (" + all + ")"};
    if (known == 0) return {data_kind::own, "the user's own (" + std::to_string(items) + " items), not " + name};
    if (known == set.items && items == known)
        return {data_kind::published, name + ", all " + all + " by their names, in a file of another hash"};
    return {data_kind::partial, std::to_string(known) + " of the " + all + " of " + name +
                                    (items > known ? " and " + std::to_string(items - known) + " others" : "")};
}
// How many of the items stand among worked examples that are shown with them.
[[nodiscard]] inline index leaks_in(std::vector<std::string> const& marks, std::vector<std::string> shown) {
    std::sort(shown.begin(), shown.end());
    return std::count_if(marks.begin(), marks.end(),
                         [&](auto const& m) { return std::binary_search(shown.begin(), shown.end(), m); });
}
[[nodiscard]] inline data_facts with_leaks(data_facts facts, index leaks) {
    if (leaks == 0) return facts;
    return {data_kind::partial,
            facts.words + "; worked examples give away " + std::to_string(leaks) + " answer" + (leaks == 1 ? "" : "s")};
}

} // namespace qeval
