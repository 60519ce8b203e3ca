// Measures what the answers of an engine take.
#pragma once

#include <optional>
#include <string>

#include <qeval/core/stopwatch.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/task/answer_work.hpp>
#include <qeval/io/file/this_process.hpp>

namespace qeval {

// Measures calls of engines by a clock, in the name of a process.
struct work_meter {
    seconds_clock now     = steady_seconds;
    std::string   process = this_process();

    class measurement {
    public:
        measurement(work_meter const& meter, any_engine const& engine)
            : meter_(&meter), engine_(&engine), time_(meter.now), before_(engine.tokens_computed()) {}

        // What was done since this object was made.
        [[nodiscard]] answer_work done() const {
            auto const after = engine_->tokens_computed();
            return {0, 0, before_ && after ? *after - *before_ : -1, time_.seconds(), meter_->process};
        }

    private:
        work_meter const*    meter_;
        any_engine const*    engine_;
        stopwatch            time_;
        std::optional<index> before_;
    };
    [[nodiscard]] measurement begin(any_engine const& engine) const { return {*this, engine}; }
};

} // namespace qeval
