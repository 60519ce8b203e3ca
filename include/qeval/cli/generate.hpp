// qeval generate: lets a model continue texts, or answer messages, under a scheme.
#pragma once

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/tables_command.hpp>
#include <qeval/cli/model/engines.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval::cli {

struct generate_command : private tables_command<generate_options> {
    using tables_command::tables_command;

    exit_status run() {
        if (options_.prompt.empty() == options_.prompts.empty()) {
            throw usage_error{{"CL01", "qeval generate", "both or none of --prompt and --prompts", "one of them", ""}};
        }
        std::vector<std::string> const scheme{options_.scheme};
        engine_setting const           setting{tables_, options_.model};
        builtin_engines                rows(scheme, setting);
        if (local_rows* const local = rows.of_kind<local_rows>()) style_ = local->model().style(options_.wording);
        auto const engine = rows.open(options_.scheme);
        auto const texts  = prompts();

        std::vector<generate_request> requests;
        for (std::size_t i = 0; i < texts.size(); ++i) requests.push_back(request(*engine, texts[i], i));
        for (std::size_t i = 0; i < requests.size(); i += std::size_t(options_.batch)) {
            auto const part =
                std::span(requests).subspan(i, std::min(std::size_t(options_.batch), requests.size() - i));
            auto const texts_out = engine->generate(part);
            for (std::size_t k = 0; k < texts_out.size(); ++k) print(texts[i + k], texts_out[k], texts.size() > 1);
        }
        return exit_status::ok;
    }

private:
    // The prompt of --prompt, or those of the file --prompts: a JSON object {"prompt": ...} in each line.
    [[nodiscard]] std::vector<std::string> prompts() const {
        if (!options_.prompt.empty()) return {options_.prompt};
        std::vector<std::string> texts;
        for_each_jsonl_row(options_.prompts,
                           [&](std::size_t, json_document const& row) { texts.push_back(row.at("prompt").string()); });
        return texts;
    }
    [[nodiscard]] generate_request request(any_engine const& engine, std::string const& prompt,
                                           std::size_t document) const {
        prompt_text text = style_.write({}, prompt);
        if (options_.parse_special) text.markup = {{0, text.text.size()}};
        text_encoder words(engine);
        auto         tokens = words.encode(text);
        if (options_.max_input_tokens > 0 &&
            index(tokens.size()) > options_.max_input_tokens) { // the end of a prompt is kept
            tokens.erase(tokens.begin(), tokens.end() - options_.max_input_tokens);
        }
        if (auto const bos = words.bos_before(text); bos >= 0) tokens.insert(tokens.begin(), bos);
        generate_request r;
        r.prompt          = std::move(tokens);
        r.how.max_tokens  = options_.max_tokens;
        r.how.temperature = options_.temperature;
        r.how.top_p       = options_.top_p;
        r.how.top_k       = options_.top_k;
        r.how.seed        = options_.seed;
        r.how.document    = document;
        return r;
    }
    void print(std::string const& prompt, generation const& g, bool several) const {
        if (options_.output.json) {
            std::puts(
                json_text({{"prompt", prompt}, {"text", g.text}, {"finish", g.finish}, {"tokens", g.tokens}}).c_str());
        } else { // a text and how it goes on are one text; an answer stands for itself
            std::printf("%s%s\n%s", style_.chat ? "" : prompt.c_str(), g.text.c_str(), several ? "\n" : "");
        }
        std::fflush(stdout);
    }

    prompt_style style_;
};

template <>
struct work_of<generate_options> : work_by<generate_command> {};

} // namespace qeval::cli
