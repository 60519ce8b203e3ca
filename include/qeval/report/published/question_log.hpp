// A line for each question that was answered, with the score so far: what one follows while a long run lasts, and reads
// afterwards.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/core/stopwatch.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/report/text/display_text.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

// 2026-11-28T18:00:01Z q4_k_m mmlu 12/570 id=anatomy/3 subject=anatomy wrong chosen=2 target=1 acc=0.4167 s=0.0213
// read=820 computed=41
// Behind right or wrong stands the item's state where it is not plainly answered; behind a score, how many items
// failed. `s` is the item's share of the seconds of its call; `written` stands behind `read` where the model writes.
[[nodiscard]] inline std::string question_line(answered_question const& q, std::string_view time) {
    auto const& o    = *q.outcome;
    std::string line = text("{} {} {} {}/{} id={}", time, q.scheme, q.task, q.item + 1, q.total, o.id);
    if (!o.group.empty()) line += " subject=" + o.group;
    if (!o.error.empty())
        line += " error=" + o.error;
    else if (q.metric->kind == metric_kind::proportion)
        line += o.correct ? " right" : " wrong";
    else if (!o.values.empty())
        line += text(" {:.4g}", o.values[0]);
    if (o.error.empty() && state_of(o) != item_state::answered) line += text(" {}", name_of(state_of(o)));
    if (o.chosen >= 0) line += text(" chosen={}", o.chosen);
    if (o.target >= 0) line += text(" target={}", o.target);
    line += text(" {}={:.4f}", q.metric->name, q.score);
    if (q.failed > 0) line += text(" failed={}", q.failed);
    line += text(" s={} read={}", fixed(o.work.seconds, 4), o.work.read);
    if (o.work.written > 0) line += text(" written={}", o.work.written);
    if (o.work.computed >= 0) line += text(" computed={}", o.work.computed);
    return without_controls(line) + "\n";
}

// Lines are added to what earlier runs left; the store, not this file, is what a run goes on from.
class question_log {
public:
    explicit question_log(std::filesystem::path const& path) : path_(path), file_(nullptr, &std::fclose) {
        input_guard::refuse_output(path);
        file_.reset(std::fopen(path.c_str(), "ae"));
        if (file_ == nullptr) refuse("it cannot be opened");
    }
    void operator()(answered_question const& q) {
        auto const line = question_line(q, utc_now());
        if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() || std::fflush(file_.get()) != 0)
            refuse("a line cannot be written");
    }

private:
    [[noreturn]] void refuse(std::string const& what) const {
        throw environment_error{{"IO05", display_name(path_), what + ": " + std::strerror(errno),
                                 "a file that can be written", "a full disk, or a folder of another user"}};
    }

    std::filesystem::path                           path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

} // namespace qeval
