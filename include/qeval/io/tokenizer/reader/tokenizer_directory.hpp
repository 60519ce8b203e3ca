// What the files beside a tokenizer say of its tokens, as transformers reads them: tokenizer_config.json,
// special_tokens_map.json, added_tokens.json, and which class it is.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/tokenizer_json_fields.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval {

// Classes that write the template of a text themselves, from add_bos_token and add_eos_token (default: no), whatever
// tokenizer.json says. All other classes follow its post-processor, and these two fields mean nothing to them. This is
// transformers 4.57; 5 obeys the fields for every class where they are there, which a note says.
struct templating_class {
    std::string_view name;     // up to "Tokenizer"
    bool             adds_bos; // where the file does not say
    std::string_view models;   // model types of config.json that have this class where no file names one
};
inline constexpr std::array templating_classes{
    templating_class{"LlamaTokenizer", true, " llama mistral mixtral phi3 phimoe deepseek_v2 deepseek_v3 llama4_text "},
    templating_class{"CodeLlamaTokenizer", true, " code_llama "},
    templating_class{"GemmaTokenizer", true, " gemma gemma2 gemma3 gemma3_text "},
    templating_class{"CohereTokenizer", true, " cohere cohere2 "},
    templating_class{"GPTNeoXTokenizer", false, " gpt_neox olmo olmo2 olmoe stablelm "}};

// The files of a directory; those that it lacks are empty.
struct tokenizer_side_files {
    std::optional<json_document> config, special_map, added, model; // model: config.json
};

class tokenizer_directory_reader : tokenizer_json_fields {
public:
    // `whole`: the tokenizer is a tokenizer.json, which has its template and its added tokens.
    tokenizer_directory_reader(tokenizer_parts& parts, bool whole) : parts_(parts), whole_(whole) {}

    // Tokens beside the model's pieces, and which of all are special. Where tokenizer_config.json lists them, its flags
    // count, not those of tokenizer.json, and special_tokens_map.json is not read.
    void read_tokens(tokenizer_side_files const& files) {
        auto const* const config  = files.config ? &*files.config : nullptr;
        auto const* const map     = files.special_map ? &*files.special_map : nullptr;
        auto const        decoder = config != nullptr ? config->find("added_tokens_decoder") : std::nullopt;
        if (decoder) {
            add_all(*decoder);
        } else if (files.added) {
            added_of(*files.added, map);
        }
        name_all(config, decoder ? nullptr : map, rows_of(files));
    }
    // Whether a space is put before a text. For a ByteLevel that is the whole pre-tokenizer transformers 4.57 follows
    // add_prefix_space of tokenizer_config.json, false by default, whatever the class and tokenizer.json say.
    void read_leading_space(json_document const& whole, tokenizer_side_files const& files) {
        auto const pre = whole.find("pre_tokenizer");
        if (!pre || pre->at("type").string() != "ByteLevel") return;
        auto const said   = files.config ? files.config->find("add_prefix_space") : std::nullopt;
        bool const wanted = said && said->boolean();
        auto&      steps  = parts_.pretokenize.steps;
        bool const has    = !steps.empty() && std::holds_alternative<leading_space_step>(steps.front());
        if (has == wanted) return;
        if (has)
            steps.erase(steps.begin());
        else
            steps.insert(steps.begin(), leading_space_step{});
        parts_.notes.push_back(pre->place() + ".add_prefix_space is left aside for that of tokenizer_config.json, " +
                               (wanted ? "true" : "false") + (said ? "" : " by default") +
                               ", as in transformers 4.57; transformers 5 follows tokenizer.json");
    }
    // What a text begins and ends with.
    void read_template(tokenizer_side_files const& files) {
        auto const text = [](std::optional<json_document> const& file, char const* key) {
            auto const value = file ? file->find(key) : std::nullopt;
            return value && value->is_string() ? value->string() : std::string();
        };
        std::string                name = text(files.config, "tokenizer_class");
        constexpr std::string_view kind = "Tokenizer"; // what follows it tells two implementations of one class apart
        if (auto const at = name.rfind(kind); at != name.npos) name.resize(at + kind.size());
        std::string const model   = " " + text(files.model, "model_type") + " ";
        auto const* const found   = std::ranges::find_if(templating_classes, [&](templating_class const& c) {
            return name.empty() ? model.size() > 2 && c.models.find(model) != c.models.npos : c.name == name;
        });
        bool const        own     = found != templating_classes.end();
        auto const        flag_of = [&](char const* key) -> std::optional<json_value> {
            return files.config ? files.config->find(key) : std::nullopt;
        };
        if (auto const legacy = flag_of("legacy"); legacy && legacy->is_boolean() && !legacy->boolean() && !whole_)
            put_space_first_only();
        auto const add_bos = flag_of("add_bos_token");
        auto const add_eos = flag_of("add_eos_token");
        if (whole_ && !own) {
            if (name.empty()) return obey(add_bos, add_eos);
            note_other(add_bos, parts_.before, parts_.bos);
            note_other(add_eos, parts_.after, parts_.eos);
            return;
        }
        // A flag that is null is not set, as None in Python.
        bool const no_bos = !add_bos && files.config && files.config->root().has("add_bos_token");
        if (own && !add_bos && !no_bos) parts_.defaults.push_back({"add_bos_token", found->adds_bos});
        if (own && !add_eos) parts_.defaults.push_back({"add_eos_token", false});
        bool const bos = add_bos ? add_bos->boolean() : own ? found->adds_bos && !no_bos : !parts_.before.empty();
        bool const eos = add_eos ? add_eos->boolean() : false;
        parts_.before.clear();
        parts_.after.clear();
        if (bos && parts_.bos >= 0) parts_.before.push_back(parts_.bos);
        if (eos && parts_.eos >= 0) parts_.after.push_back(parts_.eos);
    }

private:
    static constexpr std::int64_t any_low  = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t any_high = std::numeric_limits<std::int64_t>::max();

