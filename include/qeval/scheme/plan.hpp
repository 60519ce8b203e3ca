// What a scheme means for each weight of a model: the format of every matrix, with a reason where it is not the obvious
// one.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/architecture_mixes.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/ggml_mixes.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval {

struct format_choice {
    std::string                       name;         // as the scheme, the mix or the file spells it
    std::shared_ptr<any_format const> format;       // nullptr: a type that the file has and this program does not know
    std::string                       note    = {}; // a fallback, to be shown in the report
    bool                              covered = true; // counts towards the scheme's bits per weight
};

// `formats` is the catalog, with the user's formats. Coverage:
//   source     every matrix as stored            all:F   every matrix in F
//   a ggml file type (Q4_K_M, Q8_0, F16 ...)     llama.cpp's rules for output, embedding, layers and columns
//   any other format                             the linear layers; embedding and head stay in 16 bits, as
//                                                bitsandbytes, AWQ and GPTQ leave them
class scheme_plan {
public:
    // `weighed`: encoders that search get an importance matrix, which some mixes need and others change with.
    scheme_plan(scheme_spec spec, model_description const& model, format_table formats, bool weighed = false)
        : spec_(std::move(spec)), formats_(std::move(formats)), mix_model_(model), weighed_(weighed) {
        auto const known = [this](std::string_view name) { return (known_ = formats_.find(name)) != nullptr; };
        if (spec_.weights == "source") {
            kind_ = kind::source;
        } else if (spec_.weights.starts_with("all:")) {
            kind_ = kind::all, format_ = spec_.weights.substr(4);
            if (!known(format_)) unknown(format_);
        } else if (auto m = find_ggml_mix(spec_.weights, spec_.revision)) {
            kind_ = kind::mixed, mix_ = mix_for(*m, model.architecture);
            find_formats_of_mix();
        } else if (find_ggml_mix(spec_.weights, "")) {
            throw usage_error{{"SC02", "scheme " + qeval::quoted(spec_.name),
                               "revision " + qeval::quoted(spec_.revision), ggml_revisions_of(spec_.weights), ""}};
        } else if (known(spec_.weights)) {
            kind_ = kind::linears, format_ = spec_.weights;
        } else {
            unknown(spec_.weights);
        }
        if (kind_ != kind::mixed && !spec_.revision.empty()) {
            throw usage_error{{"SC02", "scheme " + qeval::quoted(spec_.name), "a revision",
                               "none: only named mixes have revisions", ""}};
        }
        if (spec_.static_scales) {
            throw usage_error{{"SC04", "scheme " + qeval::quoted(spec_.name),
                               "activations with a static scale, and no ranges to take it from",
                               "a scale for each token: w8a8",
                               "static scales come from calibration or from a checkpoint that has them"}};
        }
        if (spec_.batch_outliers && !(known_ && known_->has_outliers())) {
            throw usage_error{
                {"SC01", "scheme " + qeval::quoted(spec_.name), "@bnb", "nothing: only int8 chooses outliers", ""}};
        }
    }
    [[nodiscard]] scheme_spec const&  spec() const { return spec_; }
    [[nodiscard]] format_table const& formats() const { return formats_; }
    [[nodiscard]] bool                weighed() const { return weighed_; }

