// A GGUF of a model that is a Hugging Face directory, as llama.cpp's converter and its quantizer make it one after the
// other. Origin: conversion/base.py and the classes beside it, llama.cpp of 2026-10. Two things are not taken over:
// names and numbers that the converter guesses from the folder's name, and what a model card says.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/gguf/gguf_writer.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/description.hpp>
#include <qeval/scheme/ggml_file_types.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/gguf_classes.hpp>
#include <qeval/scheme/output/gguf_contents.hpp>
#include <qeval/scheme/output/gguf_directory_tensors.hpp>
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
          tensors_(q, matrices, class_) {}

    [[nodiscard]] gguf_contents made() && {
        config_ = json_in(q_.file.tokenizer_directory() / "config.json");
        rope_ =
            config_.contains("rope_parameters") ? config_["rope_parameters"] : config_.value("rope_scaling", json());
        if (rope_.is_object()) rule_ = rope_.value("rope_type", rope_.value("type", std::string("default")));
        if (rule_ != "default" && rule_ != "linear" && rule_ != "llama3")
            refuse("rope scaling " + qeval::quoted(rule_));
        for (auto const& t : q_.description.tensors) add(t);
        if (rule_ == "llama3") add_rope_factors();
        add_general();
        for (auto const& k : class_.keys) add_key(k);
        if (class_.vocab_size) {
            number("vocab_size", q_.description.vocab_size);
            number("rope.dimension_count", head_size());
        }
        auto const folder = q_.tokenizer.empty()                          ? q_.file.tokenizer_directory()
                            : std::filesystem::is_directory(q_.tokenizer) ? q_.tokenizer
                                                                          : q_.tokenizer.parent_path();
        gguf_words(folder, class_, static_cast<std::size_t>(q_.description.vocab_size), config_)
            .add_to(made_.entries, q_.words);
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
    [[noreturn]] void refuse(std::string found) const {
        throw usage_error{{"CL02", "--output-format gguf, " + display_name(q_.file.tokenizer_directory()),
                           std::move(found), "what a GGUF of this class can say",
                           "llama.cpp's convert_hf_to_gguf.py may make a GGUF file of it"}};
    }
    [[nodiscard]] index heads() const { return q_.description.cache.kv_heads * q_.description.sharing; }
    [[nodiscard]] index head_size() const { return q_.description.cache.head_size; }

    void number(std::string_view key, index n) {
        made_.entries.add(std::string(class_.architecture) + "." + std::string(key), static_cast<std::uint32_t>(n));
    }
    void number(std::string_view key, double x) {
        made_.entries.add(std::string(class_.architecture) + "." + std::string(key), static_cast<float>(x));
    }
    void add_general() {
        auto const path = std::filesystem::absolute(q_.file.tokenizer_directory()).lexically_normal();
        auto const name = path.has_filename() ? path.filename() : path.parent_path().filename();
        made_.entries.add("general.architecture", class_.architecture);
        made_.entries.add("general.type", std::string_view("model"));
        made_.entries.add("general.name", std::string_view(name.string()));
        made_.entries.add("general.size_label", std::string_view(size_label(q_.description.parameters())));
    }
    // "23K", "5.2M": two digits at least. Origin: gguf-py, utility.py.
    static std::string size_label(index parameters) {
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
    void add_key(gguf_config_key const& k) {
        if (k.key == gguf_keys::theta.key && rule_ == "linear") {
            made_.entries.add(std::string(class_.architecture) + ".rope.scaling.type", std::string_view("linear"));
            number("rope.scaling.factor", rope_.at("factor").get<double>());
        }
        for (auto const name : k.names) {
            if (name.empty() || !config_.contains(name) || config_[std::string(name)].is_null()) continue;
            auto const& value = config_[std::string(name)];
            if (!value.is_number()) refuse(std::string(name) + " that is no number");
            if (k.kind == gguf_config_key::kinds::integer) return number(k.key, value.get<index>());
            return number(k.key, value.get<double>());
        }
        add_default(k);
    }
    void add_default(gguf_config_key const& k) {
        using enum gguf_config_key::defaults;
        switch (k.otherwise) {
        case none:
            return;
        case heads:
            return number(k.key, this->heads());
        case width_by_heads:
            return number(k.key, q_.description.width() / this->heads());
        case head_128:
            return number(k.key, index{128});
        case rms_epsilon:
            return number(k.key, 1e-6);
        case rope_theta:
            return number(k.key, rope_.is_object() ? rope_.value("rope_theta", 10000.0) : 10000.0);
        case refused:
            refuse("no " + std::string(k.names[0]) + " in config.json");
        }
    }

    void add(model_description::named_shape const& t) {
        auto const name = gguf_name(t.name, q_.description.gguf_names);
        if (auto const* m = matrices_.find(t.name)) {
            auto const stored = q_.builder.plan().formats().stored(*q_.source.find(t.name));
            if (class_.pairs && stored->block_size() == 0) // its rows cannot be moved one by one
                refuse(t.name + " in " + std::string(stored->name()) + ", in planes");
            made_.requantized += stored->dense() || stored->name() == m->format->name() ? 0 : 1;
            gguf_part part{{name, types_.of(*m), {m->slot.rows, m->slot.cols}}, {}, true};
            part.send = [tensors = tensors_, m](byte_sink const& sink) { tensors.write(*m, sink); };
            return made_.parts.push_back(std::move(part));
        }
        auto const* stored = q_.source.find(t.name); // it was found when the model was described
        gguf_part   part{{name, types_.named("F32"), t.shape}, {}, false};
        part.send = [tensors = tensors_, stored](byte_sink const& sink) { tensors.write_vector(*stored, sink); };
        made_.parts.push_back(std::move(part));
    }
    // By which the frequencies of Llama 3 are divided, in the converter's order of operations.
    void add_rope_factors() {
        auto const   said = [&](char const* key, double otherwise) { return rope_.value(key, otherwise); };
        double const base = config_.value("rope_theta", said("rope_theta", 10000.0)), factor = said("factor", 8),
                     low = said("low_freq_factor", 1), high = said("high_freq_factor", 4),
                     old = said("original_max_position_embeddings", 8192);
        std::vector<float> factors;
        for (index i = 0; i < head_size(); i += 2) {
            float const exponent  = static_cast<float>(i) / static_cast<float>(head_size()); // as torch computes
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
        gguf_part part{{"rope_freqs.weight", types_.named("F32"), {static_cast<index>(factors.size())}}, {}, false};
        part.send = [factors](byte_sink const& sink) { sink(std::as_bytes(std::span(factors))); };
        made_.parts.push_back(std::move(part));
    }

    quantization const&    q_;
    chosen_matrices const& matrices_;
    known_gguf_types       types_;
    gguf_class const&      class_;
    gguf_directory_tensors tensors_;
    json                   config_, rope_;
    std::string            rule_ = "default";
    gguf_contents          made_;
};

} // namespace qeval
