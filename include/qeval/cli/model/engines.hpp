// The list of the kinds of engines that commands know. No other place names them all.
#pragma once

#include <qeval/cli/model/local_rows.hpp>
#include <qeval/eval/engine_list.hpp>

namespace qeval::cli {

using builtin_engines = engine_list<local_rows>; // the last kind serves every scheme that no other does

} // namespace qeval::cli
