// What a safetensors file that is to be written begins with, computed from its plan.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/checked.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/safetensors/safetensors_dtype.hpp>

namespace qeval {

struct tensor_plan {
    std::string        name;
    std::string        type; // a dtype of the format
    std::vector<index> shape;
};

// The bytes a planned tensor takes; a plan that no reader would accept is a defect of the caller.
[[nodiscard]] inline std::uint64_t planned_bytes(tensor_plan const& plan) {
    auto const* dtype = find_safetensors_dtype(plan.type);
    auto const  count = checked_product(plan.shape);
    auto const  bits  = dtype != nullptr && count ? checked{*count}.mul(dtype->bits) : std::nullopt;
    if (!bits || bits->value() % 8 != 0 || plan.name.empty() || plan.shape.size() > 8) {
        throw internal_error{
            {"SW01", "tensor " + qeval::quoted(plan.name),
             "type " + qeval::quoted(plan.type) + " and " + std::to_string(plan.shape.size()) + " dimensions",
             "a tensor safetensors can hold", ""}};
    }
    return bits->value() / 8;
}

struct safetensors_head {
    std::vector<tensor_plan> plans;    // in file order: wide types first, so that data stays aligned; then by name
    std::string              bytes;    // the length of the header, and the header
    std::uint64_t            data = 0; // bytes of all tensors

    [[nodiscard]] std::uint64_t file_bytes() const { return bytes.size() + data; }
};
[[nodiscard]] inline safetensors_head head_of(std::vector<tensor_plan>                  plans,
                                              std::map<std::string, std::string> const& metadata) {
    auto const width = [](tensor_plan const& p) { return find_safetensors_dtype(p.type)->bits; };
    for (auto const& p : plans) (void)planned_bytes(p);
    std::sort(plans.begin(), plans.end(), [&](auto const& a, auto const& b) {
        return width(a) != width(b) ? width(a) > width(b) : a.name < b.name;
    });
    // Not a json object: its look-up for a duplicate is linear, and there may be a hundred thousand names.
    std::string header = "{";
    auto const  entry  = [&](std::string const& name, json const& value) {
        header += (header.size() == 1 ? "" : ",") + json_text(json(name)) + ":" + json_text(value);
    };
    if (!metadata.empty()) entry("__metadata__", json(metadata));
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        auto const& p = plans[i];
        if (p.name == "__metadata__" || (i > 0 && plans[i - 1].name == p.name)) {
            throw internal_error{{"SW01", "tensor " + qeval::quoted(p.name), "a taken name", "distinct names", ""}};
        }
        auto const end = checked{offset}.add(planned_bytes(p)).value().value();
        entry(p.name, json{{"dtype", p.type}, {"shape", p.shape}, {"data_offsets", {offset, end}}});
        offset = end;
    }
    header += "}";
    header.resize(checked{header.size()}.align_up(8)->value(), ' ');
    std::uint64_t const length = header.size();
    std::string         bytes(reinterpret_cast<char const*>(&length), sizeof length);
    return {std::move(plans), bytes += header, offset};
}

} // namespace qeval
