// qeval logits: writes the logits of token ids as safetensors, so that an architecture, a scheme or a kernel can be
// compared with any reference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/cli/model/output_file.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/core/version.hpp>
#include <qeval/engine/request_tokens.hpp>
#include <qeval/engine/token_logits.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/safetensors/safetensors_writer.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

// Reads a JSON list of lists of token ids. Each list has 1 to most_tokens ids below `vocabulary`.
[[nodiscard]] inline std::vector<std::vector<token>> read_id_lists(std::filesystem::path const& path, index vocabulary,
                                                                   index most_tokens) {
    mapped_file const file(path);
    json_limits       limits;
    limits.id           = "LG01";
    auto const document = parse_json(file.read_text(0, file.size()), file.name(), limits);
    auto const list     = [](json_value v, std::string what) {
        if (!v.is_array()) v.fail(what);
        if (v.size() == 0) v.refuse("an empty list", what);
    };
    std::vector<std::vector<token>> lists;
    list(document.root(), "a list of lists of token ids");
    document.root().for_each_element([&](std::size_t, json_value ids) {
        list(ids, "a list of token ids");
        if (static_cast<index>(ids.size()) > most_tokens) {
            ids.refuse(std::to_string(ids.size()) + " tokens",
                       "at most " + std::to_string(most_tokens) + ", the model's context less what is to follow", "",
                       "LG02");
        }
        auto& to = lists.emplace_back();
        ids.for_each_element(
            [&](std::size_t, json_value id) { to.push_back(static_cast<token>(id.integer(0, vocabulary - 1))); });
    });
    return lists;
}

// The file has for the N-th list
//   logits.N  F32 [tokens, vocabulary]: the logits after each of its tokens
//   ids.N     I64 [max_tokens]: the greedy continuation, with --max-tokens; no token ends it
struct logits_command : private tables_command<logits_options> {
    using tables_command::tables_command;

    exit_status run() {
        if (options_.ids.empty() == options_.text.empty()) {
            throw usage_error{{"CL01", "qeval logits", "both or none of --ids and --text", "one of them", ""}};
        }
        std::filesystem::path const target(options_.output_path);
        if (target.extension() != ".safetensors") {
            throw usage_error{{"LG03", "--output-path " + qeval::quoted(target.string()),
                               "the extension " + qeval::quoted(target.extension().string()), ".safetensors", ""}};
        }
        auto const   spec = parse_scheme(options_.scheme);
        loaded_model model(tables_, options_.model);
        prepare_output(target, {options_.ids, options_.model.tokenizer, options_.model.imatrix});
        built_model const built = model.build(spec);
        lists_                  = read_lists(model, *built.model);
        plan(built.model->vocab_size());
        {
            step_line const progress("list", std::ssize(lists_), options_.output.quiet);
            write_safetensors(target, plans_, {{"made_with", "qeval " + std::string(version)}, {"scheme", spec.name}},
                              [&](tensor_plan const& p, byte_sink const& sink) {
                                  index const list = list_of_.at(p.name);
                                  progress(list);
                                  auto const& ids = lists_[static_cast<std::size_t>(list)];
                                  p.type == "I64" ? write_ids(*built.model, ids, sink)
                                                  : write_logits(*built.model, ids, sink);
                              });
        }
        report(target, built.model->vocab_size());
        return exit_status::ok;
    }

private:
    [[nodiscard]] std::vector<std::vector<token>> read_lists(loaded_model& model, causal_lm const& lm) const {
        index const most = lm.max_tokens() - std::max<index>(0, options_.max_tokens - 1);
        if (most < 1) {
            throw usage_error{{"LG02", "--max-tokens", std::to_string(options_.max_tokens),
                               "at most the model's context of " + std::to_string(lm.max_tokens()), ""}};
        }
        if (!options_.ids.empty()) return read_id_lists(options_.ids, lm.vocab_size(), most);
        auto const&        words = model.words();
        std::vector<token> ids(words.before().begin(), words.before().end());
        for (token const id : words.encode(options_.text)) ids.push_back(id);
        ids.insert(ids.end(), words.after().begin(), words.after().end()); // as the class's call gives a text
        refuse_foreign_tokens(ids, lm.vocab_size(), 0);
        if (ids.empty() || std::ssize(ids) > most) {
            throw usage_error{{"LG02", "--text", std::to_string(ids.size()) + " tokens", "1 to " + std::to_string(most),
                               "the model's context, less what is to follow"}};
        }
        return {std::move(ids)};
    }
    // All sizes are planned before anything is computed, so that the file can be written as a stream.
    void plan(index vocabulary) {
        auto const add = [&](char const* kind, index list, char const* type, std::vector<index> shape) {
            plans_.push_back({kind + std::to_string(list), type, std::move(shape)});
            list_of_[plans_.back().name] = list;
        };
        for (index i = 0; i < std::ssize(lists_); ++i) {
            add("logits.", i, "F32", {std::ssize(lists_[static_cast<std::size_t>(i)]), vocabulary});
            if (options_.max_tokens > 0) add("ids.", i, "I64", {options_.max_tokens});
        }
    }
    void write_logits(causal_lm& model, std::vector<token> const& ids, byte_sink const& sink) const {
        read_logits(model, ids, options_.model.batch_tokens, [&](matrix_view<float const> rows) {
            interrupt::check();
            for (index r = 0; r < rows.rows; ++r) sink(std::as_bytes(rows.row(r)));
        });
    }
    void write_ids(causal_lm& model, std::vector<token> const& ids, byte_sink const& sink) const {
        auto const more =
            continue_greedily(model, ids, options_.max_tokens, options_.model.batch_tokens, &interrupt::check);
        std::vector<std::int64_t> const wide(more.begin(), more.end());
        sink(std::as_bytes(std::span(wide)));
    }
    void report(std::filesystem::path const& target, index vocabulary) const {
        std::size_t tokens = 0;
        for (auto const& ids : lists_) tokens += ids.size();
        print_written(options_.output,
                      text("{}, {}, a vocabulary of {}: {}", counted(lists_.size(), "lists"), counted(tokens, "tokens"),
                           vocabulary, display_name(target)),
                      {{"lists", lists_.size()},
                       {"tokens", tokens},
                       {"vocabulary", vocabulary},
                       {"max_tokens", options_.max_tokens},
                       {"file", target.string()}});
    }

    std::vector<std::vector<token>> lists_;
    std::vector<tensor_plan>        plans_;
    std::map<std::string, index>    list_of_; // which list a tensor belongs to
};

template <>
struct work_of<logits_options> : work_by<logits_command> {};

} // namespace qeval::cli
