// Ascend's W8A16, as msmodelslim 26.1.0 writes it (AscendV1): weight I8 [out, in], weight_scale and weight_offset F32
// [out, 1], w = (q - offset) * scale; quant_model_description.json gives every tensor's type, and config.json
// "quantize": "w8a16".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/output/family/family_output.hpp>
#include <qeval/scheme/output/family/integer_family.hpp>
#include <qeval/scheme/output/packed_integers.hpp>

namespace qeval {

class ascend_output final : public family_output {
public:
    static constexpr std::string_view name = "ascend";

    explicit ascend_output(quantization const& q, std::uint64_t limit = shard_limit)
        : family_output(q, name, &holds, limit) {
        plan();
        count_files();
    }

private:
    static bool holds(any_format const& f) {
        auto const k = integer_kind_of(f.name());
        return k && k->bits == 8 && k->height == 1 && k->width == 0;
    }
    [[nodiscard]] std::string_view         held() const override { return "int8:sym or int8:asym by channel (W8A16)"; }
    [[nodiscard]] std::vector<tensor_plan> parts(chosen_matrix const& m) const override {
        auto const module = module_of(m);
        return {{module + ".weight", "I8", {m.slot.rows, m.slot.cols}},
                {module + ".weight_scale", "F32", {m.slot.rows, 1}},
                {module + ".weight_offset", "F32", {m.slot.rows, 1}}};
    }
    [[nodiscard]] std::vector<laid_part> lay(chosen_matrix const& m, any_packed const& packed) override {
        auto const             in = planes_of(packed);
        auto const             k  = *integer_kind_of(m.format->name());
        auto const             of = integers_in(in, k, m.slot.rows, m.slot.cols, m.slot.name);
        std::vector<laid_part> made;
        for (auto const& p : parts(m)) made.push_back(empty_part(p));
        auto const flip = std::byte{static_cast<unsigned char>(k.symmetric ? 0 : 0x80)}; // from 0 .. 255
        for (std::size_t i = 0; i < made[0].bytes.size(); ++i) made[0].bytes[i] = in.planes[0][i] ^ flip;
        for (index r = 0; r < of.rows; ++r) {
            store_number(made[1].bytes, r, of.scale(r, 0));
            store_number(made[2].bytes, r, k.symmetric ? 0.0f : static_cast<float>(of.zero(r, 0) - 128));
        }
        return made;
    }
    void                      describe(json& config) const override { config["quantize"] = "w8a16"; }
    [[nodiscard]] std::string weights_name() const override { return "quant_model_weights"; }
    [[nodiscard]] std::map<std::string, std::string> more_files() const override {
        std::map<std::string, std::string> types;
        for (auto const& p : all_plans()) types[p.name] = "FLOAT";
        for (auto const* m : quantized()) {
            for (auto const& p : parts(*m)) types[p.name] = "W8A16";
        }
        json said       = types;
        said["version"] = "1.0.0", said["model_quant_type"] = "W8A16", said["group_size"] = 0;
        return {{"quant_model_description.json", json_text(said, 2) + "\n"}};
    }
};

} // namespace qeval
