// A Hugging Face directory whose quantized matrices are stored as another tool stores them: what all such families
// share. A family is a class that says which formats it holds, which tensors a matrix becomes, and what config.json
// says; everything that is no quantized matrix is taken along as the model has it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors_head.hpp>
#include <qeval/io/safetensors/safetensors_writer.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/model/slot_tensor.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>
#include <qeval/scheme/output/directory_files.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval {

// A tensor that a quantized matrix becomes, and its bytes.
struct laid_part {
    std::string            name;
    std::vector<std::byte> bytes;
};

class family_output : public planned_output {
public:
    static constexpr bool          is_file     = false;
    static constexpr std::uint64_t shard_limit = 5'000'000'000; // bytes of a file, as transformers has it

    [[nodiscard]] std::vector<std::filesystem::path> files(std::filesystem::path const& target) const override {
        auto all = beside_.files(target);
        for (std::size_t s = 0; s < shards_.size(); ++s) all.push_back(target / shard_name(s));
        if (shards_.size() > 1) all.push_back(target / index_name());
        for (auto const& [name, text] : more_files()) all.push_back(target / name);
        return all;
    }
    [[nodiscard]] std::vector<index> row_order(tensor_slot const& slot) const override {
        return beside_.gguf() ? beside_.gguf()->order_of(slot.name, slot.rows) : std::vector<index>();
    }
    void write(std::filesystem::path const& target) override {
        refuse_other_weights(target);
        for (std::size_t s = 0; s < shards_.size(); ++s) write_shard(target / shard_name(s), shards_[s]);
        if (shards_.size() > 1) write_file(target / index_name(), json_text(index_of_shards(), 2) + "\n");
        for (auto const& [name, text] : more_files()) write_file(target / name, text);
        beside_.write(target, config_text());
    }

protected:
    // `holds`: whether the family has a place for a format. `limit`: bytes of a file.
    family_output(quantization const& q, std::string_view name, bool (*holds)(any_format const&), std::uint64_t limit)
        : q_(q), name_(name), holds_(holds), limit_(limit), beside_(q_, name), matrices_(q_, holds) {
        if (auto const& gguf = beside_.gguf())
            matrices_.set_order([&gguf](tensor_view t) { return gguf->ordered(std::move(t)); });
    }

    // What the formats are called that the family holds, for who asks for another one.
    [[nodiscard]] virtual std::string_view held() const = 0;
    // Whether the sides of a matrix fit, whose format does.
    [[nodiscard]] virtual bool fits(chosen_matrix const&) const { return true; }
    // The tensors that it becomes; `lay` makes them.
    [[nodiscard]] virtual std::vector<tensor_plan> parts(chosen_matrix const& m) const                   = 0;
    [[nodiscard]] virtual std::vector<laid_part>   lay(chosen_matrix const& m, any_packed const& packed) = 0;
    // Adds what the family says in config.json, once all matrices are laid.
    virtual void describe(json& config) const = 0;
    // Files beside the others, and their texts.
    [[nodiscard]] virtual std::map<std::string, std::string> more_files() const { return {}; }
    [[nodiscard]] virtual std::string                        weights_name() const { return "model"; }
    // Whether it can say that inputs are rounded so; "": they are not.
    [[nodiscard]] virtual bool says_input(std::string_view input) const { return input.empty(); }

    // Of every tensor: what a constructor ends with.
    void plan() {
        for (auto const& [name, m] : matrices_) check(m);
        if (quantized_.empty()) refuse("no matrix that is quantized", "a scheme that quantizes");
        for (auto const& stored : q_.source.tensors()) add(stored);
        account_.quantized = quantized_.size();
        for (auto const* notes : {&matrices_.notes(), &beside_.notes()})
            account_.notes.insert(account_.notes.end(), notes->begin(), notes->end());
        if (auto const* one_dtype = number_type(); one_dtype != nullptr)
            account_.notes.push_back("config.json says " + std::string(one_dtype) + ", the type of the scales");
    }
    // What all files take: the end of a constructor, when what `describe` says is known.
    void count_files() {
        account_.file_bytes = beside_.bytes(config_text());
        for (auto const& s : shards_) account_.file_bytes += head_of(s.plans, metadata()).file_bytes();
        if (shards_.size() > 1) account_.file_bytes += (json_text(index_of_shards(), 2) + "\n").size();
        for (auto const& [name, text] : more_files()) account_.file_bytes += text.size();
    }
    // The type that config.json is to say for the model: that of scales which no narrower one holds; nullptr: its own.
    [[nodiscard]] virtual char const* number_type() const { return nullptr; }
    // Says it.
    void say_number_type(json& config) const {
        if (number_type() == nullptr) return;
        config[config.contains("dtype") ? "dtype" : "torch_dtype"] = number_type();
    }

