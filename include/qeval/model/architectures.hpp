// The architectures that qeval brings. A program adds its own behind them: see docs/define-an-architecture.md.
#pragma once

#include <qeval/model/arch/llama.hpp>
#include <qeval/model/arch/mistral.hpp>
#include <qeval/model/arch/qwen2.hpp>
#include <qeval/model/arch/starcoder2.hpp>
#include <qeval/model/architecture_list.hpp>

namespace qeval {

using builtin_architectures = architecture_list<llama, mistral, qwen2, starcoder2>;

} // namespace qeval
