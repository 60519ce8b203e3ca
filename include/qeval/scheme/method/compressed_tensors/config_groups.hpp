// "config_groups" and "ignore" of compressed-tensors' configuration: which modules are stored how. A group has targets:
// names of modules, "re:" and a regular expression that a name begins with, or a class ("Linear"). Of the targets of
// all groups that fit a module the first one decides: names before expressions, each in the order of characters, then
// classes (compressed_tensors/utils/match.py).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/io/text/regex.hpp>
#include <qeval/scheme/method/compressed_tensors/input_promise.hpp>
#include <qeval/scheme/method/compressed_tensors/weight_rule.hpp>

namespace qeval::compressed_tensors {

// A name, an expression or a class of modules.
class module_pattern {
public:
    explicit module_pattern(json_value const& said) : text_(said.string()) {
        if (is_expression())
            expression_ = std::make_shared<regex const>("\\A(?:" + text_.substr(3) + ")", said.place());
    }
    [[nodiscard]] bool is_expression() const { return text_.starts_with("re:"); }
    // What is stored for modules are linear layers, and embeddings.
    [[nodiscard]] bool is_class_of(std::string_view module) const {
        return text_ == (module.ends_with("embed_tokens") ? "Embedding" : "Linear");
    }
    [[nodiscard]] bool fits(std::string_view module) const {
        if (!is_expression()) return module == text_;
        bool        found = false;
        regex::scan search(*expression_);
        search(module, [&](std::size_t, std::size_t) { found = true; });
        return found;
    }
    [[nodiscard]] std::pair<bool, std::string> order() const { return {is_expression(), text_}; }

private:
    std::string                  text_;
    std::shared_ptr<regex const> expression_;
};

struct config_group {
    json_value    place;
    json_value    format; // of its own, or of all groups
    weight_rule   weights;
    input_promise inputs;

    // Parts that do not keep the group's promise.
    [[noreturn]] void refuse(tensor_view const& codes, tensor_view const& scales) const {
        place.refuse("other weights",
                     "some of shape " + shape_text(codes.shape) + " and type " + codes.type + ", and scales of shape " +
                         shape_text(scales.shape) + " and type " + scales.type + ", as " + codes.place() + " has",
                     "a configuration of another checkpoint", "CF03");
    }
};

class config_groups {
public:
    explicit config_groups(json_value const& config) : config_(config) {
        auto const all = config.find("config_groups"); // none where weights are only sparse
        if (all)
            all->for_each_member([&](std::string const&, json_value said) {
                if (auto const output = said.find("output_activations"))
                    output->fail("null", "outputs that are rounded, which is not computed here", "CF03");
                auto const   own   = said.find("format");
                auto const   input = said.find("input_activations");
                config_group group{said, own ? *own : config.at("format"), read_weight_rule(said.at("weights")),
                                   input ? input_promise(*input) : input_promise()};
                said.at("targets").for_each_element([&](std::size_t, json_value target) {
                    module_pattern pattern(target);
                    auto           order = pattern.order();
                    targets_.insert_or_assign(std::move(order), std::pair(std::move(pattern), groups_.size()));
                });
                groups_.push_back(std::move(group));
            });
        if (auto const ignore = config.find("ignore"))
            ignore->for_each_element([&](std::size_t, json_value name) { ignored_.emplace_back(name); });
    }

    // The group of a module that is stored quantized.
    [[nodiscard]] config_group const& of(std::string const& module) const {
        for (auto const& pattern : ignored_) {
            if (pattern.fits(module))
                config_.at("ignore").refuse(qeval::quoted(module), "a module that is not quantized",
                                            "a configuration of another checkpoint", "CF03");
        }
        for (auto const& [order, target] : targets_) {
            if (target.first.fits(module)) return groups_[target.second];
        }
        for (auto const& [order, target] : targets_) {
            if (target.first.is_class_of(module)) return groups_[target.second];
        }
        config_.at("config_groups")
            .refuse("no target that fits " + qeval::quoted(module), "one: it is stored quantized",
                    "a configuration of another checkpoint", "CF03");
    }

private:
    json_value                                                                     config_;
    std::vector<config_group>                                                      groups_;
    std::vector<module_pattern>                                                    ignored_;
    std::map<std::pair<bool, std::string>, std::pair<module_pattern, std::size_t>> targets_; // names, then expressions
};

} // namespace qeval::compressed_tensors
