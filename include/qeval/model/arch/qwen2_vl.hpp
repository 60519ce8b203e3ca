// The text part of Qwen2-VL and Qwen2.5-VL: Qwen2 with other defaults. Its rotation takes each pair's position from one
// of three (time, height, width), which are equal where there is text alone: then it is the plain one. Origin:
// transformers, models/qwen2_vl, models/qwen2_5_vl.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/qwen2.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/rotary.hpp>

namespace qeval {

struct qwen2_vl : qwen2 {
    static constexpr architecture_name names{"Qwen2VLForConditionalGeneration", "qwen2_vl_text", "qwen2vl"};

    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        config c{read_decoder(r, rotary_rule{.theta = 1e6},
                              {.context = 32768, .kv_heads = 8, .sizes = {8192, 29568, 80, 64, 152064}})};
        read_windows(r, c, 80);
        c.norm = read_rms_norm(r, 1e-5);
        c.tied = r.tied(false);
        return c;
    }
};

} // namespace qeval
