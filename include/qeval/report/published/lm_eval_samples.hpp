// samples_<task>_<time>.jsonl: a line for each item and filter, with what was asked, what came back and what it counts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_leaf.hpp>
#include <qeval/report/published/lm_eval_tasks.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

// The metrics of a leaf as lm-eval names them, and which of ours each is.
struct lm_eval_column {
    lm_eval_metric metric;
    std::size_t    index = 0;
};
[[nodiscard]] inline std::vector<lm_eval_column> lm_eval_columns(lm_eval_leaf const& leaf) {
    std::vector<lm_eval_column> columns;
    std::vector<bool>           named(leaf.of->metrics.size());
    auto const                  take = [&](lm_eval_metric const& metric) {
        for (std::size_t m = 0; m < named.size(); ++m) {
            if (named[m] || leaf.of->metrics[m].metric.name != metric.ours) continue;
            columns.push_back({metric, m});
            named[m] = true;
        }
    };
    if (leaf.known != nullptr)
        for (auto const& metric : leaf.known->metrics) take(metric);
    for (auto const& m : leaf.of->metrics) take({m.metric.name, m.metric.name});
    return columns;
}

// As Python's str() prints a number.
[[nodiscard]] inline std::string python_number(double x) {
    std::string s = text("{}", x);
    return s.find_first_not_of("-0123456789") == s.npos ? s + ".0" : s;
}

class lm_eval_samples {
public:
    lm_eval_samples(lm_eval_leaf const& leaf, asked_texts const& texts) : leaf_(leaf), columns_(lm_eval_columns(leaf)) {
        std::vector<lm_eval_filter const*> filters;
        for (auto const& c : columns_)
            if (std::ranges::find(filters, c.metric.filter) == filters.end()) filters.push_back(c.metric.filter);
        for (auto const* const filter : filters)
            for (std::size_t i = 0; i < leaf.items.size(); ++i) add(i, *filter, texts);
    }

    [[nodiscard]] std::string const& lines() const { return lines_; }
    [[nodiscard]] std::string        hash() const { return sha256_hex(hashes_); } // `task_hashes` has it

private:
    void add(std::size_t number, lm_eval_filter const& filter, asked_texts const& texts) {
        item_outcome const& o       = leaf_.of->outcomes[leaf_.items[number]];
        item_text const     asked   = texts.text(leaf_.of->task, leaf_.items[number]).value_or(unknown(o));
        json const          doc     = json_of(asked.doc).value_or(json());
        json                metrics = json::array(), values = json::object();
        for (auto const& c : columns_) {
            if (c.metric.filter != &filter) continue;
            metrics.push_back(c.metric.name);
            values[std::string(c.metric.name)] = value(o, asked, c);
        }
        std::string const prompt   = asked.requests.empty() ? "" : asked.requests[0].context;
        std::string const hashes[] = {sha256_hex(json_text(doc, 2)), sha256_hex(prompt), sha256_hex(asked.target)};
        json              line     = {{"doc_id", number},        {"doc", doc},
                                      {"target", asked.target},  {"arguments", arguments(asked)},
                                      {"resps", answers(o)},     {"filtered_resps", filtered(o, asked, filter)},
                                      {"filter", filter.name},   {"metrics", std::move(metrics)},
                                      {"doc_hash", hashes[0]},   {"prompt_hash", hashes[1]},
                                      {"target_hash", hashes[2]}};
        line.update(values);
        lines_ += json_text(line) + "\n";
        hashes_ += hashes[0] + hashes[1] + hashes[2];
    }
    [[nodiscard]] static item_text unknown(item_outcome const& o) {
        return {
            json_text({{"id", o.id}, {"subject", o.group}}), o.target >= 0 ? std::to_string(o.target) : "", {}, {}, {}};
    }
    [[nodiscard]] json arguments(item_text const& asked) const {
        json all = json::object();
        for (std::size_t r = 0; r < asked.requests.size(); ++r) {
            auto const& q    = asked.requests[r];
            json        args = {{"arg_0", q.context}};
            if (!q.continuation.empty())
                args["arg_1"] = q.continuation;
            else if (json const how = generation(); !how.is_null())
                args["arg_1"] = how;
            all[text("gen_args_{}", r)] = std::move(args);
        }
        return all;
    }
    [[nodiscard]] json generation() const {
        return leaf_.known == nullptr ? json() : json_of(leaf_.known->config)->value("generation_kwargs", json());
    }
    // A likelihood, and whether its text is what the model would have written; of pages the first alone.
    [[nodiscard]] static json ranked(item_outcome const& o, std::size_t k) {
        json const number = python_number(o.log_likelihoods[k]);
        return k < o.greedy.size() ? json::array({number, o.greedy[k] ? "True" : "False"}) : number;
    }
    [[nodiscard]] static std::vector<std::string> written(item_outcome const& o) {
        if (o.samples.empty()) return {o.answer};
        std::vector<std::string> texts;
        for (auto const& s : o.samples) texts.push_back(s.text);
        return texts;
    }
    [[nodiscard]] static json answers(item_outcome const& o) {
        json all = json::array();
        for (std::size_t k = 0; k < o.log_likelihoods.size(); ++k) all.push_back(json::array({ranked(o, k)}));
        if (o.log_likelihoods.empty()) all.push_back(written(o));
        return all;
    }
    [[nodiscard]] static json filtered(item_outcome const& o, item_text const& asked, lm_eval_filter const& filter) {
        json all = json::array();
        for (std::size_t k = 0; k < o.log_likelihoods.size(); ++k) all.push_back(ranked(o, k));
        if (!o.log_likelihoods.empty()) return all;
        for (auto const& text : written(o)) all.push_back(filter.judged(asked, text));
        return filter.is_list ? json::array({all}) : all;
    }
    [[nodiscard]] static json value(item_outcome const& o, item_text const& asked, lm_eval_column const& c) {
        switch (c.metric.value) {
        case lm_eval_value::log_likelihood:
            return number(o.log_likelihoods.at(0));
        case lm_eval_value::shared_out:
            return json::array({number(o.log_likelihoods.at(0)),
                                c.index < asked.units.size() ? json(asked.units[c.index]) : json(nullptr)});
        case lm_eval_value::plain:
            break;
        }
        return c.index < o.values.size() ? number(o.values[c.index]) : json(nullptr);
    }
    [[nodiscard]] static json number(double x) { return std::isfinite(x) ? json(x) : json(nullptr); }

    lm_eval_leaf const&         leaf_;
    std::vector<lm_eval_column> columns_;
    std::string                 lines_, hashes_;
};

} // namespace qeval
