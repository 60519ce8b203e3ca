// The options of how prompts are put to a model.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>
#include <qeval/io/chat/chat_templates.hpp>

namespace qeval::cli {

// Returns the option of the template, which others may need.
inline CLI::Option* add_wording(CLI::App& app, wording_options& w) {
    app.add_option("--system-instruction", w.system_instruction, "a text before all that a prompt says");
    return app.add_option("--apply-chat-template", w.chat_template,
                          "put prompts as conversations: auto, the model's own template, or one by its name: " +
                              chat_template_names());
}

} // namespace qeval::cli
