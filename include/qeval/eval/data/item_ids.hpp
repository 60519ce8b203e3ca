// The ids of a data set's items. Results, stores and samples files name items by them, so each id may occur once.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

class item_ids {
public:
    // Returns the id. One that has been taken before is refused at its place (file_error DS10).
    std::string const& take(std::string const& id, json_value place) {
        auto const [at, fresh] = seen_.insert(id);
        if (!fresh)
            place.refuse("the id " + qeval::quoted(id) + " a second time", "ids that differ",
                         "rows written twice, or files joined", "DS10");
        return *at;
    }
    // The row's member of that name, a text.
    std::string const& of(json_document const& row, std::string_view member) {
        return take(row.at(member).string(), row.at(member));
    }
    // The row's number from 0, where rows have no name.
    std::string const& number(json_document const& row) { return take(std::to_string(seen_.size()), row.root()); }
    std::string const& of_or_number(json_document const& row, std::string_view member) {
        return row.find(member) ? of(row, member) : number(row);
    }

private:
    std::set<std::string> seen_;
};

} // namespace qeval
