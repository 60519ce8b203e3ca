// bitsandbytes: quantization_config {"quant_method": "bitsandbytes", load_in_4bit or load_in_8bit, ...}.
// Four bits, of a linear layer [out, in]: "weight" U8 [out * in / 2, 1], high nibble first, and beside it
// (or the same bytes as numbers of bnb_4bit_quant_storage)
//   weight.absmax            F32, one for each `blocksize` weights of the flattened matrix; or U8, quantized itself:
//   weight.nested_absmax     F32, one for each nested_blocksize of those; weight.nested_quant_map F32 [256]
//   weight.quant_map         F32 [16], the code book
//   weight.quant_state.bitsandbytes__nf4 (or __fp4)   U8: JSON text with quant_type, blocksize, shape, nested_offset
// w[j] = quant_map[q[j]] * absmax[j / blocksize]; absmax = nested_quant_map[u] * nested_absmax + nested_offset.
// Eight bits: "weight" I8 [out, in], "SCB" F32 [out]: w = q * SCB / 127, and inputs split by magnitude (LLM.int8).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/policy/double_quantized.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct bitsandbytes_method {
    static constexpr std::string_view names[] = {"bitsandbytes"};

    static void read(json_value const& config, stored_parts& parts) {
        auto const says = [&](char const* key) { return config.find(key) && config.at(key).boolean(); };
        bool const four = says("load_in_4bit"), eight = says("load_in_8bit");
        if (four == eight)
            config.refuse(four ? "4 and 8 bits" : "neither 4 nor 8 bits", "load_in_4bit or load_in_8bit", "", "CF03");
        for (auto const& book : code_books) {
            for (auto const& module : parts.modules_with(book.state)) read_four(parts, module, book);
        }
        if (auto const threshold = config.find("llm_int8_threshold");
            eight && threshold && threshold->number(0, 1e9) != double(llm_int8::outlier_threshold))
            threshold->fail("6, the threshold that LLM.int8 is defined with", "", "CF03");
        for (auto const& module : parts.modules_with("SCB")) read_eight(parts, module);
    }

