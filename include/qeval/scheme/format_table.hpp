// The formats of a program by name, derived from its lists: format_table const formats = table_of<catalog,
// my_format>().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/list.hpp>
#include <qeval/io/gguf/gguf.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/model/kv_format.hpp>
#include <qeval/scheme/any_format.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

class format_table {
public:
    [[nodiscard]] auto begin() const { return formats_.begin(); }
    [[nodiscard]] auto end() const { return formats_.end(); }
    void               append(any_format const* format) { formats_.push_back(format); }
    void               append(format_table const& more) { formats_.insert(formats_.end(), more.begin(), more.end()); }

    // nullptr where there is none; names are compared without regard to case, and may say group sizes: "nf4:128".
    [[nodiscard]] std::shared_ptr<any_format const> find(std::string_view name) const {
        for (auto const* f : formats_) {
            if (auto found = f->named(name)) return found;
        }
        return nullptr;
    }
    // All names, as messages list them: "F32, F16, ...".
    [[nodiscard]] std::string names() const {
        std::string all;
        for (auto const* f : formats_) all.append(all.empty() ? "" : ", ").append(f->name());
        return all;
    }
    // The format that a tensor is stored in, or an error that lists them.
    [[nodiscard]] std::shared_ptr<any_format const> stored(tensor_view const& t) const {
        if (auto f = find(t.type)) return f;
        throw file_error{{"CF03", t.place(), "type " + qeval::quoted(t.type), "one of " + names(),
                          t.type.starts_with("F8_")
                              ? "weights in FP8, whose scales are tensors of their own: take the checkpoint in BF16"
                              : "a checkpoint that is quantized in a way that is not read here"}};
    }
    // The storage of keys and values of that name; nullptr for "" (f32, as computed).
    [[nodiscard]] kv_format const* kv(std::string_view name) const {
        if (name.empty()) return nullptr;
        auto const f = find(name);
        if (f != nullptr && f->kv() != nullptr) return f->kv();
        throw usage_error{{"SC03", "+kv=" + std::string(name), f ? "a format stored in planes" : "no such format",
                           "a block format: f16, bf16, q8_0, q4_0, ...",
                           "a cache grows row by row, so each row must stand alone"}};
    }
    // The tensor types that a GGUF file may have: what the formats declare as their gguf_id.
    [[nodiscard]] std::vector<gguf_type> gguf_types() const {
        std::vector<gguf_type> types;
        for (auto const* f : formats_) {
            if (auto const id = f->gguf_id()) {
                types.push_back({*id, f->name(), static_cast<std::uint32_t>(f->block_size()),
                                 static_cast<std::uint32_t>(f->block_bytes())});
            }
        }
        return types;
    }

private:
    std::vector<any_format const*> formats_;
};

// The formats of a list, in order. A build may compile the catalog once and link it to many programs: see
// scheme/compiled_catalog.hpp; so programs ask table_of (scheme/table_of.hpp).
template <class List>
[[nodiscard]] format_table table_of_list() {
    format_table formats;
    for_each_format(List{}, [&](auto tag) {
        if (auto const* f = any_format_of<typename decltype(tag)::type>()) formats.append(f);
    });
    return formats;
}

} // namespace QEVAL_ISA
} // namespace qeval
