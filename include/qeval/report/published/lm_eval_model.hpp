// The model as lm-eval's files describe it.
#pragma once

#include <string>

#include <qeval/core/view.hpp>

namespace qeval {

// What a result does not say of the model.
struct lm_eval_model {
    std::string name;           // as on the command line
    index       parameters = 0; // 0: not known
    index       context    = 0; // tokens
    std::string bos, eos;       // how the vocabulary spells them
    index       bos_id = -1, eos_id = -1;
    std::string chat_template{};      // its name; empty: none was applied
    std::string system_instruction{}; // empty: none
    bool        fewshot_as_multiturn = true;
};

} // namespace qeval