    [[nodiscard]] format_choice choose(tensor_slot const& slot, tensor_view const& stored) const {
        bool const outer = slot.role == tensor_role::embedding || slot.role == tensor_role::head;
        if (slot.role == tensor_role::router) { // a few rows that decide much: no quantizer of experts touches them
            auto choice    = named(stored.type);
            choice.covered = false;
            return choice;
        }
        switch (kind_) {
        case kind::source:
            return named(stored.type);
        case kind::all:
            return {format_, known_};
        case kind::linears: {
            if (!outer) return {format_, known_};
            auto choice    = named(same_name(stored.type, "F32") ? "F16" : stored.type);
            choice.covered = false;
            return choice;
        }
        case kind::mixed:
            break;
        }
        auto choice = mixed_choice(slot, stored);
        if (!weighed_ && !outer && mix_.weighs(choice.name)) {
            throw usage_error{
                {"SC05", "scheme " + qeval::quoted(spec_.name) + ", " + slot.name,
                 "no importance matrix for " + choice.name, "one: --imatrix FILE, as llama.cpp asks for",
                 "all:" + std::string(mix_.base) + " takes none: every matrix in that format, all weights alike"}};
        }
        return choice;
    }
    // What a report says about the recipe.
    [[nodiscard]] std::string recipe() const {
        switch (kind_) {
        case kind::source:
            return "weights as stored";
        case kind::all:
            return "every matrix in " + format_;
        case kind::linears:
            return "linear layers in " + format_ + "; embedding and head in 16 bits";
        case kind::mixed:
            return "llama.cpp file type " + std::string(mix_.name) + ", revision " + std::string(mix_.revision);
        }
        return "";
    }

private:
    enum class kind { source, all, linears, mixed };

    // The mix's format, or the one that takes its place where no block of it divides the rows.
    [[nodiscard]] format_choice mixed_choice(tensor_slot const& slot, tensor_view const& stored) const {
        auto        choice  = named(mix_.format_of(slot, mix_model_, weighed_));
        index const cols    = stored.shape.back();
        auto const  instead = [&](std::string_view other) {
            auto made = named(other);
            made.note = slot.name + ": " + choice.name + " -> " + made.name + ", rows of " + std::to_string(cols);
            return made;
        };
        bool const replaces = !mix_.fallbacks.empty();
        if (replaces && mix::is_head(slot) && !divides(named(mix_.base), cols) && divides(named("Q8_0"), cols))
            return instead("Q8_0");
        if (divides(choice, cols)) return choice;
        for (auto const& f : mix_.fallbacks) {
            if (f.format == choice.name) return instead(divides(named(f.instead), cols) ? f.instead : "F16");
        }
        if (replaces && choice.format->block_size() <= 32) return instead("F16");
        throw usage_error{{"SC07", "scheme " + qeval::quoted(spec_.name) + ", " + slot.name,
                           choice.name + " for rows of " + std::to_string(cols),
                           "a multiple of " + std::to_string(choice.format->block_size()),
                           "llama.cpp of revision " + std::string(mix_.revision) + " refuses it, too"}};
    }
    [[nodiscard]] static bool divides(format_choice const& c, index cols) {
        return c.format == nullptr || c.format->block_size() == 0 || cols % c.format->block_size() == 0;
    }
    [[nodiscard]] format_choice named(std::string_view name) const {
        auto const at = std::ranges::find(of_mix_, name, &format_choice::name);
        return at != of_mix_.end() ? *at : format_choice{std::string(name), formats_.find(name)};
    }
    // Found once: a table has many names to look through, and a model many matrices.
    void find_formats_of_mix() {
        std::vector<std::string_view> names{mix_.base, mix_.head, "Q8_0", "F16"};
        for (auto const& r : mix_.rules) names.push_back(r.format);
        for (auto const& f : mix_.fallbacks) names.push_back(f.instead);
        for (auto const name : names) {
            if (std::ranges::find(of_mix_, name, &format_choice::name) == of_mix_.end()) of_mix_.push_back(named(name));
        }
    }
    [[noreturn]] void unknown(std::string_view name) const {
        throw usage_error{{"SC01", "scheme " + qeval::quoted(spec_.name), "weights " + qeval::quoted(name),
                           "source, a ggml file type (q4_k_m, q8_0, ...), or a format: " + formats_.names(),
                           "`qeval schemes` and `qeval formats` list what there is"}};
    }

    scheme_spec                       spec_;
    format_table                      formats_;
    mix_model                         mix_model_;
    bool                              weighed_;
    kind                              kind_ = kind::source;
    std::string                       format_;
    std::shared_ptr<any_format const> known_; // of that name
    mix                               mix_{};
    std::vector<format_choice>        of_mix_;
};

} // namespace qeval
