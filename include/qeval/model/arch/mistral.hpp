// Mistral: Llama under another name, with a window in config.json. GGUF calls it llama.
#pragma once

#include <qeval/model/arch/llama.hpp>

namespace qeval {

struct mistral : llama {
    static constexpr architecture_name names{"MistralForCausalLM", "mistral", ""};
};

} // namespace qeval
