// What an output format does: from a model and a scheme it plans every tensor of the result, before any is encoded, and
// then writes them one after the other. outputs.hpp lists the formats.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/imatrix.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/model/description.hpp>
#include <qeval/scheme/matrix_builder.hpp>
#include <qeval/scheme/method/quantized_source.hpp>

namespace qeval {

// What a result is made from. All that is referred to must outlive what is planned.
struct quantization {
    checkpoint const&                        file;
    quantized_source const&                  source; // its tensors, by canonical names
    model_description const&                 description;
    matrix_builder&                          builder; // has the scheme's plan, and encodes
    importance_matrix const*                 importance = nullptr;
    std::string                              importance_path{}; // as it was given
    std::filesystem::path                    tokenizer{}; // a file or a folder in place of the model's own; empty: none
    std::function<qeval::tokenizer const&()> words{};     // reads it at the first call
    bool from_quantized = false; // the model's codes are taken as they are, in formats that hold the same numbers
};

struct output_account {
    std::size_t              tensors = 0, quantized = 0;
    std::uint64_t            bytes      = 0; // of all tensors, without headers
    std::uint64_t            file_bytes = 0; // of all files that write() makes, exactly
    std::uint64_t            weights    = 0;
    std::vector<std::string> notes;
};

class planned_output {
public:
    planned_output()                                 = default;
    planned_output(planned_output const&)            = delete;
    planned_output& operator=(planned_output const&) = delete;
    virtual ~planned_output()                        = default;

    [[nodiscard]] output_account const& account() const { return account_; }
    // Every file that write() makes, and no other: `target` itself, or what lies in it.
    [[nodiscard]] virtual std::vector<std::filesystem::path> files(std::filesystem::path const& target) const = 0;
    // Which row of the model's matrix each row of the result is; nothing: the same one.
    [[nodiscard]] virtual std::vector<index> row_order(tensor_slot const&) const { return {}; }
    // Makes one tensor at a time. Each file appears complete or not at all, the one with the weights last but for what
    // describes them.
    virtual void write(std::filesystem::path const& target) = 0;

protected:
    output_account account_;
};

// A format is a class that plans in its constructor, where it refuses what it cannot hold (usage_error).
template <class F>
concept output_format =
    std::derived_from<F, planned_output> && std::constructible_from<F, quantization const&> && requires {
    { F::name } -> std::convertible_to<std::string_view>; // of --output-format
    { F::is_file } -> std::convertible_to<bool>;          // else a folder, whose writer holds its lock
};

} // namespace qeval
