// qeval doctor: says what this machine and this program can do, and gives advice where something is missing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/core/counted.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>
#include <qeval/eval/code/sandbox_canaries.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::cli {

struct doctor_finding {
    std::string subject, found, advice; // advice: empty where nothing is missing
};

namespace detail {

// The flags of the first processor, with a space before and behind each.
[[nodiscard]] inline std::string processor_flags() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("flags") || line.starts_with("Features"))
            return line.substr(line.find(':') + 1).append(" ");
    }
    return "";
}
// The widest instruction set that qeval knows and the processor has.
[[nodiscard]] inline std::string_view widest_set(std::string const& flags) {
    auto const has = [&](std::string_view flag) {
        return flags.find(std::string(" ").append(flag).append(" ")) != flags.npos;
    };
    if (has("avx512f") && has("avx512bw") && has("avx512_vnni") && has("avx512_bf16")) return "avx512_vnni_bf16";
    if (has("avx512f") && has("avx512bw")) return "avx512";
    if (has("avx2") && has("fma")) return "avx2";
    return "generic";
}
[[nodiscard]] inline int rank_of(std::string_view set) {
    constexpr std::string_view sets[] = {"generic", "avx2", "avx512", "avx512_vnni_bf16"};
    for (int i = 0; i < 4; ++i)
        if (set == sets[i]) return i;
    return 0;
}
} // namespace detail

[[nodiscard]] inline std::vector<doctor_finding> examine() {
    std::vector<doctor_finding> found;
    std::string                 binary("qeval ");
    binary.append(version).append(", ").append(compiler).append(", ").append(built_for);
    std::string_view const widest = detail::widest_set(detail::processor_flags());
    found.push_back({"binary", std::move(binary),
                     detail::rank_of(built_for) > detail::rank_of(widest) ? "built for another processor; build it here"
                     : detail::rank_of(built_for) < detail::rank_of(widest)
                         ? std::string("the processor has ").append(widest).append("; build with -march=native")
                         : std::string()});
    found.push_back(
        {"processor", text("{}, {}", processor(), counted(std::thread::hardware_concurrency(), "threads")), ""});
    std::uint64_t const limit = group_memory_limit(), available = available_memory();
    found.push_back({"memory",
                     limit > 0 && limit < available
                         ? text("{} available, {} allowed", bytes_text(available), bytes_text(limit))
                         : text("{} available", bytes_text(available)),
                     ""});

    bool                complete = true;
    sandbox_setup const setup;
    for (auto const& program : setup.programs()) {
        if (std::filesystem::exists(program)) continue;
        complete = false;
        found.push_back({program, "is missing",
                         std::string("apt-get install ")
                             .append(package_of(program))
                             .append("; generated programs are not run without it")});
    }
    try {
        if (complete) {
            (void)tried_checker(exec_mode::split, 3);
            found.push_back({"sandbox", text("works; none of {} programs got out", std::size(sandbox_canaries)), ""});
        } else {
            found.push_back({"sandbox", "not tried", "install what is missing"});
        }
    } catch (error const& e) {
        found.push_back({"sandbox", text("{} {}: {}", e.id(), e.why().place, e.why().found), e.why().likely});
    }
    return found;
}

inline exit_status doctor(doctor_options const& options) {
    auto const found = examine();
    bool       well  = true;
    for (auto const& f : found) well = well && f.advice.empty();
    if (options.json) {
        json rows = json::array();
        for (auto const& f : found) rows.push_back({{"subject", f.subject}, {"found", f.found}, {"advice", f.advice}});
        std::puts(json_text(rows, 2).c_str());
    } else {
        for (auto const& f : found) {
            std::fputs(text(" {:<10} {}\n", f.subject, f.found).c_str(), stdout);
            if (!f.advice.empty()) std::fputs(text(" {:<10} -> {}\n", "", f.advice).c_str(), stdout);
        }
    }
    return well ? exit_status::ok : exit_status::environment;
}

template <>
struct work_of<doctor_options> {
    static exit_status run(doctor_options const& asked, program const&) { return doctor(asked); }
};

} // namespace qeval::cli
