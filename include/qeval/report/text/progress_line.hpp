// Progress on stderr: one line that rewrites itself on a terminal, one line a task elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <qeval/eval/evaluation_options.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

class progress_line {
public:
    progress_line(bool terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}
    ~progress_line() { clear(); }

    void operator()(evaluation_progress const& p) {
        if (quiet_ || p.task.empty()) return;
        bool const last = p.done == p.total;
        auto const now  = std::chrono::steady_clock::now();
        if (!last && (!terminal_ || now - shown_ < std::chrono::milliseconds(100))) return;
        shown_           = now;
        std::string line = text("{:<14} {:<16} {:>5}/{} {}  {:.1f}/s  eta {:.0f} s  {} {:.4g}", p.scheme, p.task,
                                p.done, p.total, p.unit, p.rate(), p.eta(), p.metric, p.score);
        if (p.failed > 0) line += text("  {} failed", p.failed);
        std::fprintf(stderr, terminal_ ? "\r\x1b[2K%s" : "%s\n", line.c_str());
        std::fflush(stderr);
        dirty_ = terminal_;
    }
    void clear() {
        if (dirty_) std::fputs("\r\x1b[2K", stderr);
        dirty_ = false;
    }

private:
    bool                                  terminal_, quiet_, dirty_ = false;
    std::chrono::steady_clock::time_point shown_{};
};

} // namespace qeval
