// A checkpoint that qeval has quantized itself, read back: every quantized matrix is one U8 tensor, and config.json
// says what its bytes mean: "quantization_config": {"quant_method": "qeval", "tensors": {name: {"format": F, "shape":
// [r, c]}}}; "transposed": true where the model's class stores that matrix as [c, r].
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/checked.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval {

// Satisfies tensor_source; other checkpoints pass through unchanged. The checkpoint must outlive it.
class quantized_source {
public:
    quantized_source(format_table const& formats, checkpoint const& from)
        : tensors_(from.tensors().begin(), from.tensors().end()) {
        for (std::size_t i = 0; i < tensors_.size(); ++i) place_.emplace(tensors_[i].name, i);
        if (auto const* config = from.hf_config()) {
            if (auto const q = config->find("quantization_config"); q && q->at("quant_method").string() == "qeval") {
                q->at("tensors").for_each_member(
                    [&](std::string const& name, json_value entry) { interpret(formats, name, entry); });
            }
        }
    }
    [[nodiscard]] tensor_view const* find(std::string_view name) const {
        auto const i = place_.find(name);
        return i == place_.end() ? nullptr : &tensors_[i->second];
    }
    [[nodiscard]] std::span<tensor_view const> tensors() const { return tensors_; }

private:
    void interpret(format_table const& formats, std::string const& name, json_value entry) {
        auto const at = place_.find(name);
        if (at == place_.end())
            entry.refuse("no such tensor", "a tensor of the checkpoint", "files of two checkpoints", "CF03");
        tensor_view& t      = tensors_[at->second];
        auto const   format = entry.at("format");
        auto const   shape  = entry.at("shape");
        if (shape.size() != 2) shape.fail("[rows, columns]", "", "CF03");
        index const rows = shape[0].integer(1, config_limits::vocab), cols = shape[1].integer(1, config_limits::width);
        auto const  known = formats.find(format.string());
        if (known == nullptr)
            format.fail("a format of this program", "a format defined elsewhere: add it to the list of the program",
                        "CF03");
        if (known->bytes(rows, cols) != static_cast<index>(t.bytes.size())) {
            entry.refuse(std::to_string(t.bytes.size()) + " bytes",
                         std::to_string(known->bytes(rows, cols)) + " in " + format.string(),
                         "a config.json of another checkpoint", "CF02");
        }
        auto const transposed = entry.find("transposed");
        t.type                = known->name();
        t.turned              = transposed && transposed->boolean();
        t.shape               = t.turned ? std::vector<index>{cols, rows} : std::vector<index>{rows, cols};
    }

    std::vector<tensor_view>                        tensors_;
    std::map<std::string, std::size_t, std::less<>> place_;
};

} // namespace qeval
