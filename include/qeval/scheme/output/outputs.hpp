// The list of output formats, and the only one. A new one is a header beside this and a word here. What a program asks
// of it by name is in any_output.hpp, so that the formats are compiled once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/scheme/output/any_output_format.hpp>
#include <qeval/scheme/output/family/ascend_output.hpp>
#include <qeval/scheme/output/family/awq_output.hpp>
#include <qeval/scheme/output/family/bitsandbytes_output.hpp>
#include <qeval/scheme/output/family/compressed_tensors_output.hpp>
#include <qeval/scheme/output/family/gptq_output.hpp>
#include <qeval/scheme/output/gguf_output.hpp>
#include <qeval/scheme/output/planned_output.hpp>
#include <qeval/scheme/output/qeval_output.hpp>

namespace qeval {

template <output_format... Formats>
struct output_list {};
using output_formats = output_list<qeval_output, gguf_output, gptq_output, awq_output, compressed_tensors_output,
                                   bitsandbytes_output, ascend_output>;

template <output_format... Formats>
[[nodiscard]] std::vector<any_output_format> all_outputs(output_list<Formats...>) {
    return {any_output_format{
        Formats::name, Formats::is_file,
        [](quantization const& q) -> std::unique_ptr<planned_output> { return std::make_unique<Formats>(q); }}...};
}
// usage_error CL02 where the list has none of that name.
template <output_format... Formats>
[[nodiscard]] any_output_format output_named(std::string_view name, output_list<Formats...> list) {
    std::string names;
    for (auto const& f : all_outputs(list)) {
        if (f.name == name) return f;
        names.append(names.empty() ? "" : ", ").append(f.name);
    }
    throw usage_error{{"CL02", "--output-format " + qeval::quoted(name), "no such format", "one of " + names, ""}};
}

} // namespace qeval
