// Shared by the tokenizer tests: the texts of ggml-vocab.inp, lists of ids, small vocabularies.
#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/tokenizer.hpp>
#include <qeval/io/tokenizer/vocabulary/byte_alphabet.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"

namespace qeval_test {

inline std::string read_whole(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> split_texts(std::string const& all, std::string const& separator) {
    std::vector<std::string> out;
    for (std::size_t begin = 0;;) {
        auto const end = all.find(separator, begin);
        out.push_back(all.substr(begin, end == std::string::npos ? end : end - begin));
        if (end == std::string::npos) return out;
        begin = end + separator.size();
    }
}

inline std::vector<std::string> shared_texts(std::filesystem::path const& inp) {
    return split_texts(read_whole(inp), "\n__ggml_vocab_test__\n");
}

inline std::vector<qeval::token> ids_of(qeval::json_value list) {
    std::vector<qeval::token> out;
    list.for_each_element(
        [&](std::size_t, qeval::json_value id) { out.push_back(static_cast<qeval::token>(id.integer(0, 1 << 30))); });
    return out;
}

inline qeval::json_document json_file(std::filesystem::path const& path) {
    return qeval::parse_json(read_whole(path), path.filename().string());
}

// Id and text of the error that `f` throws, "" where it throws nothing.
template <class F>
std::pair<std::string, std::string> error_of(F&& f) {
    try {
        f();
    } catch (qeval::error const& e) {
        return {e.id(), e.what()};
    }
    return {};
}
template <class F>
std::string error_id(F&& f) {
    return error_of(f).first;
}
template <class F>
std::string error_text(F&& f) {
    return error_of(f).second;
}

// "vocab" and "merges" of a byte-level tokenizer.json that knows all 256 bytes and the given merges.
inline std::string byte_level_model(std::vector<std::pair<std::string, std::string>> const& merges,
                                    std::string const&                                      more = "") {
    qeval::json vocab = qeval::json::object();
    qeval::json list  = qeval::json::array();
    for (int b = 0; b < 256; ++b) {
        auto const id                                                    = vocab.size();
        vocab[qeval::byte_letters(std::string(1, static_cast<char>(b)))] = id;
    }
    for (auto const& [left, right] : merges) {
        if (!vocab.contains(left + right)) {
            auto const id       = vocab.size();
            vocab[left + right] = id;
        }
        list.push_back({left, right});
    }
    return R"({"type":"BPE")" + more + R"(,"vocab":)" + vocab.dump() + R"(,"merges":)" + list.dump() + "}";
}

inline std::string tokenizer_text(std::string const& model, std::string const& fields = "") {
    return "{" + fields + (fields.empty() ? "" : ",") + "\"model\":" + model + "}";
}

inline std::string const byte_level_step    = R"("pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false})";
inline std::string const byte_level_decoder = R"("decoder":{"type":"ByteLevel"})";

} // namespace qeval_test
