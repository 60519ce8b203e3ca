// The architectures that qeval brings. A program adds its own behind them: see docs/define-an-architecture.md.
#pragma once

#include <qeval/model/arch/cohere.hpp>
#include <qeval/model/arch/cohere2.hpp>
#include <qeval/model/arch/deepseek_v2.hpp>
#include <qeval/model/arch/deepseek_v3.hpp>
#include <qeval/model/arch/falcon.hpp>
#include <qeval/model/arch/gemma.hpp>
#include <qeval/model/arch/gemma2.hpp>
#include <qeval/model/arch/gemma3.hpp>
#include <qeval/model/arch/gpt2.hpp>
#include <qeval/model/arch/gpt_bigcode.hpp>
#include <qeval/model/arch/gpt_neox.hpp>
#include <qeval/model/arch/gpt_oss.hpp>
#include <qeval/model/arch/granite.hpp>
#include <qeval/model/arch/granite_moe.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/arch/mistral.hpp>
#include <qeval/model/arch/mixtral.hpp>
#include <qeval/model/arch/olmo2.hpp>
#include <qeval/model/arch/phi.hpp>
#include <qeval/model/arch/phi3.hpp>
#include <qeval/model/arch/qwen2.hpp>
#include <qeval/model/arch/qwen2_moe.hpp>
#include <qeval/model/arch/qwen2_vl.hpp>
#include <qeval/model/arch/qwen3.hpp>
#include <qeval/model/arch/qwen3_moe.hpp>
#include <qeval/model/arch/smollm3.hpp>
#include <qeval/model/arch/stablelm.hpp>
#include <qeval/model/arch/starcoder2.hpp>
#include <qeval/model/architecture_list.hpp>

namespace qeval {

using builtin_architectures =
    architecture_list<llama, mistral, mixtral, qwen2, qwen2_moe, qwen2_vl, qwen3, qwen3_moe, starcoder2, deepseek_v2,
                      deepseek_v3, gemma, gemma2, gemma3, phi3, granite, granite_moe, olmo2, smollm3, gpt_neox,
                      stablelm, cohere, cohere2, falcon, phi, gpt2, gpt_bigcode, gpt_oss>;

} // namespace qeval
