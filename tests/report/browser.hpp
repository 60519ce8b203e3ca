// A headless chromium, for tests of pages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <tests/support/data.hpp>

namespace qeval_test {

inline std::string output_of(std::string const& command) {
    std::string            out;
    std::array<char, 4096> part{};
    std::FILE* const       pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) out.append(part.data(), n);
    ::pclose(pipe);
    return out;
}

// What a headless browser makes of a page: the document it built, its console, and the requests that the page made of
// the network (those that the browser makes for itself have another initiator).
struct browsed {
    std::string dom, console;
    std::size_t requests = 0;
};
inline browsed browse(std::string const& page) {
    scratch const dir;
    std::ofstream(dir / "report.html") << page;
    auto const quoted = [&](std::string const& name) { return "'" + (dir / name).string() + "'"; };
    auto const all_of = [&](std::string const& name) {
        std::ifstream file(dir / name);
        return std::string{std::istreambuf_iterator<char>(file), {}};
    };
    // With its own log: Debian's wrapper writes warnings of its own to stderr.
    browsed b;
    b.dom =
        output_of("timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "
                  "--enable-logging=stderr --v=0 --user-data-dir=" +
                  quoted("profile") + " --log-net-log=" + quoted("net.json") + " --dump-dom " + quoted("report.html") +
                  " 2>" + quoted("log"));
    b.console             = all_of("log");
    std::string const net = all_of("net.json"), from_page = "\"initiator\":\"null\"";
    for (auto at = net.find(from_page); at != net.npos; at = net.find(from_page, at + 1)) ++b.requests;
    return b;
}

// Says in the log where there is none.
inline bool has_browser() {
    bool const found = !output_of("command -v chromium").empty();
    if (!found) skip("chromium is not in PATH; no browser has read report.html");
    bool const starts = found && !browse("<!doctype html><title>x</title>").dom.empty();
    if (found && !starts) skip("chromium does not start here; no browser has read report.html");
    return starts;
}

} // namespace qeval_test
