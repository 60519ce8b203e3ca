// Rows of infilling: code stands before a gap and behind it.
#pragma once

#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// A row with text behind the gap is another task's: without that text its solutions do not run (file_error DS20).
inline void refuse_suffix(json_document const& row) {
    auto const suffix = row.find("suffix");
    if (suffix && !(suffix->is_string() && suffix->string().empty()))
        row.at("suffix").refuse("a suffix", "rows without one",
                                "a set for infilling: HumanEval's are the tasks humaneval_*_infilling", "DS20");
}

} // namespace qeval
