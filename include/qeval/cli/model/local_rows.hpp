// Rows of an evaluation that are the model on this machine, each under a scheme.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/cli/model/engine_setting.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/eval/engine_rows.hpp>

namespace qeval::cli {

class local_rows final : public engine_rows {
public:
    static constexpr std::string_view name = "the model on this machine";
    [[nodiscard]] static bool serves(std::string_view) { return true; } // every scheme that no kind before it serves

    // Reads the names of all schemes before the model is opened, and plans every scheme before any weight is read.
    local_rows(std::vector<std::string> const& schemes, engine_setting const& setting);

    [[nodiscard]] loaded_model&      model() { return model_; }
    [[nodiscard]] scheme_spec const& spec(std::string const& scheme) const { return specs_.at(scheme); }

    [[nodiscard]] std::unique_ptr<any_engine> open(std::string const& scheme) override;
    void                                      describe(scheme_scores& scores, scheme_run& run) override;
    [[nodiscard]] scheme_process              taken(std::string const&) override;
    [[nodiscard]] provenance                  origin() override;

private:
    [[nodiscard]] static std::map<std::string, scheme_spec> specs_of(std::vector<std::string> const& schemes,
                                                                     engine_setting const&           setting);
    void add_layer_errors(scheme_scores& scores, scheme_spec const& spec);

    engine_setting                     setting_;
    std::map<std::string, scheme_spec> specs_;
    loaded_model                       model_;
    std::map<std::string, built_model> built_; // what was built; the models themselves have moved into engines
};

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/model/local_rows_body.hpp>
#endif