private:
    struct code_book {
        std::string_view state, type, format;
        float (*level)(unsigned code);
    };
    template <class F>
    static float level_of(unsigned code) {
        return F::level(code);
    }
    static constexpr code_book code_books[] = {
        {"weight.quant_state.bitsandbytes__nf4", "nf4", "nf4", &level_of<nf4>},
        {"weight.quant_state.bitsandbytes__fp4", "fp4", "fp4", &level_of<fp4>},
    };

    struct state {
        index rows = 0, cols = 0, block = 0;
        bool  nested        = false;
        float nested_offset = 0;
        index nested_block  = 0;
    };
    static state read_state(tensor_view const& t, code_book const& book) {
        std::string const text(reinterpret_cast<char const*>(t.bytes.data()), t.bytes.size());
        auto const        document = parse_json(text, t.place(), json_limits{1 << 16, 1000, 8, "CF03", true});
        state             s;
        if (auto const type = document.at("quant_type"); type.string() != book.type)
            type.fail(std::string(book.type), "", "CF03");
        auto const shape = document.at("shape");
        if (shape.size() != 2) shape.fail("[rows, columns]", "", "CF03");
        s.rows = shape[0].integer(1, std::int64_t{1} << 31), s.cols = shape[1].integer(1, std::int64_t{1} << 31);
        auto const block = document.at("blocksize");
        s.block          = block.integer(1, 1 << 16);
        if (s.block < 32 || s.block > 4096 || (s.block & (s.block - 1)) != 0)
            block.fail("a power of two from 32 to 4096", "", "CF03");
        if (auto const nested = document.find("nested_blocksize")) {
            s.nested        = true;
            s.nested_block  = nested->integer(1, 1 << 20);
            s.nested_offset = static_cast<float>(document.at("nested_offset").number(-1e30, 1e30));
        }
        return s;
    }
    static void read_four(stored_parts& parts, std::string const& module, code_book const& book) {
        auto const  told  = parts.take(module, book.state, {"U8"}, {-1});
        state const s     = read_state(told, book);
        index const count = s.rows * s.cols, groups = (count + s.block - 1) / s.block;
        // Trainers that shard by numbers (FSDP) have the bytes stored as numbers of their own type.
        auto const codes = parts.take(module, "weight", {"U8", "BF16", "F16", "F32"}, {-1, 1});
        if (static_cast<index>(codes.bytes.size()) != (count + 1) / 2) {
            throw file_error{
                {"CF02", codes.place(), std::to_string(codes.bytes.size()) + " bytes",
                 std::to_string((count + 1) / 2) + " for shape " + shape_text(std::vector<index>{s.rows, s.cols}),
                 "parts of two checkpoints"}};
        }
        auto const map = parts.take(module, "weight.quant_map", {"F32"}, {16});
        for (unsigned q = 0; q < 16; ++q) {
            if (float const level = stored_number<float>(map.bytes, index(q)); level != book.level(q)) {
                throw file_error{{"CF03", map.place() + "[" + std::to_string(q) + "]", std::to_string(level),
                                  std::to_string(book.level(q)) + ", of " + std::string(book.type),
                                  "a code book of one's own, which is a format of its own"}};
            }
        }
        std::string const size(":" + std::to_string(s.block));
        std::string       format = std::string(book.format) + (s.block == 64 ? "" : size);
        if (!s.nested) {
            auto const absmax = parts.take(module, "weight.absmax", {"F32"}, {groups});
            parts.put(module, codes, format, s.rows, s.cols, [codes, absmax] {
                return made_of({codes.bytes, absmax.bytes});
            });
            return;
        }
        index const supers = (groups + s.nested_block - 1) / s.nested_block;
        auto const  absmax = parts.take(module, "weight.absmax", {"U8"}, {groups});
        auto const  nested = parts.take(module, "weight.nested_absmax", {"F32"}, {supers});
        auto const  levels = parts.take(module, "weight.nested_quant_map", {"F32"}, {256});
        if (is_dynamic_map(levels) && s.nested_block == 256) {
            format += ":dq";
            parts.put(module, codes, format, s.rows, s.cols, [codes, absmax, nested, offset = s.nested_offset] {
                return made_of({codes.bytes, absmax.bytes, nested.bytes, std::as_bytes(std::span(&offset, 1))});
            });
            return;
        }
        // Another build of torch makes a map that differs in last bits: the same numbers as plain scales.
        parts.put(module, codes, format, s.rows, s.cols, [=] {
            std::vector<float> scales(static_cast<std::size_t>(groups));
            for (index g = 0; g < groups; ++g) {
                auto const code = stored_number<std::uint8_t>(absmax.bytes, g);
                scales[static_cast<std::size_t>(g)] =
                    stored_number<float>(levels.bytes, code) * stored_number<float>(nested.bytes, g / s.nested_block) +
                    s.nested_offset;
            }
            return made_of({codes.bytes, std::as_bytes(std::span(scales))});
        });
    }
    static bool is_dynamic_map(tensor_view const& map) {
        bool same = true;
        for (unsigned c = 0; c < 256; ++c)
            same = same && stored_number<float>(map.bytes, index(c)) == levels<dynamic_map>::value(c);
        return same;
    }
    static void read_eight(stored_parts& parts, std::string const& module) {
        auto const codes = parts.take(module, "weight", {"I8"}, {-1, -1});
        stored_parts::refuse_empty(codes);
        auto const scb = parts.take(module, "SCB", {"F32"}, {codes.shape[0]});
        (void)parts.take_if(module, "weight_format", {"U8"}, {});
        parts.put(module, codes, "int8", codes.shape[0], codes.shape[1], [codes, scb] {
            return made_of({codes.bytes, scb.bytes});
        });
    }
};

} // namespace qeval
