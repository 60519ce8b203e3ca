// What a scheme means for each weight of a model: the format of every matrix, with a reason where it is not the obvious
// one.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/architecture_mixes.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/ggml_mixes.hpp>
#include <qeval/scheme/mix_overrides.hpp>
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
    // `overrides`: of a mix alone.
    scheme_plan(scheme_spec spec, model_description const& model, format_table formats, bool weighed = false,
                mix_overrides overrides = {})
        : spec_(std::move(spec)),
          formats_(std::move(formats)),
          mix_model_(model),
          weighed_(weighed),
          names_(model.gguf_names),
          overrides_(std::move(overrides)) {
        auto const known = [this](std::string_view name) { return (known_ = formats_.find(name)) != nullptr; };
        if (spec_.weights == "source") {
            kind_ = kind::source;
        } else if (spec_.weights.starts_with("all:")) {
            kind_ = kind::all, format_ = spec_.weights.substr(4);
            if (!known(format_)) unknown(format_);
        } else if (auto m = find_ggml_mix(spec_.weights, spec_.revision)) {
            kind_ = kind::mixed, mix_ = mix_for(*m, model.architecture);
        } else if (find_ggml_mix(spec_.weights, "")) {
            throw usage_error{{"SC02", "scheme " + qeval::quoted(spec_.name),
                               "revision " + qeval::quoted(spec_.revision), ggml_revisions_of(spec_.weights), ""}};
        } else if (known(spec_.weights)) {
            kind_ = kind::linears, format_ = spec_.weights;
        } else {
            unknown(spec_.weights);
        }
        check_overrides();
        if (kind_ == kind::mixed) find_formats_of_mix();
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
    // The llama.cpp file type that it is, or the format that most matrices are in; both empty: as stored.
    [[nodiscard]] std::string_view file_type() const { return kind_ == kind::mixed ? mix_.name : std::string_view(); }
    [[nodiscard]] std::string_view main_format() const {
        return kind_ == kind::mixed ? mix_.base : std::string_view(format_);
    }

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
            return "llama.cpp file type " + std::string(mix_.name) + ", revision " + std::string(mix_.revision) +
                   overrides_.text();
        }
        return "";
    }

private:
    enum class kind { source, all, linears, mixed };

    // The mix's format, or the one that takes its place where no block of it divides the rows.
    [[nodiscard]] format_choice mixed_choice(tensor_slot const& slot, tensor_view const& stored) const {
        index const cols = stored.shape.back();
        if (auto const* as_it_is = set_as_it_is(slot)) {
            auto choice = named(*as_it_is);
            if (divides(choice, cols)) return choice;
            throw usage_error{{"SC08", "scheme " + qeval::quoted(spec_.name) + ", " + slot.name,
                               choice.name + " for rows of " + std::to_string(cols),
                               "a format whose blocks divide them", ""}};
        }
        auto const given   = override_of(slot);
        auto       choice  = named(given ? *given : mix_.format_of(counted(slot), mix_model_, weighed_));
        auto const instead = [&](std::string_view other) {
            auto made = named(other);
            made.note = slot.name + ": " + choice.name + " -> " + made.name + ", rows of " + std::to_string(cols);
            return made;
        };
        bool const replaces = !mix_.fallbacks.empty();
        if (replaces && !given && mix::is_head(slot) && !divides(named(mix_.base), cols) &&
            divides(named("Q8_0"), cols))
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
    // What mix_overrides lists as 1; nullptr: nothing.
    [[nodiscard]] std::string const* set_as_it_is(tensor_slot const& slot) const {
        if (slot.role == tensor_role::embedding && !overrides_.embedding.empty()) return &overrides_.embedding;
        if (slot.role == tensor_role::head && !overrides_.output.empty()) return &overrides_.output;
        return nullptr;
    }
    // What it lists as 2 to 4.
    [[nodiscard]] std::optional<std::string_view> override_of(tensor_slot const& slot) const {
        if (overrides_.empty() || named(mix_.base).format->dense()) return {};
        auto const name = gguf_name(slot.name, names_);
        for (auto const& t : overrides_.tensors) {
            if (t.found_in(name)) return t.format;
        }
        if (overrides_.pure) return mix_.base;
        if (mix::is_head(slot) && !overrides_.output.empty()) return overrides_.output;
        return {};
    }
    // A slot as llama.cpp counts the layers for its rules: without those whose matrix of that name an override has.
    [[nodiscard]] tensor_slot counted(tensor_slot slot) const {
        if (overrides_.tensors.empty() || slot.layer < 0 || slot.member >= 0) return slot;
        auto const name  = gguf_name(slot.name, names_);
        auto const place = "blk." + std::to_string(slot.layer) + ".";
        if (!name.starts_with(place)) return slot;
        index const layers = std::exchange(slot.layer, 0);
        for (index i = 0; i < layers; ++i) {
            auto const in_layer = "blk." + std::to_string(i) + "." + name.substr(place.size());
            auto const has      = [&](tensor_override const& t) { return t.found_in(in_layer); };
            if (std::ranges::none_of(overrides_.tensors, has)) ++slot.layer;
        }
        return slot;
    }
    // Their formats as the catalog spells them.
    void check_overrides() {
        if (overrides_.empty()) return;
        if (kind_ != kind::mixed) {
            throw usage_error{
                {"SC08", "scheme " + qeval::quoted(spec_.name), "options of a ggml file type",
                 "a ggml file type (q4_k_m, q8_0, ...)",
                 "--pure, --tensor-type, --output-tensor-type and --token-embedding-type change its rules"}};
        }
        auto const spell = [this](std::string& name) {
            if (name.empty()) return;
            auto const known = formats_.find(name);
            if (known == nullptr) unknown(name);
            name = known->name();
        };
        spell(overrides_.output), spell(overrides_.embedding);
        for (auto& t : overrides_.tensors) spell(t.format);
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
        std::vector<std::string_view> names{mix_.base, mix_.head, "Q5_K", "Q8_0", "F16"};
        for (auto const& r : mix_.rules) names.push_back(r.format);
        for (auto const& f : mix_.fallbacks) names.push_back(f.instead);
        for (auto const& t : overrides_.tensors) names.push_back(t.format);
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
    tensor_names                      names_;
    mix_overrides                     overrides_;
    kind                              kind_ = kind::source;
    std::string                       format_;
    std::shared_ptr<any_format const> known_; // of that name
    mix                               mix_{};
    std::vector<format_choice>        of_mix_;
};

} // namespace qeval
