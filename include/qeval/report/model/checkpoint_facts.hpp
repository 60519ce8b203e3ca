// All that is known of a checkpoint before any weight is read: lines for people, JSON for programs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/taken_default.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/chat/find_chat.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/model/description.hpp>
#include <qeval/report/model/default_values.hpp>
#include <qeval/report/model/model_json.hpp>
#include <qeval/report/model/model_lines.hpp>
#include <qeval/report/model/tokenizer_lines.hpp>

namespace qeval {

// A model's tokenizer, and how its conversations are written.
struct found_words {
    std::optional<tokenizer>  words;
    std::string               why_not; // where there is none
    std::optional<found_chat> chat;    // none: the files have no chat template

    [[nodiscard]] tokenizer const* get() const { return words ? &*words : nullptr; }
};
// What the files of a model and of its tokenizer do not say.
[[nodiscard]] inline std::vector<taken_default> defaults_of(model_description const& m, found_words const& words) {
    auto all = m.facts.defaults;
    if (words.words) all.insert(all.end(), words.words->parts().defaults.begin(), words.words->parts().defaults.end());
    return all;
}

// Which template, and where its source stands.
[[nodiscard]] inline std::string chat_text_of(std::optional<found_chat> const& chat) {
    if (!chat) return "no template in the files";
    return (chat->format ? std::string(chat->name()) : "a template that is not known here") + " (" + chat->place + ")";
}

[[nodiscard]] inline std::vector<fact_line> checkpoint_lines(model_description const& m, found_words const& words) {
    auto lines = model_lines(m);
    if (words.words) {
        for (auto& line : tokenizer_lines(*words.words)) lines.push_back(std::move(line));
    } else {
        lines.emplace_back("tokenizer", "none: " + words.why_not);
    }
    lines.emplace_back("stop tokens", stop_tokens_text(stop_tokens(m.facts.ends, words.get())));
    lines.emplace_back("chat", chat_text_of(words.chat));
    lines.emplace_back("by default", defaults_text(defaults_of(m, words)));
    return lines;
}

struct type_sum {
    index         tensors = 0, elements = 0;
    std::uint64_t bytes = 0;
};
template <tensor_source Source>
[[nodiscard]] std::map<std::string, type_sum> sums_by_type(Source const& source) {
    std::map<std::string, type_sum> all;
    for (auto const& t : source.tensors()) {
        auto& s = all[t.type];
        ++s.tensors, s.elements += t.count(), s.bytes += t.byte_count();
    }
    return all;
}

// `m` may be nullptr: weights without a configuration.
template <tensor_source Source>
[[nodiscard]] json checkpoint_json(checkpoint const& file, Source const& source, model_description const* m,
                                   found_words const& words) {
    json out{{"files", json::array()}, {"types", json::array()}, {"model", nullptr}, {"tokenizer", nullptr}};
    for (auto const& f : file.files()) out["files"].push_back({{"name", f.name}, {"bytes", f.bytes}});
    for (auto const& [type, s] : sums_by_type(source))
        out["types"].push_back({{"type", type}, {"tensors", s.tensors}, {"elements", s.elements}, {"bytes", s.bytes}});
    if (words.words) out["tokenizer"] = to_json(*words.words);
    if (m == nullptr) return out;
    out["model"]       = to_json(*m);
    out["stop_tokens"] = json::array();
    for (auto const& one : stop_tokens(m->facts.ends, words.get())) out["stop_tokens"].push_back(to_json(one));
    out["chat_template"] = nullptr;
    if (words.chat)
        out["chat_template"] = {{"name", words.chat->format ? json(words.chat->name()) : json(nullptr)},
                                {"place", words.chat->place}};
    out["defaults"] = json::array();
    for (auto const& one : defaults_of(*m, words)) out["defaults"].push_back(to_json(one));
    out["notes"] = m->facts.notes;
    if (!words.words) out["notes"].push_back("no tokenizer: " + words.why_not);
    return out;
}

} // namespace qeval
