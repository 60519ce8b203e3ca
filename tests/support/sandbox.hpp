// Where tests run generated programs, if this machine lets them.
#pragma once

#include <string>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/core/error.hpp>
#include <qeval/eval/code/code_checker.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval_test {

inline qeval::task_options allowed() {
    qeval::task_options options;
    options.code.allow = true;
    return options;
}

// Whether programs run in a sandbox here. Where not, the log names the test that checks nothing, and why. A sandbox
// that runs a right program to another verdict fails the test, which would prove nothing.
inline bool sandbox_works() {
    try {
        auto const result = qeval::code_checker().check({"def f(x):\n", "def check(c):\n    assert c(1) == 2\n", "f"},
                                                        "    return x + 1\n");
        INFO(result.text);
        REQUIRE(result.verdict == qeval::code_verdict::passed);
        return true;
    } catch (qeval::environment_error const& e) {
        skip("\"" + Catch::getResultCapture().getCurrentTestName() + "\": no sandbox here: " + e.id() + ", " +
             e.why().found);
        return false;
    }
}

} // namespace qeval_test
