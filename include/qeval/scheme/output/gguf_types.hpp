// The tensor types that a GGUF can have, by format and by name.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/output/chosen_matrices.hpp>

namespace qeval {

class known_gguf_types {
public:
    explicit known_gguf_types(format_table const& formats) : types_(formats.gguf_types()) {}

    // usage_error CL02 where GGUF has no number for the format.
    [[nodiscard]] gguf_type of(chosen_matrix const& m) const {
        auto const id = m.format->gguf_id();
        auto const at = std::ranges::find_if(types_, [&](gguf_type const& t) { return id && t.id == *id; });
        if (at != types_.end()) return *at;
        throw usage_error{{"CL02", "--output-format gguf, " + m.slot.name, std::string(m.format->name()),
                           "a format that has a number in GGUF",
                           "`qeval formats` lists formats; --output-format qeval holds every one"}};
    }
    [[nodiscard]] gguf_type named(std::string_view name) const { // of a tensor that was read, so it is there
        return *std::ranges::find_if(types_, [&](gguf_type const& t) { return same_name(t.name, name); });
    }

private:
    std::vector<gguf_type> types_;
};

} // namespace qeval
