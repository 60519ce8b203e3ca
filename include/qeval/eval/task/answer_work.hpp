// What it took to make an answer. It is kept with the answer, so that a run that goes on, or merges shards, adds up the
// work that made its answers, whenever and wherever that was done.
#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <string>

#include <qeval/core/view.hpp>

namespace qeval {

struct answer_work {
    index       read     = 0;  // tokens of its requests; beginnings that requests share counted each time
    index       written  = 0;  // tokens of the texts that were written
    index       computed = -1; // tokens that went through the model, shared beginnings once; -1: unknown
    double      seconds  = std::numeric_limits<double>::quiet_NaN(); // to make requests, compute, judge; NaN: unknown
    std::string process{};                                           // who did it; empty: unknown
};

// Gives answers of one call, whose tokens are known, their shares of what the call took: by their tokens read and
// written, at least one each. The shares add up to the call's.
inline void share_work(answer_work const& call, std::span<answer_work> answers) {
    auto const weight = [](answer_work const& a) { return std::max<index>(1, a.read + a.written); };
    index      all = 0, before = 0;
    for (auto const& a : answers) all += weight(a);
    for (auto& a : answers) {
        index const after = before + weight(a);
        a.computed        = call.computed < 0 ? -1 : call.computed * after / all - call.computed * before / all;
        a.seconds         = call.seconds * static_cast<double>(after - before) / static_cast<double>(all);
        a.process         = call.process;
        before            = after;
    }
}

} // namespace qeval
