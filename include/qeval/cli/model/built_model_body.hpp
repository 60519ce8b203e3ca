// The functions of loaded_model that build the model under a scheme.
#pragma once

#include <qeval/cli/base/device.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/scheme/build.hpp>

namespace qeval::cli {

QEVAL_DRIVER_ONCE built_model loaded_model::build(scheme_spec const& spec) {
    return build_model(device(pool_), formats(), spec, *model_, source_, pool_, encoding());
}

} // namespace qeval::cli
