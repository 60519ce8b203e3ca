// The kinds of engines that a program knows, as one list; a scheme belongs to the first kind that serves it.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/eval/engine_rows.hpp>

namespace qeval {

// A kind of engine is one struct in one file. K(schemes, setting) is given the schemes that this kind serves, and the
// setting that the list is given. What it can refuse before any work, its constructor refuses.
template <class K>
concept engine_kind = std::derived_from<K, engine_rows> && requires(std::string_view scheme) {
    { K::name } -> std::convertible_to<std::string_view>; // what errors call it
    { K::serves(scheme) } -> std::same_as<bool>;          // decided by the form of the name alone
};

template <engine_kind... Kinds>
class engine_list final : public engine_rows {
public:
    // Makes the kinds that serve at least one of the schemes. A scheme that no kind serves is refused (usage_error
    // EV14).
    template <class Setting>
    engine_list(std::span<std::string const> schemes, Setting const& setting) {
        std::size_t at = 0;
        (make<Kinds>(schemes, setting, at++), ...);
    }

    [[nodiscard]] std::unique_ptr<any_engine> open(std::string const& scheme) override {
        return of(scheme).open(scheme);
    }
    void describe(scheme_scores& scores, scheme_run& run) override { of(scores.scheme).describe(scores, run); }
    [[nodiscard]] scheme_process taken(std::string const& scheme) override { return of(scheme).taken(scheme); }
    // The origins of all kinds that were made, one after the other.
    [[nodiscard]] provenance origin() override {
        provenance all;
        for (auto const& kind : kinds_) {
            if (!kind) continue;
            auto const own = kind->origin();
            all.insert(all.end(), own.begin(), own.end());
        }
        return all;
    }

    // Whether K is the kind that serves a scheme.
    template <class K>
    [[nodiscard]] static bool is(std::string_view scheme) {
        constexpr std::array same{std::is_same_v<K, Kinds>...};
        return same[kind_of(scheme)];
    }
    // The rows of the kind K; nullptr where no scheme is of that kind.
    template <class K>
    [[nodiscard]] K* of_kind() {
        for (auto const& kind : kinds_) {
            if (auto* const found = dynamic_cast<K*>(kind.get())) return found;
        }
        return nullptr;
    }

private:
    [[nodiscard]] static std::size_t kind_of(std::string_view scheme) {
        constexpr std::array serves{&Kinds::serves...};
        for (std::size_t k = 0; k < serves.size(); ++k) {
            if (serves[k](scheme)) return k;
        }
        std::string names;
        ((names += (names.empty() ? "" : ", ") + std::string(Kinds::name)), ...);
        throw usage_error{{"EV14", "the scheme " + qeval::quoted(scheme), "no kind of engine that serves it",
                           "a scheme of one of: " + names, ""}};
    }
    template <class K, class Setting>
    void make(std::span<std::string const> schemes, Setting const& setting, std::size_t at) {
        std::vector<std::string> own;
        for (auto const& s : schemes) {
            if (kind_of(s) == at) own.push_back(s);
        }
        if (!own.empty()) kinds_[at] = std::make_unique<K>(own, setting);
    }
    [[nodiscard]] engine_rows& of(std::string_view scheme) { return *kinds_[kind_of(scheme)]; }

    std::array<std::unique_ptr<engine_rows>, sizeof...(Kinds)> kinds_;
};

} // namespace qeval