    // The activation format of a matrix's inputs: of the scheme, or what the checkpoint prescribes and the scheme
    // keeps.
    [[nodiscard]] std::string input_of(chosen_matrix const& m) const {
        auto const& spec = q_.builder.plan().spec();
        if (spec.static_scales) return "int8:static";
        if (spec.activations != nullptr) return std::string(spec.activations->name);
        auto const* stored = q_.source.find(m.slot.name);
        bool const  kept   = spec.weights == "source" && stored != nullptr && stored->input != nullptr;
        return kept ? stored->input->activation : std::string();
    }
    // The matrix as the model has it, [rows, cols]; nothing where the scheme takes it as it is stored.
    [[nodiscard]] std::vector<float> numbers_of(chosen_matrix const& m) const {
        auto const t = slot_tensor(finder_in(q_.source), m.slot);
        if (same_name(t.type, m.format->name())) return {};
        return matrix_floats(q_.builder.plan().formats(), t, pool(), true);
    }
    [[nodiscard]] thread_pool& pool() const { return q_.builder.pool(); }
    // In the order of their names.
    [[nodiscard]] std::vector<chosen_matrix const*> const& quantized() const { return quantized_; }
    // Linear layers that stay as numbers, "lm_head", also where it is the embedding.
    [[nodiscard]] std::vector<std::string> const& left_alone() const { return left_alone_; }
    [[nodiscard]] static std::string              module_of(chosen_matrix const& m) {
                     return m.slot.name.substr(0, m.slot.name.rfind('.'));
    }
    [[nodiscard]] std::vector<tensor_plan> all_plans() const {
        std::vector<tensor_plan> all;
        for (auto const& s : shards_) all.insert(all.end(), s.plans.begin(), s.plans.end());
        return all;
    }
    [[noreturn]] void refuse(std::string found, std::string expected, std::string likely = {}) const {
        throw usage_error{{"CL02", "--output-format " + std::string(name_), std::move(found), std::move(expected),
                           std::move(likely)}};
    }
    [[nodiscard]] quantization const& asked() const { return q_; }
    [[nodiscard]] json                config_before() const { return beside_.config(); }

private:
    struct shard {
        std::vector<std::string> tensors; // of the model
        std::vector<tensor_plan> plans;   // of what they become
        std::uint64_t            bytes = 0;
    };

