// Bytes up to the first line "%%" as a quantization_config, the rest as a safetensors file that it is about: refused
// with a file_error, when it is read or when a matrix is used, or every matrix is made and has its format's size.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/mxfp4.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/list.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/safetensors/safetensors.hpp>
#include <qeval/scheme/format_table.hpp>
#include <qeval/scheme/method/methods.hpp>

#include "memory_file.hpp"

namespace {

using some = qeval::format_list<qeval::int3, qeval::int4, qeval::int4_sym, qeval::int8_sym, qeval::nf4, qeval::nf4_dq,
                                qeval::fp8_e4m3, qeval::mxfp4>;

void make_all(std::string_view config, qeval::safetensors_file const& file) {
    static qeval::format_table const formats = qeval::table_of_list<some>();
    static qeval::thread_pool        pool(1);
    auto const          document = qeval::parse_json(config, "config.json", {1u << 16, 5'000, 64, "CF01", true});
    qeval::stored_parts parts(file.tensors, formats, pool);
    (void)qeval::checkpoint_methods::read({document.at("quant_method").string(), document.root(), document.root()},
                                          parts);
    for (auto const& t : std::move(parts).tensors()) {
        if (!t.maker) continue;
        auto const made = t.maker->make();
        qeval_fuzz::require(made.bytes.size() == t.byte_count());
        qeval_fuzz::require(!made.order || made.order->size() == std::size_t(t.shape[1]));
        // What is made is in proportion to what is stored: a header cannot ask for much memory.
        qeval_fuzz::require(t.byte_count() < (std::size_t{1} << 24));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const     text(reinterpret_cast<char const*>(data), size);
    constexpr std::string_view mark = "\n%%\n";
    auto const                 at   = text.find(mark);
    if (at == std::string_view::npos) return 0;
    qeval_fuzz::memory_file const input(data + at + mark.size(), size - at - mark.size());
    try {
        make_all(text.substr(0, at), qeval::read_safetensors(input.path()));
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
