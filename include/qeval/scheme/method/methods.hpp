// How quantized checkpoints are stored: the list. A method is one file of this folder and one word here.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/scheme/method/ascend.hpp>
#include <qeval/scheme/method/auto_round.hpp>
#include <qeval/scheme/method/awq.hpp>
#include <qeval/scheme/method/bitsandbytes.hpp>
#include <qeval/scheme/method/compressed_tensors.hpp>
#include <qeval/scheme/method/fp8.hpp>
#include <qeval/scheme/method/gptq.hpp>
#include <qeval/scheme/method/mxfp4.hpp>
#include <qeval/scheme/method/qeval.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// A method has names, which quant_method is compared with, and read(config, parts), or read(config, config.json, parts)
// where that must agree: it takes the parts of every quantized matrix out of the checkpoint and puts the matrix in, as
// a tensor in a declared format.
template <class... Methods>
struct method_list {
    // Whether one of them has that name, and has read the checkpoint.
    static bool read(stored_quantization const& how, stored_parts& parts) {
        return (read_as<Methods>(how, parts) || ...);
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
    static bool read_as(stored_quantization const& how, stored_parts& parts) {
        if (std::ranges::find(Method::names, how.method) == std::end(Method::names)) return false;
        if constexpr (requires { Method::read(how.config, how.model, parts); }) {
            Method::read(how.config, how.model, parts);
        } else {
            Method::read(how.config, parts);
        }
        return true;
    }
};

using checkpoint_methods = method_list<ascend_method, auto_round_method, awq_method, bitsandbytes_method,
                                       compressed_tensors_method, fp8_method, gptq_method, mxfp4_method, qeval_method>;

// Published ways of storing weights that are not read, and what helps.
struct unread_method {
    std::string_view name, likely;
};
inline constexpr unread_method unread_methods[] = {
    {"torchao", "its tensors are torchao's own; a copy that was exported dequantized, or in another format"},
    {"hqq", "HQQ's own layout; the checkpoint that it was made from"},
    {"quanto", "quanto's own layout; the checkpoint that it was made from"}};

} // namespace qeval
