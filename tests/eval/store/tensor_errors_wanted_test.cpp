#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/store/tensor_errors_wanted.hpp>

namespace {

// Knows schemes by name, and says what it is called with.
struct heard_memory final : qeval::outcome_memory {
    std::vector<std::string> heard;

    [[nodiscard]] std::optional<qeval::item_outcome> find(std::string_view scheme, std::string_view task,
                                                          qeval::index item, std::string_view request) override {
        hear({"find", scheme, task, std::to_string(item), request});
        qeval::item_outcome found;
        found.id = "found";
        return found;
    }
    [[nodiscard]] std::optional<qeval::window_reading> find_window(std::string_view scheme, std::string_view task,
                                                                   qeval::index window, std::string_view request,
                                                                   qeval::index positions) override {
        hear({"find_window", scheme, task, std::to_string(window), request, std::to_string(positions)});
        return qeval::window_reading{{1.5}, {}, {}, {}};
    }
    [[nodiscard]] std::optional<qeval::scheme_facts> find_scheme(std::string_view scheme) override {
        if (scheme == "unknown") return std::nullopt;
        qeval::scheme_facts facts;
        facts.kernel = scheme;
        if (scheme == "measured") facts.tensors = {{"w", "q8_0", 0.25}};
        return facts;
    }
    void put(std::string_view scheme, std::string_view task, std::span<entry const> entries) override {
        hear({"put", scheme, task, std::to_string(entries.size())});
    }
    void put_windows(std::string_view scheme, std::string_view task, std::span<window_entry const> entries) override {
        hear({"put_windows", scheme, task, std::to_string(entries.size())});
    }
    void put_scheme(std::string_view scheme, qeval::scheme_facts const& facts) override {
        hear({"put_scheme", scheme, facts.kernel});
    }

    [[nodiscard]] std::optional<qeval::scheme_process> find_process(std::string_view   scheme,
                                                                    std::string const& process) override {
        hear({"find_process", scheme, process});
        return qeval::scheme_process{process, 1, 2, 3};
    }
    void put_process(std::string_view scheme, qeval::scheme_process const& process) override {
        hear({"put_process", scheme, process.process});
    }

private:
    void hear(std::vector<std::string_view> const& words) {
        std::string line;
        for (auto const w : words) line.append(line.empty() ? "" : " ").append(w);
        heard.push_back(line);
    }
};

} // namespace

TEST_CASE("facts of a scheme without tensor errors are as good as none, but for the reference's") {
    heard_memory                memory;
    qeval::tensor_errors_wanted wanted(memory, "source");
    CHECK(wanted.find_scheme("source")->kernel == "source");
    CHECK(wanted.find_scheme("measured")->tensors.size() == 1);
    CHECK(!wanted.find_scheme("unmeasured"));
    CHECK(!wanted.find_scheme("unknown"));
    CHECK(memory.heard.empty());
}

TEST_CASE("all else that is asked of the memory or kept in it passes through") {
    heard_memory                                           memory;
    qeval::tensor_errors_wanted                            wanted(memory, "source");
    std::vector<qeval::outcome_memory::entry> const        entries(2);
    std::vector<qeval::outcome_memory::window_entry> const windows(3);
    CHECK(wanted.find("q8", "cloze", 7, "r")->id == "found");
    CHECK(wanted.find_window("q8", "text", 1, "w", 5)->nll.at(0) == 1.5);
    wanted.put("q8", "cloze", entries);
    wanted.put_windows("q8", "text", windows);
    qeval::scheme_facts facts;
    facts.kernel = "k";
    wanted.put_scheme("q8", facts);
    CHECK(wanted.find_process("q8", "p")->threads == 3);
    wanted.put_process("q8", {"p", 1, 2, 3});
    CHECK(memory.heard == std::vector<std::string>{"find q8 cloze 7 r", "find_window q8 text 1 w 5", "put q8 cloze 2",
                                                   "put_windows q8 text 3", "put_scheme q8 k", "find_process q8 p",
                                                   "put_process q8 p"});
}
