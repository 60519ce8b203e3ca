// The reference models of the test data: their weights, and what an independent float64 implementation says they
// compute.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/model/architectures.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/scheme/architecture_table.hpp>

namespace qeval_test {

struct reference {
    struct prompt {
        std::vector<qeval::token> tokens;
        std::vector<double>       last_logits;
    };
    struct story {
        std::vector<qeval::token> tokens;
        double                    nll_mean = 0;
    };
    std::vector<qeval::token> greedy;
    std::vector<prompt>       prompts;
    std::vector<story>        stories;
};

inline std::string slurp(std::filesystem::path const& path) {
    std::ifstream     in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

template <class T>
std::vector<T> numbers(qeval::json_value v) {
    std::vector<T> out;
    v.for_each_element([&](std::size_t, qeval::json_value e) { out.push_back(T(e.number(-1e300, 1e300))); });
    return out;
}

inline reference read_reference(std::filesystem::path const& path) {
    auto const doc = qeval::parse_json(slurp(path), path.string());
    reference  r;
    r.greedy = numbers<qeval::token>(doc.at("greedy_from_bos").at("tokens"));
    doc.at("prompts").for_each_element([&](std::size_t, qeval::json_value p) {
        r.prompts.push_back({numbers<qeval::token>(p.at("tokens")), numbers<double>(p.at("last_logits"))});
    });
    doc.at("stories").for_each_element([&](std::size_t, qeval::json_value s) {
        r.stories.push_back({numbers<qeval::token>(s.at("tokens")), s.at("nll_mean").number(0, 100)});
    });
    return r;
}

inline qeval::architecture_table<qeval::cpu::host> const& architectures() {
    static auto const all = qeval::architectures_of<qeval::cpu::host>();
    return all;
}
// A checkpoint whose tensors are floats: GGUF's F32, or any safetensors.
inline qeval::checkpoint open_floats(std::filesystem::path const& path) {
    static constexpr qeval::gguf_type types[] = {{0, "F32", 1, 4}};
    return qeval::open_checkpoint(path, types, architectures().gguf_namings());
}
// Its model; matrices as `make` makes them. context: of the longest text, 0 for what the file says.
inline std::unique_ptr<qeval::causal_lm> model_of(qeval::checkpoint const& stored, qeval::cpu::host device,
                                                  qeval::weights<qeval::cpu::host>::factory make,
                                                  qeval::index                              context = 0) {
    return architectures().read(stored, context)->build(std::move(device), stored, std::move(make));
}

} // namespace qeval_test