    void check(chosen_matrix const& m) {
        bool const embedding = m.slot.role == tensor_role::embedding;
        if (m.format->dense()) {
            if (!embedding || m.slot.tied) left_alone_.push_back(embedding ? "lm_head" : module_of(m));
            return;
        }
        std::string const what = m.slot.name + " in " + std::string(m.format->name());
        if (embedding) refuse(what, "an embedding in numbers", "a scheme that leaves embeddings alone");
        if (m.slot.transposed || !m.slot.name.ends_with(".weight"))
            refuse(what, "linear layers, a tensor [out, in] each",
                   "the model's class stores its matrices turned, or in stacks");
        bool const has_place = holds_(*m.format);
        if (!has_place || !fits(m)) {
            refuse(what + (has_place ? ", " + std::to_string(m.slot.rows) + " x " + std::to_string(m.slot.cols) : ""),
                   std::string(held()), "`qeval formats` lists formats, and how their sizes are named");
        }
        if (auto const input = input_of(m); !says_input(input))
            refuse("inputs in " + input + ", of " + m.slot.name, "inputs that its files can speak of",
                   "a scheme without +a=, or --output-format compressed-tensors");
        quantized_.push_back(&m);
    }
    void add(tensor_view const& stored) {
        auto const* m = matrices_.find(stored.name);
        if (m == nullptr && stored.maker) {
            account_.notes.push_back(stored.name + " is left out: the model does not use it");
            return;
        }
        std::vector<tensor_plan> plans;
        if (m != nullptr && !m->format->dense())
            plans = parts(*m);
        else if (m == nullptr || same_name(stored.type, m->format->name()) || m->slot.transposed)
            plans = {{stored.name, stored.type, stored.shape}};
        else
            plans = {{stored.name, std::string(m->format->name()), stored.shape}};
        std::uint64_t bytes = 0;
        for (auto const& p : plans) bytes += planned_bytes(p);
        if (shards_.empty() || (shards_.back().bytes > 0 && shards_.back().bytes + bytes > limit_))
            shards_.emplace_back();
        auto& into = shards_.back();
        into.tensors.push_back(stored.name);
        into.bytes += bytes;
        account_.bytes += bytes;
        account_.tensors += plans.size();
        account_.weights += static_cast<std::uint64_t>(stored.count());
        into.plans.insert(into.plans.end(), plans.begin(), plans.end());
    }
    [[nodiscard]] std::string config_text() const {
        json config = beside_.config();
        for (auto const* key : {"quantization_config", "compression_config", "quantize"}) config.erase(key);
        describe(config);
        return json_text(config, 2) + "\n";
    }
    [[nodiscard]] std::map<std::string, std::string> metadata() const {
        std::map<std::string, std::string> said{{"format", "pt"},
                                                {"quantized_by", "qeval " + std::string(version)},
                                                {"qeval.scheme", q_.builder.plan().spec().name},
                                                {"qeval.recipe", q_.builder.plan().recipe()}};
        if (q_.importance != nullptr) said["qeval.imatrix.sha256"] = q_.importance->sha256();
        return said;
    }
    void write_shard(std::filesystem::path const& target, shard const& s) {
        safetensors_writer file(target, s.plans, metadata());
        for (auto const& name : s.tensors) {
            auto const* m      = matrices_.find(name);
            auto const* stored = q_.source.find(name);
            if (m != nullptr && !m->format->dense()) {
                auto const packed = matrices_.pack(*m);
                for (auto const& part : lay(*m, *packed))
                    file.write(part.name, [&](byte_sink const& sink) { sink(part.bytes); });
            } else if (m == nullptr || same_name(stored->type, m->format->name()) || m->slot.transposed) {
                auto const t = beside_.gguf() ? beside_.gguf()->ordered(*stored) : *stored;
                file.write(name, [&](byte_sink const& sink) { sink(t.bytes); });
            } else {
                file.write(name, [&](byte_sink const& sink) { matrices_.write(*m, sink); });
            }
        }
        file.commit();
    }
    [[nodiscard]] std::string index_name() const { return weights_name() + ".safetensors.index.json"; }
    [[nodiscard]] std::string shard_name(std::size_t s) const {
        if (shards_.size() == 1) return weights_name() + ".safetensors";
        char place[32];
        std::snprintf(place, sizeof place, "-%05zu-of-%05zu", s + 1, shards_.size());
        return weights_name() + place + ".safetensors";
    }
    [[nodiscard]] json index_of_shards() const {
        std::map<std::string, std::string> where;
        for (std::size_t s = 0; s < shards_.size(); ++s) {
            for (auto const& p : shards_[s].plans) where[p.name] = shard_name(s);
        }
        return {{"metadata", {{"total_size", account_.bytes}}}, {"weight_map", where}};
    }
    // Weights of another checkpoint would be read in place of these, or beside them.
    void refuse_other_weights(std::filesystem::path const& target) const {
        std::error_code ignored;
        auto const      ours = files(target);
        for (auto const& entry : std::filesystem::directory_iterator(target, ignored)) {
            std::string const name    = entry.path().filename().string();
            bool const        weights = name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json");
            if (!weights || std::ranges::find(ours, target / name) != ours.end()) continue;
            refuse(display_name(entry.path()) + ", weights of another checkpoint", "a folder without any",
                   "another folder");
        }
    }

    quantization     q_;
    std::string_view name_;
    bool (*holds_)(any_format const&);
    std::uint64_t                     limit_;
    directory_files                   beside_;
    chosen_matrices                   matrices_;
    std::vector<chosen_matrix const*> quantized_;
    std::vector<std::string>          left_alone_;
    std::vector<shard>                shards_;
};

} // namespace qeval
