// What a configuration says beside its architecture: tokens that begin and end a text, and how weights are stored.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/taken_default.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/tokenizer/reader/gguf_vocabulary.hpp>

namespace qeval {

struct config_facts {
    std::optional<index>       bos          = {};
    std::vector<index>         eos          = {}; // each of them ends a text
    std::vector<text_end>      ends         = {}; // the same, once for each place
    std::string                quantized_by = {}; // the method, which who opens the checkpoint knows; empty: nobody
    std::vector<taken_default> defaults     = {}; // what they do not say, and the class does
    std::vector<std::string>   notes        = {}; // what the files say that is left aside
};

namespace detail {

// The ids that an entry of config.json or generation_config.json lists: one number, or several. Those that the
// vocabulary does not have are left aside, as every other reader does; -1 is a common way to say "none".
inline void add_ids(config_reader const& r, config_entry entry, index vocabulary, std::vector<index>& ids) {
    auto const add = [&](config_entry one) {
        if (auto const id = one.integer_within(0, vocabulary - 1)) return ids.push_back(*id);
        r.note(one.place() + ": " + one.found() + " is left aside, the vocabulary has " + std::to_string(vocabulary) +
               " tokens");
    };
    if (!entry.json().is_array()) return add(entry);
    entry.json().for_each_element([&](std::size_t, json_value id) { add(id); });
}

} // namespace detail

// `vocabulary`: ids are less.
[[nodiscard]] inline config_facts read_facts(config_reader const& r, index vocabulary) {
    config_facts facts;
    if (auto const* metadata = r.metadata()) {
        if (auto const words = read_gguf_vocabulary(*metadata)) {
            if (words->bos && *words->bos < vocabulary) facts.bos = words->bos;
            for (auto const& end : words->ends_found) {
                if (end.id < vocabulary) facts.ends.push_back(end);
            }
            for (auto const& note : words->notes) r.note(note);
        }
    } else {
        std::vector<index> begins;
        if (auto const bos = r.find({"bos_token_id"})) detail::add_ids(r, *bos, vocabulary, begins);
        if (!begins.empty()) facts.bos = begins.front();
        auto const add = [&](std::optional<config_entry> const& eos, std::string const& place) {
            std::vector<index> ids;
            if (eos) detail::add_ids(r, *eos, vocabulary, ids);
            for (index const id : ids) facts.ends.push_back({id, place});
        };
        add(r.find({"eos_token_id"}), "config.json");
        add(r.find_generation("eos_token_id"), "generation_config.json");
    }
    for (auto const& end : facts.ends) facts.eos.push_back(end.id);
    std::ranges::sort(facts.eos);
    facts.eos.erase(std::unique(facts.eos.begin(), facts.eos.end()), facts.eos.end());
    facts.defaults = r.defaults();
    facts.notes    = r.notes();
    return facts;
}

} // namespace qeval
