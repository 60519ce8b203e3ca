// What two evaluations have measured, number by number: the results.json of two folders.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

struct measured_number {
    double                value = 0; // NaN: null, a number that is not defined
    std::optional<double> error;
};
// One metric of a scheme and a task in both; nothing: the folder has no such row.
struct results_difference {
    std::string                                   scheme, task, metric;
    std::array<std::optional<measured_number>, 2> measured;

    [[nodiscard]] bool equal() const {
        auto const &a = measured[0], &b = measured[1];
        return a && b && (a->value == b->value || (std::isnan(a->value) && std::isnan(b->value)));
    }
};

namespace detail {

[[nodiscard]] inline double measured_value(json_value const& v) {
    constexpr double most = std::numeric_limits<double>::max();
    return v.is_null() ? std::nan("") : v.number(-most, most);
}

} // namespace detail

// Every metric of `file` and of `other`, by scheme, task and name in the order of the first. Errors of either file are
// those of any JSON.
class results_differences {
public:
    results_differences(std::filesystem::path const& first, std::filesystem::path const& second) {
        read(first, 0);
        read(second, 1);
    }
    [[nodiscard]] std::vector<results_difference> const& all() const { return all_; }

private:
    void read(std::filesystem::path const& path, std::size_t which) {
        mapped_file const file(path);
        auto const        results = parse_json(file.read_text(0, file.size()), file.name());
        auto const        schemes = results.at("scores").at("schemes");
        for (std::size_t i = 0; i < schemes.size(); ++i) {
            auto const scheme = schemes[i].at("scheme").string();
            for (auto const* kind : {"texts", "tasks"}) {
                auto const tasks = schemes[i].find(kind);
                for (std::size_t k = 0; tasks && k < tasks->size(); ++k) add(scheme, (*tasks)[k], which);
            }
        }
    }
    void add(std::string const& scheme, json_value const& task, std::size_t which) {
        task.at("metrics").for_each_member([&](std::string const& name, json_value const& metric) {
            auto const key          = std::tuple(scheme, task.at("task").string(), name);
            auto const [at, is_new] = place_.emplace(key, all_.size());
            if (is_new) all_.push_back({scheme, std::get<1>(key), name, {}});
            measured_number made{detail::measured_value(metric.at("value")), {}};
            if (auto const e = metric.find("stderr"); e && !e->is_null()) made.error = detail::measured_value(*e);
            all_[at->second].measured[which] = made;
        });
    }

    std::vector<results_difference>                                          all_;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> place_;
};

} // namespace qeval
