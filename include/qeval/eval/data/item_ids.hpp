// The ids of a data set's items, each of which may come once: results, stores and samples files name items by them.
#pragma once

#include <set>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

class item_ids {
public:
    // The id again, or file_error at its place.
    std::string const& take(std::string const& id, json_value place) {
        auto const [at, fresh] = seen_.insert(id);
        if (!fresh)
            place.refuse("the id " + qeval::quoted(id) + " a second time", "ids that differ",
                         "rows written twice, or files joined", "DS10");
        return *at;
    }

private:
    std::set<std::string> seen_;
};

} // namespace qeval
