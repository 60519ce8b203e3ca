// A GGUF of a model that is a Hugging Face directory, as llama.cpp's converter and its quantizer make it one after the
// other. Origin: conversion/base.py and the classes beside it, llama.cpp of 2026-10. Two things are not taken over:
// names and numbers that the converter guesses from the folder's name, and what a model card says.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/model/role.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/ggml_file_types.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_contents.hpp>
#include <qeval/scheme/output/gguf_directory_tensors.hpp>
#include <qeval/scheme/output/gguf_keys.hpp>
#include <qeval/scheme/output/gguf_row_order.hpp>
#include <qeval/scheme/output/gguf_types.hpp>
#include <qeval/scheme/output/gguf_words.hpp>
#include <qeval/scheme/output/planned_output.hpp>

namespace qeval {

class gguf_from_directory {
public:
    // Both must outlive what is made. usage_error CL02 where the model's class is not in gguf_classes.
    gguf_from_directory(quantization const& q, chosen_matrices const& matrices)
        : q_(q),
          matrices_(matrices),
          types_(q.builder.plan().formats()),
          class_(class_of(q)),
          tensors_(q, matrices, class_),
          facts_(q.description, q.file.config()) {}

    [[nodiscard]] gguf_contents made() && {
        auto const rule = facts_.rule();
        if (!can_say(rule)) refuse("rope scaling " + qeval::quoted(rule));
        for (auto const& t : q_.description.tensors) add(t);
        if (rule == "llama3") add_rope_factors();
        if (rule == "longrope") add_long_factors();
        add_general();
        for (auto const& k : class_.keys) {
            if (!k.first) add_key(k);
        }
        auto const folder = q_.tokenizer.empty()                          ? q_.file.tokenizer_directory()
                            : std::filesystem::is_directory(q_.tokenizer) ? q_.tokenizer
                                                                          : q_.tokenizer.parent_path();
        config_           = json_in(q_.file.tokenizer_directory() / "config.json");
        gguf_words const words(folder, class_, static_cast<std::size_t>(q_.description.vocab_size), config_);
        words.add_to(made_.entries, q_.words);
        if (words.are_pieces()) {
            for (auto const& k : class_.behind) add_key(k);
        }
        for (auto const& p : made_.parts) {
            if (p.quantized) made_.file_type = ggml_file_type_of("", p.plan.type.name);
        }
        return std::move(made_);
    }

private:
    static gguf_class const& class_of(quantization const& q) {
        if (auto const* known = gguf_class_of(q.description.architecture)) return *known;
        std::string names;
        for (auto const& c : gguf_classes) names.append(names.empty() ? "" : ", ").append(c.hf_class);
        throw usage_error{{"CL02", "--output-format gguf", "a directory of class " + q.description.architecture,
                           "a GGUF file, or a class of " + names,
                           "llama.cpp's convert_hf_to_gguf.py makes a GGUF file of it"}};
    }
    // Whether the class has keys, or tensors, for a scaling of its rotation.
    [[nodiscard]] bool can_say(std::string_view rule) const {
        if (rule == "linear" || rule == "yarn")
            return std::ranges::count(class_.keys, "rope.scaling.type", &gguf_key::key) == 1;
        if (rule == "llama3") return class_.rows == gguf_rows::pairs;
        if (rule == "longrope") return class_.architecture == "phi3";
        return rule == "default";
    }
    [[noreturn]] void refuse(std::string found) const {
        throw usage_error{{"CL02", "--output-format gguf, " + display_name(q_.file.tokenizer_directory()),
                           std::move(found), "what a GGUF of this class can say",
                           "llama.cpp's convert_hf_to_gguf.py may make a GGUF file of it"}};
    }
    void add_general() {
        auto const path = std::filesystem::absolute(q_.file.tokenizer_directory()).lexically_normal();
        auto const name = path.has_filename() ? path.filename() : path.parent_path().filename();
        made_.entries.add("general.architecture", class_.architecture);
        for (auto const& k : class_.keys) {
            if (k.first) add_key(k);
        }
        made_.entries.add("general.type", std::string_view("model"));
        made_.entries.add("general.name", std::string_view(name.string()));
        made_.entries.add("general.size_label", std::string_view(size_label()));
    }
    // "23K", "5.2M", of experts "8x7B", where a part counts one expert: two digits at least. Origin: gguf-py,
    // utility.py and gguf_writer.py.
    [[nodiscard]] std::string size_label() const {
        index shared = 0, expert = 0, experts = 0, stacks = 0;
        for (auto const& p : made_.parts) {
            index size = 1;
            for (index const d : p.plan.shape) size *= d;
            bool const stack = p.plan.name.find("_exps.") != p.plan.name.npos && p.plan.shape.size() > 2;
            (stack ? expert : shared) += stack ? size / p.plan.shape[0] : size;
            if (stack) experts += p.plan.shape[0], ++stacks;
        }
        auto const count = rounded_count(shared + expert);
        return stacks > 0 ? std::to_string(experts / stacks) + "x" + count : count;
    }
    static std::string rounded_count(index parameters) {
        struct scale {
            double above, times;
            char   letter;
        };
        constexpr std::array<scale, 4> scales{
            {{1e12, 1e-12, 'T'}, {1e9, 1e-9, 'B'}, {1e6, 1e-6, 'M'}, {-1, 1e-3, 'K'}}};
        auto const  count = static_cast<double>(parameters);
        std::size_t i     = 0;
        while (count <= scales[i].above) ++i;
        double const         scaled = count * scales[i].times;
        std::array<char, 40> text{};
        (void)std::snprintf(text.data(), text.size(), "%.*f%c", std::nearbyint(scaled) < 10 ? 1 : 0, scaled,
                            scales[i].letter);
        return text.data();
    }
    void add_key(gguf_key const& k) {
        bool const whole = k.key.starts_with("tokenizer.");
        auto const name  = (whole ? std::string() : std::string(class_.architecture) + ".") + std::string(k.key);
        std::visit(
            [&]<class T>(T const& value) {
                if constexpr (!std::is_same_v<T, std::monostate>) made_.entries.add(name, value);
            },
            k.of(facts_, k));
    }

