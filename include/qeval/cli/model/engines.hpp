// The kinds of engines that commands know: the only place that names them all.
#pragma once

#include <qeval/cli/model/local_rows.hpp>
#include <qeval/eval/engine_list.hpp>

namespace qeval::cli {

using builtin_engines = engine_list<local_rows>; // the last one serves whatever the others do not

} // namespace qeval::cli
