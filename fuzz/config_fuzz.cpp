// Any bytes as config.json, and what follows the last line "%%" as generation_config.json: refused with a file_error,
// or a configuration of the architecture that it names, with ids that its vocabulary has.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <qeval/io/checkpoint/config_facts.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/model/architectures.hpp>

#include "memory_file.hpp"

namespace {

template <class A>
bool read_as(qeval::config_reader const& config) {
    if (config.architecture().text() != A::names.model_type) return false;
    auto const c = A::read(config);
    qeval_fuzz::require(c.sizes.width > 0 && c.sizes.layers > 0 && c.sizes.vocab > 0);
    auto const facts = qeval::read_facts(config, c.sizes.vocab);
    for (auto const id : facts.eos) qeval_fuzz::require(id >= 0 && id < c.sizes.vocab);
    return true;
}
template <class... A>
bool read_as_any(qeval::config_reader const& config, qeval::architecture_list<A...>) {
    return (read_as<A>(config) || ...);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view           text(reinterpret_cast<char const*>(data), size);
    constexpr std::string_view mark = "\n%%\n";
    qeval::json_limits const   limits{1u << 16, 5'000, 64, "CF01", true};
    try {
        std::optional<qeval::json_document> generation;
        if (auto const at = text.rfind(mark); at != std::string_view::npos) {
            generation = qeval::parse_json(text.substr(at + mark.size()), "generation_config.json", limits);
            text       = text.substr(0, at);
        }
        auto const document = qeval::parse_json(text, "config.json", limits);
        (void)read_as_any(qeval::config_reader(document, generation ? &*generation : nullptr),
                          qeval::builtin_architectures());
    } catch (qeval::file_error const& e) {
        qeval_fuzz::require(!e.id().empty());
    }
    return 0;
}
