// The special tokens of a Hugging Face tokenizer as llama.cpp's converter finds them. Origin: SpecialVocab in gguf-py's
// vocab.py, llama.cpp of 2026-10.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

class gguf_special_tokens {
public:
    // `words`: tokenizer.json; `config`: tokenizer_config.json, or null; `model`: config.json.
    gguf_special_tokens(json const& words, json const& config, json const& model) : words_(words), config_(config) {
        if (config.is_object()) {
            for (auto const& [name, key] : std::span(names).first(7))
                said_[name_of(name)] = text_of(config, std::string(name) + "_token");
        }
        if (words.contains("post_processor")) look_at(words["post_processor"]);
        if (config.is_object()) {
            for (auto const& [name, key] : known()) {
                auto const add = config.find("add_" + std::string(name) + "_token");
                if (add != config.end() && add->is_boolean()) set(adds_, name, add->get<bool>());
                auto const& text = said_[name_of(name)];
                if (text) set_id(name, id_of(*text));
            }
        }
        for (auto const& [name, key] : known()) {
            auto const id = model.find(std::string(name) + "_token_id");
            if (id != model.end() && id->is_number_integer()) set_id(name, id->get<std::int64_t>());
        }
    }
    // Nothing stands in front of a text; false: nothing has said whether something does.
    bool without_bos() {
        for (auto& [name, adds] : adds_) {
            if (name == "bos") return adds = false, true;
        }
        return false;
    }
    void add_to(gguf_entries& to) const {
        for (auto const& [name, id] : ids_)
            to.add("tokenizer.ggml." + std::string(names[name_of(name)].key) + "_token_id",
                   static_cast<std::uint32_t>(id));
        for (auto const& [name, adds] : adds_) {
            if (name == "bos" || name == "eos" || name == "sep") // the others have no key
                to.add("tokenizer.ggml.add_" + std::string(name) + "_token", adds);
        }
    }

private:
    // What tokenizer_config.json calls them, and GGUF.
    struct spelling {
        std::string_view name, key;
    };
    static constexpr std::array<spelling, 8> names{spelling{"bos", "bos"}, {"eos", "eos"},     {"unk", "unknown"},
                                                   {"sep", "seperator"},   {"pad", "padding"}, {"cls", "cls"},
                                                   {"mask", "mask"},       {"eot", "eot"}};

    [[nodiscard]] std::span<spelling const> known() const {
        return std::span(names).first(said_[name_of("eot")] ? 8 : 7);
    }
    static constexpr std::size_t name_of(std::string_view name) {
        std::size_t i = 0;
        while (names[i].name != name) ++i;
        return i;
    }
    template <class T>
    using named_values = std::vector<std::pair<std::string_view, T>>; // in the order in which they were found

    template <class T>
    static void set(named_values<T>& all, std::string_view name, T value) {
        for (auto& [key, old] : all) {
            if (key == name) return void(old = value);
        }
        all.emplace_back(name, value);
    }
    void set_id(std::string_view name, std::optional<std::int64_t> id) { // the first one counts
        if (!id || *id < 0) return;
        for (auto const& known : ids_) {
            if (known.first == name) return;
        }
        ids_.emplace_back(name, *id);
    }
    static std::optional<std::string> text_of(json const& config, std::string const& key) {
        auto const at = config.find(key);
        if (at == config.end()) return {};
        if (at->is_string()) return at->get<std::string>();
        if (at->is_object() && at->contains("content") && (*at)["content"].is_string())
            return (*at)["content"].get<std::string>();
        return {};
    }
    [[nodiscard]] std::optional<std::int64_t> id_of(std::string const& text) const {
        auto const added = words_.find("added_tokens");
        if (added == words_.end() || !added->is_array()) return {};
        for (auto const& t : *added) {
            if (t.value("content", std::string()) == text) return t.value("id", std::int64_t{-1});
        }
        return {};
    }
    // What a template puts around a text, and between two.
    void look_at(json const& p) {
        if (!p.is_object()) return;
        if (p.contains("processors")) {
            for (auto const& one : p["processors"]) look_at(one);
            return;
        }
        if (p.value("type", std::string()) != "TemplateProcessing") return;
        auto const special = [](json const& part) {
            return part.contains("SpecialToken") ? part["SpecialToken"].value("id", std::string()) : std::string();
        };
        auto &      bos = said_[name_of("bos")], &eos = said_[name_of("eos")], &cls = said_[name_of("cls")];
        std::string first, last;
        json const  single = p.value("single", json::array()), pair = p.value("pair", json::array());
        if (single.size() > 1) {
            first = special(single.front()), last = special(single.back());
            bool const configured = config_.is_object();
            if (!first.empty()) {
                if (!configured || !bos || bos->empty()) bos = first;
                if (configured && first != *bos && (!cls || cls->empty())) cls = first;
                set(adds_, "bos", first == *bos || (cls && first == *cls));
            }
            if (!last.empty()) {
                if (configured && eos && last != *eos) said_[name_of("eot")] = eos; // it ends turns, not texts
                eos = last;
                set(adds_, "eos", true);
            }
        }
        std::size_t const from = !first.empty() && !pair.empty() && special(pair.front()) == first ? 1 : 0;
        std::size_t const to   = pair.size() - (!last.empty() && !pair.empty() && special(pair.back()) == last ? 1 : 0);
        if (to < from + 3 || pair[from].value("Sequence", json::object()).value("id", "") != "A" ||
            pair[to - 1].value("Sequence", json::object()).value("id", "") != "B")
            return;
        auto const& sep  = said_[name_of("sep")];
        bool        adds = false;
        for (std::size_t i = from + 1; i + 1 < to && i < from + 3; ++i) {
            auto const here = special(pair[i]);
            bool const ends = (sep && here == *sep) || (eos && here == *eos);
            adds            = adds || (!here.empty() && ends && (i > from + 1 || last.empty()));
        }
        set(adds_, "sep", adds);
    }

    json const&                               words_;
    json const&                               config_;
    std::array<std::optional<std::string>, 8> said_; // eot: what a template has made of eos, or nothing
    named_values<std::int64_t>                ids_;
    named_values<bool>                        adds_;
};

} // namespace qeval