    void add(model_description::named_shape const& t) {
        auto const name = gguf_name(t.name, q_.description.gguf_names);
        if (name == t.name) refuse("tensor " + t.name);
        auto const* m = matrices_.find(t.name);
        // A router stays in 32 bits, as vectors do.
        if (m != nullptr && m->slot.role != tensor_role::router) return add_matrix(name, *m);
        auto const* stored = q_.source.find(t.name); // it was found when the model was described
        auto        shape  = t.shape;
        while (shape.size() > 1 && shape.front() == 1) shape.erase(shape.begin()); // as the quantizer writes it
        gguf_part part{{name, types_.named("F32"), std::move(shape)}, {}, false};
        part.send = [tensors = tensors_, stored](byte_sink const& sink) { tensors.write_vector(*stored, sink); };
        made_.parts.push_back(std::move(part));
    }
    // Experts become one tensor: they come one after the other, and have the name of all.
    void add_matrix(std::string const& name, chosen_matrix const& m) {
        auto const stored       = q_.builder.plan().formats().stored(described_tensor(finder_in(q_.source), m.slot));
        auto const send         = [tensors = tensors_, &m](byte_sink const& sink) { tensors.write(m, sink); };
        auto const type         = types_.of(m);
        bool const again        = !stored->dense() && stored->name() != m.format->name() && m.from == nullptr;
        auto const [at, is_new] = stacks_.emplace(name, made_.parts.size());
        if (is_new) {
            made_.requantized += again ? 1 : 0;
            made_.parts.push_back({{name, type, {m.slot.rows, m.slot.cols}}, send, true});
            if (m.slot.member >= 0) made_.parts.back().plan.shape.insert(made_.parts.back().plan.shape.begin(), 1);
            return;
        }
        auto& part = made_.parts[at->second];
        if (part.plan.type.id != type.id || part.plan.shape.size() != 3)
            refuse(m.slot.name + " in another type than the experts before it");
        ++part.plan.shape[0];
        part.send = [before = std::move(part.send), send](byte_sink const& sink) { before(sink), send(sink); };
    }
    // Of Phi-3: the context that the model is used with decides which are taken.
    void add_long_factors() {
        for (auto const* kind : {"long", "short"}) {
            std::vector<float> factors;
            for (double const x : facts_.list_of_scaling(std::string(kind) + "_factor"))
                factors.push_back(static_cast<float>(x));
            add_numbers("rope_factors_" + std::string(kind) + ".weight", std::move(factors));
        }
    }
    void add_numbers(std::string name, std::vector<float> numbers) {
        gguf_part part{{std::move(name), types_.named("F32"), {static_cast<index>(numbers.size())}}, {}, false};
        part.send = [numbers = std::move(numbers)](byte_sink const& sink) { sink(std::as_bytes(std::span(numbers))); };
        made_.parts.push_back(std::move(part));
    }
    // By which the frequencies of Llama 3 are divided, in the converter's order of operations.
    void add_rope_factors() {
        auto const said = [&](char const* key, double otherwise) { return facts_.of_scaling(key).value_or(otherwise); };
        index const  size = q_.description.cache.head_size;
        double const base = facts_.rotation().words.base, factor = said("factor", 8), low = said("low_freq_factor", 1),
                     high = said("high_freq_factor", 4), old = said("original_max_position_embeddings", 8192);
        std::vector<float> factors;
        for (index i = 0; i < size; i += 2) {
            float const exponent  = static_cast<float>(i) / static_cast<float>(size); // as torch computes
            float const frequency = 1.0f / static_cast<float>(std::pow(base, static_cast<double>(exponent)));
            float const length    = static_cast<float>(2 * std::numbers::pi) / frequency;
            if (length < static_cast<float>(old / high)) {
                factors.push_back(1);
            } else if (length > static_cast<float>(old / low)) {
                factors.push_back(static_cast<float>(factor));
            } else {
                float const smooth =
                    (static_cast<float>(old) / length - static_cast<float>(low)) / static_cast<float>(high - low);
                factors.push_back(1.0f / ((1.0f - smooth) / static_cast<float>(factor) + smooth));
            }
        }
        add_numbers("rope_freqs.weight", std::move(factors));
    }

    quantization const&                             q_;
    chosen_matrices const&                          matrices_;
    known_gguf_types                                types_;
    gguf_class const&                               class_;
    gguf_directory_tensors                          tensors_;
    gguf_facts                                      facts_;
    json                                            config_; // config.json
    gguf_contents                                   made_;
    std::map<std::string, std::size_t, std::less<>> stacks_; // where the matrices of each name are among the parts
};

} // namespace qeval
