// A checkpoint that qeval has quantized itself: every quantized matrix is one U8 tensor, and config.json says what its
// bytes mean: "quantization_config": {"quant_method": "qeval", "tensors": {name: {"format": F, "shape": [r, c]}}};
// "transposed": true where the model's class stores that matrix as [c, r].
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct qeval_method {
    static constexpr std::string_view names[] = {"qeval"};

    static void read(json_value const& config, stored_parts& parts) {
        config.at("tensors").for_each_member(
            [&](std::string const& name, json_value entry) { interpret(parts, name, entry); });
    }

private:
    static void interpret(stored_parts& parts, std::string const& name, json_value entry) {
        auto* const at = parts.find(name);
        if (at == nullptr)
            entry.refuse("no such tensor", "a tensor of the checkpoint", "files of two checkpoints", "CF03");
        tensor_view& t      = *at;
        auto const   format = entry.at("format");
        auto const   shape  = entry.at("shape");
        if (shape.size() != 2) shape.fail("[rows, columns]", "", "CF03");
        index const rows = shape[0].integer(1, config_limits::vocab), cols = shape[1].integer(1, config_limits::width);
        auto const  known = parts.formats().find(format.string());
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
};

} // namespace qeval