    static json_value content_of(json_value v) { return v.is_object() ? v.at("content") : v; }

    // Rows of the model's embedding, where config.json says it.
    static std::optional<std::int64_t> rows_of(tokenizer_side_files const& files) {
        if (!files.model) return std::nullopt;
        auto       rows = files.model->find("vocab_size");
        auto const text = files.model->find("text_config");
        if (!rows && text && text->is_object()) rows = text->find("vocab_size");
        return rows && rows->is_integer() ? std::optional(rows->integer(any_low, any_high)) : std::nullopt;
    }
    // The special tokens that a file names, in the order in which those that are missing are added.
    void name_all(json_document const* config, json_document const* map, std::optional<std::int64_t> rows) {
        struct role {
            char const* key;
            token*      id;
        };
        token other = -1;
        for (auto const& [key, id] :
             {role{"bos_token", &parts_.bos}, role{"eos_token", &parts_.eos}, role{"unk_token", &parts_.unknown},
              role{"sep_token", &other}, role{"pad_token", &other}, role{"cls_token", &other},
              role{"mask_token", &other}}) {
            auto value = map != nullptr ? map->find(key) : std::nullopt;
            if (!value && config != nullptr) value = config->find(key);
            if (!value) continue;
            if (auto const found = special_named(*value, rows)) *id = *found;
        }
        for (auto const* const file : {config, map}) {
            auto const more = file != nullptr ? file->find("additional_special_tokens") : std::nullopt;
            if (!more || !more->is_array()) continue;
            more->for_each_element([&](std::size_t, json_value one) { (void)special_named(one, rows); });
        }
    }
    // The token of a name, which is special from then on. One that is missing gets the next id, if the model has a row
    // for it.
    std::optional<token> special_named(json_value value, std::optional<std::int64_t> rows) {
        auto const         name = content_of(value);
        std::string const& text = name.string();
        auto const         id   = parts_.words.find(text);
        if (id) {
            auto const known = std::ranges::find(parts_.added, *id, &added_token::id);
            if (known != parts_.added.end()) {
                known->special = true;
                parts_.words.set_kind(*id, piece_kind::control);
                return id;
            }
        }
        auto const wanted = id ? std::int64_t{*id} : next_added_id(parts_);
        if (!id && (text.empty() || (rows && wanted >= *rows))) {
            std::string const why = text.empty() ? ""
                                                 : ": as token " + std::to_string(wanted) +
                                                       " it would have no row in the model's " + std::to_string(*rows);
            parts_.notes.push_back(name.place() + ": " + name.found() + " is left aside, no piece of the vocabulary" +
                                   why);
            return std::nullopt;
        }
        if (!id)
            parts_.notes.push_back(name.place() + ": " + name.found() +
                                   " is no piece of the vocabulary, and is token " + std::to_string(wanted) +
                                   ", the next one, as in transformers");
        added_token t;
        if (value.is_object()) t = added_fields(value);
        t.content = text;
        t.special = true;
        list_added(parts_, std::move(t), wanted);
        return static_cast<token>(wanted);
    }
    // "added_tokens_decoder": {"32000": {"content": "<x>", "special": true, ...}, ...}
    void add_all(json_value decoder) {
        std::vector<std::pair<std::int64_t, added_token>> all;
        decoder.for_each_member([&](std::string const& key, json_value v) {
            std::int64_t id  = -1;
            auto const   got = std::from_chars(key.data(), key.data() + key.size(), id);
            if (got.ec != std::errc() || got.ptr != key.data() + key.size())
                v.fail("a member named by an id", "", "TK04");
            all.emplace_back(id, added_fields(v));
        });
        add_in_order(std::move(all), true);
    }
    // {"<x>": 32000, ...}: special where special_tokens_map.json names it.
    void added_of(json_document const& added, json_document const* map) {
        std::set<std::string> special;
        if (map != nullptr) {
            map->root().for_each_member([&](std::string const&, json_value v) {
                if (v.is_array())
                    v.for_each_element([&](std::size_t, json_value one) { special.insert(content_of(one).string()); });
                else
                    special.insert(content_of(v).string());
            });
        }
        std::vector<std::pair<std::int64_t, added_token>> all;
        added.root().for_each_member([&](std::string const& text, json_value id) {
            if (!id.is_integer()) id.fail("an integer", "", "TK04");
            added_token t;
            t.content    = text;
            t.special    = special.contains(text);
            t.normalized = !t.special;
            all.emplace_back(id.integer(any_low, any_high), std::move(t));
        });
        add_in_order(std::move(all), false);
    }
    // `counts`: what is said of a token counts, whatever tokenizer.json has said of it.
    void add_in_order(std::vector<std::pair<std::int64_t, added_token>> all, bool counts) {
        std::ranges::stable_sort(all, {}, [](auto const& one) { return one.first; });
        for (auto& [id, t] : all) {
            auto const old   = parts_.words.find(t.content);
            bool const known = old && std::ranges::find(parts_.added, *old, &added_token::id) != parts_.added.end();
            if (whole_ && known && !counts) continue;
            if (t.content.empty()) continue;
            list_added(parts_, std::move(t), id, !whole_);
        }
    }

