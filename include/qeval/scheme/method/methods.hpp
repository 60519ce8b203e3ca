// How quantized checkpoints are stored: the list. A method is one file of this folder and one word here.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include <qeval/io/json/json_value.hpp>
#include <qeval/scheme/method/awq.hpp>
#include <qeval/scheme/method/bitsandbytes.hpp>
#include <qeval/scheme/method/compressed_tensors.hpp>
#include <qeval/scheme/method/fp8.hpp>
#include <qeval/scheme/method/gptq.hpp>
#include <qeval/scheme/method/mxfp4.hpp>
#include <qeval/scheme/method/qeval.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// A method has names, which quant_method is compared with, and read(config, parts): it takes the parts of every
// quantized matrix out of the checkpoint and puts the matrix in, as a tensor in a declared format.
template <class... Methods>
struct method_list {
    // Whether one of them has that name, and has read the checkpoint.
    static bool read(std::string_view name, json_value const& config, stored_parts& parts) {
        return (read_as<Methods>(name, config, parts) || ...);
    }
    [[nodiscard]] static std::string names() {
        std::string all;
        auto const  add = [&](auto const& some) {
            for (auto const name : some) all.append(all.empty() ? "" : ", ").append(name);
        };
        (add(Methods::names), ...);
        return all;
    }

private:
    template <class Method>
    static bool read_as(std::string_view name, json_value const& config, stored_parts& parts) {
        if (std::ranges::find(Method::names, name) == std::end(Method::names)) return false;
        Method::read(config, parts);
        return true;
    }
};

using checkpoint_methods = method_list<awq_method, bitsandbytes_method, compressed_tensors_method, fp8_method,
                                       gptq_method, mxfp4_method, qeval_method>;

// Published ways of storing weights that are not read, and what helps.
struct unread_method {
    std::string_view name, likely;
};
inline constexpr unread_method unread_methods[] = {
    {"auto-round", "AutoRound's name for layouts of GPTQ and AWQ; a copy that it exported in one of their formats"},
    {"torchao", "its tensors are torchao's own; a copy that was exported dequantized, or in another format"},
    {"hqq", "HQQ's own layout; the checkpoint that it was made from"},
    {"quanto", "quanto's own layout; the checkpoint that it was made from"}};

} // namespace qeval
