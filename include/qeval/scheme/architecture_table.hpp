// The architectures of a program by the names that files give them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/model/architecture_list.hpp>
#include <qeval/model/architectures.hpp>
#include <qeval/scheme/any_architecture.hpp>

namespace qeval {

template <backend B>
class architecture_table {
public:
    [[nodiscard]] auto begin() const { return architectures_.begin(); }
    [[nodiscard]] auto end() const { return architectures_.end(); }
    void               append(any_architecture<B> const* a) { architectures_.push_back(a); }
    void               append(architecture_table const& more) {
                      architectures_.insert(architectures_.end(), more.begin(), more.end());
    }

    // What the architectures call their tensors in GGUF; for open_checkpoint.
    [[nodiscard]] std::vector<gguf_naming> gguf_namings() const {
        std::vector<gguf_naming> namings;
        for (auto const* a : architectures_) {
            if (!a->names().gguf.empty()) namings.push_back({a->names().gguf, a->gguf_names()});
        }
        return namings;
    }
    // The one whose name stands in the file, or an error that lists those that are known (CF05).
    [[nodiscard]] any_architecture<B> const& of(config_reader const& r) const {
        std::string const said = r.architecture_name();
        std::string       known;
        for (auto const* a : architectures_) {
            auto const name = r.is_gguf() ? a->names().gguf : a->names().model_type;
            if (name.empty()) continue;
            if (said == name && a->accepts(r)) {
                refuse_both_directions(r);
                return check_class(r, *a);
            }
            known += (known.empty() ? "" : ", ") + std::string(name);
        }
        if (!r.is_gguf() && r.part_of() == nullptr) {
            known += "; or of several parts, of which the text is read:";
            for (auto const& c : multipart_classes) known += " " + std::string(c.model_type);
        }
        r.architecture().fail("an architecture read here: " + known, "CF05", likely_cause(r, said));
    }
    // The model of a checkpoint, whose tensors `source` has under canonical names and as they are read. context: see
    // config_reader::use_context.
    template <tensor_source Source>
    [[nodiscard]] std::unique_ptr<model_blueprint<B> const> read(checkpoint const& file, Source const& source,
                                                                 index context = 0) const {
        config_reader r = file.config();
        r.use_context(context);
        auto model = of(r).read(r);
        if (auto const how = file.quantization()) model->quantized_by(how->method);
        check_tensors(model->description(), source, r.file());
        if (auto note = other_head(model->description(), source, r.file()); !note.empty()) model->note(std::move(note));
        if (auto note = narrowed_tensors(model->description(), source, r.file()); !note.empty())
            model->note(std::move(note));
        return model;
    }
    [[nodiscard]] std::unique_ptr<model_blueprint<B> const> read(checkpoint const& file, index context = 0) const {
        return read(file, file, context);
    }

private:
    // Of a name that is known for something else than a model of text.
    static std::string likely_cause(config_reader const& r, std::string_view name) {
        if (r.is_gguf() && name == "clip")
            return "an mmproj file, which has the vision or audio part of a model: its text part is another GGUF";
        if (!r.is_gguf() && r.find({"text_config"}))
            return "a model of several parts whose text part may compute something else than its class does alone, as "
                   "that of Mllama, with layers that see an image, and of PaliGemma, which reads a prompt both ways";
        return {};
    }
    // model_type names a family: "llama" is that of a classifier, too.
    static any_architecture<B> const& check_class(config_reader const& r, any_architecture<B> const& a) {
        auto const classes = r.classes();
        if (!classes || classes->size() == 0) return a;
        auto const first = (*classes)[0];
        if (auto const* all = r.part_of()) {
            if (first.string() != all->hf_class) first.fail(std::string(all->hf_class), "", "CF05");
            return a;
        }
        // The model without its head, "LlamaModel", is saved under the same model_type; where the head is tied, it is
        // all there, and else the head is missed as a tensor.
        std::string const name(a.names().hf_class);
        if (first.string() == name) return a;
        for (std::string_view const head : {"ForCausalLM", "LMHeadModel"}) {
            if (name.ends_with(head) && first.string() == name.substr(0, name.size() - head.size()) + "Model") return a;
        }
        first.fail(name, "", "CF05");
    }
    // A model of embeddings has an architecture of these, and lets tokens see those behind them.
    static void refuse_both_directions(config_reader const& r) {
        auto const causal = r.find({"", "attention.causal"});
        if (causal && !causal->boolean()) causal->fail("true, for a model that writes texts", "CF06");
    }

    std::vector<any_architecture<B> const*> architectures_;
};

// The architectures of a list, in order. A build may compile the list that qeval brings once; see
// cli/compiled_architectures.hpp.
template <class List, backend B>
[[nodiscard]] architecture_table<B> table_of_architectures() {
    architecture_table<B> all;
    [&all]<class... A>(architecture_list<A...>) {
        [[maybe_unused]] auto const add = [&all](any_architecture<B> const* a) {
            if (a != nullptr) all.append(a);
        };
        (add(any_architecture_of<A, B>()), ...);
    }(List{});
    return all;
}
// Those that qeval brings, and those among the parts of a program, in order.
template <backend B, class... Parts>
[[nodiscard]] architecture_table<B> architectures_of() {
    auto all = table_of_architectures<builtin_architectures, B>();
    all.append(table_of_architectures<typename join_architectures<architecture_list<>, Parts...>::type, B>());
    return all;
}

} // namespace qeval
