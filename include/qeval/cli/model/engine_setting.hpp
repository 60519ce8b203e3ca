// What the engines of a command are made from, of whatever kind they are.
#pragma once

#include <map>
#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/scheme/spec.hpp>

namespace qeval::cli {

struct engine_setting {
    program_tables                     tables;
    model_options                      model;
    std::map<std::string, scheme_spec> specs{}; // of schemes whose names do not describe them: steps of attribution
    std::string                        reference{};
    bool layer_errors = false; // measure the error of each matrix's weights; not for the reference
};

} // namespace qeval::cli
