// The layouts of compressed-tensors: the list. One is a file of this folder and a word here: it has names, which
// "format" is compared with, and read(parts, module, group), which takes a module's parts and puts its matrix in.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/compressed_tensors/mx_quantized.hpp>
#include <qeval/scheme/method/compressed_tensors/naive_quantized.hpp>
#include <qeval/scheme/method/compressed_tensors/nvfp4_pack_quantized.hpp>
#include <qeval/scheme/method/compressed_tensors/pack_quantized.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

template <class... Layouts>
struct layout_list {
    // The module's matrix, in the layout of its group.
    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& group) {
        std::string const name = group.format.string();
        tensor_view*      made = nullptr;
        ((is<Layouts>(name) ? void(made = &Layouts::read(parts, module, group)) : void()), ...);
        if (made == nullptr) {
            std::string all;
            auto const  add = [&](auto const& some) {
                for (auto const n : some) all.append(all.empty() ? "" : ", ").append(n);
            };
            (add(Layouts::names), ...);
            group.format.fail("one of " + all, "", "CF03");
        }
        return *made;
    }

private:
    template <class Layout>
    static bool is(std::string_view name) {
        return std::ranges::find(Layout::names, name) != std::end(Layout::names);
    }
};

using layouts =
    layout_list<mxfp4_pack_quantized, mxfp8_quantized, naive_quantized, nvfp4_pack_quantized, pack_quantized>;

} // namespace qeval::compressed_tensors