    // Where no file names a class, nothing but these two says what they mean.
    void obey(std::optional<json_value> const& add_bos, std::optional<json_value> const& add_eos) {
        auto& before = parts_.before;
        auto& after  = parts_.after;
        if (add_bos && parts_.bos >= 0) {
            std::erase(before, parts_.bos);
            if (add_bos->boolean()) before.insert(before.begin(), parts_.bos);
        }
        if (add_eos && parts_.eos >= 0) {
            std::erase(after, parts_.eos);
            if (add_eos->boolean()) after.push_back(parts_.eos);
        }
    }
    // "legacy": false: a space is put before a text, not behind each of its special tokens.
    void put_space_first_only() {
        auto& steps = parts_.normalize.steps;
        if (steps.size() != 2 || !std::holds_alternative<prepend_step>(steps.front())) return;
        steps.clear();
        parts_.pretokenize.steps.emplace_back(metaspace_step{.prepend = prepend_scheme::first, .split = false});
    }
    void note_other(std::optional<json_value> const& add, std::vector<token> const& list, token id) {
        if (!add || id < 0 || add->boolean() == (std::ranges::find(list, id) != list.end())) return;
        parts_.notes.push_back(add->place() +
                               " is left aside for the template of tokenizer.json, as transformers 4.57 does for this "
                               "class; transformers 5 obeys it");
    }

    tokenizer_parts& parts_;
    bool             whole_;
};

} // namespace qeval
