// The reference models of the test data: their weights, and what an independent float64 implementation says they compute.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/io/json_document.hpp>
#include <qeval/io/safetensors.hpp>
#include <qeval/model/config.hpp>

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

// The safetensors files of a directory as one source.
class shards {
public:
    explicit shards(std::filesystem::path const& dir) {
        for (auto const& e : std::filesystem::directory_iterator(dir)) {
            if (e.path().extension() == ".safetensors") files_.push_back(qeval::read_safetensors(e.path()));
        }
        for (auto const& f : files_) tensors_.insert(tensors_.end(), f.tensors.begin(), f.tensors.end());
    }
    [[nodiscard]] qeval::tensor_view const* find(std::string_view name) const {
        for (auto const& t : tensors_) {
            if (t.name == name) return &t;
        }
        return nullptr;
    }
    [[nodiscard]] std::span<qeval::tensor_view const> tensors() const { return tensors_; }

private:
    std::vector<qeval::safetensors_file> files_;
    std::vector<qeval::tensor_view>      tensors_;
};

inline qeval::model_config stories260k_config() {
    qeval::model_config c;
    c.hidden_size = 64, c.intermediate_size = 172, c.num_hidden_layers = 5, c.num_attention_heads = 8;
    c.num_key_value_heads = 4, c.head_dim = 8, c.vocab_size = 512, c.max_position_embeddings = 512;
    c.tie_word_embeddings = true;
    return c;
}
inline qeval::model_config babyllama_config() {
    qeval::model_config c;
    c.hidden_size = 128, c.intermediate_size = 352, c.num_hidden_layers = 5, c.num_attention_heads = 8;
    c.num_key_value_heads = 4, c.head_dim = 16, c.vocab_size = 105, c.max_position_embeddings = 256;
    c.tie_word_embeddings = true;
    return c;
}

} // namespace qeval_test
