#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/line/command_line.hpp>

using namespace qeval;
using namespace qeval::cli;

namespace {

// What a command line asks for.
command asked(std::vector<std::string> words) {
    words.insert(words.begin(), "qeval");
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    return read_command_line(static_cast<int>(words.size()), argv.data());
}
bool refused(std::vector<std::string> words) {
    command const c    = asked(std::move(words));
    auto const*   said = std::get_if<exit_status>(&c);
    return said != nullptr && *said == exit_status::usage;
}
template <class Options>
Options options_in(std::vector<std::string> words) {
    return std::get<Options>(asked(std::move(words)));
}

// The least that each command wants to be told.
std::vector<std::string> least_of(std::string const& name) {
    if (name == "eval") return {"--model", "m", "--schemes", "q8_0"};
    if (name == "merge") return {"part", "--output-path", "all"};
    if (name == "generate") return {"--model", "m"};
    if (name == "score") return {"--data", "d", "--samples", "s"};
    if (name == "quantize") return {"--model", "m", "--scheme", "q8_0", "--dry-run"};
    if (name == "logits") return {"--model", "m", "--text", "t", "--output-path", "l"};
    if (name == "imatrix") return {"--model", "m", "--calib", "c", "--output-path", "i.gguf"};
    if (name == "inspect") return {"m"};
    if (name == "compare") return {"a", "b"};
    if (name == "bench") return {"--kernels"};
    return {};
}
template <class Options>
void check_least() {
    std::vector<std::string> words{line_of<Options>::name};
    for (auto& w : least_of(words[0])) words.push_back(std::move(w));
    INFO("qeval " << words[0]);
    CHECK(std::holds_alternative<Options>(asked(words)));
    words.emplace_back("--never-an-option");
    CHECK(refused(words));
}
template <class... Options>
void check_each(command_list<Options...>) {
    (check_least<Options>(), ...);
}

} // namespace

TEST_CASE("every command of the list is asked for by its name, and refuses what it does not know") {
    check_each(commands{});
    CHECK(refused({}));
    CHECK(refused({"frobnicate"}));
}

TEST_CASE("dash and underscore mean the same in an option's name, and nowhere else") {
    CHECK(
        options_in<eval_options>({"eval", "--model", "a_b", "--schemes", "q4_k_m", "--batch_tokens=64"}).model.model ==
        "a_b");
    CHECK(
        options_in<eval_options>({"eval", "--model", "m", "--schemes", "s", "--batch_tokens=64"}).model.batch_tokens ==
        64);
}

TEST_CASE("an evaluation keeps the words that asked for it, so that a store can repeat them") {
    auto const e = options_in<eval_options>({"eval", "--model", "m", "--schemes", "a,b"});
    CHECK(e.words == std::vector<std::string>{"qeval", "eval", "--model", "m", "--schemes", "a,b"});
    CHECK(e.schemes == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a limit is a count or a share, and nothing else") {
    auto const with = [](std::string const& limit) {
        return std::vector<std::string>{"eval", "--model", "m", "--schemes", "q8_0", "--limit", limit};
    };
    CHECK(options_in<eval_options>(with("12")).limit == item_limit(12));
    CHECK(options_in<eval_options>(with("0.25")).limit == item_limit::share(0.25));
    for (char const* wrong : {"0", "-3", "2.5", "-0.5", "nan", "all"}) {
        INFO(wrong);
        CHECK(refused(with(wrong)));
    }
    CHECK(refused({"eval", "--model", "m", "--schemes", "q8_0", "--ctx", "0"}));
    CHECK(refused({"eval", "--model", "m", "--schemes", "q8_0", "--chunks", "0"}));
}

TEST_CASE("how prompts are put is said by a template, an instruction, or the tokens of a gap") {
    auto const with = [](std::vector<std::string> const& more) {
        std::vector<std::string> words{"eval", "--model", "m", "--schemes", "s"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    auto const w = options_in<eval_options>(with({"--apply-chat-template", "auto", "--system-instruction", "Be brief.",
                                                  "--fewshot-as-multiturn", "false"}))
                       .wording;
    CHECK(w.chat_template == "auto");
    CHECK(w.system_instruction == "Be brief.");
    CHECK_FALSE(w.fewshot_as_multiturn);
    CHECK(options_in<eval_options>(with({})).wording.fewshot_as_multiturn);
    CHECK(options_in<eval_options>(with({"--fill-in-the-middle"})).wording.fill_in_the_middle);
    CHECK(refused(with({"--fewshot-as-multiturn", "false"}))); // of which conversation?
    auto const g = options_in<generate_options>(
        {"generate", "--model", "m", "--prompt", "p", "--parse-special", "--apply-chat-template", "chatml"});
    CHECK(g.parse_special);
    CHECK(g.wording.chat_template == "chatml");
}

TEST_CASE("a shard is one of so many") {
    auto const with = [](std::string const& shard) {
        return std::vector<std::string>{"eval",          "--model", "m",       "--schemes", "q8_0",
                                        "--output-path", "o",       "--shard", shard};
    };
    auto const e = options_in<eval_options>(with("2/3"));
    CHECK(e.shard == 2);
    CHECK(e.shards == 3);
    for (char const* wrong : {"0/3", "4/3", "2", "2/", "/3", "a/3", "2/3/4", "-1/3", "1/99999999999999999999"}) {
        INFO(wrong);
        CHECK(refused(with(wrong)));
    }
    CHECK(refused({"eval", "--model", "m", "--schemes", "q8_0", "--shard", "1/2"})); // into which store?
}

TEST_CASE("what is measured besides an evaluation is said together with --latency") {
    CHECK(refused({"eval", "--model", "m", "--schemes", "s", "--warm-ups", "1"}));
    auto const e =
        options_in<eval_options>({"eval", "--model", "m", "--schemes", "s", "--latency", "1,8", "--warm-ups", "1"});
    CHECK(e.latency.batches == std::vector<index>{1, 8});
    CHECK(e.latency.warm_ups == 1);
}

TEST_CASE("a benchmark is of products or of a model, and each has options of its own") {
    CHECK(refused({"bench"}));
    CHECK(refused({"bench", "--kernels", "--model", "m"}));
    CHECK(refused({"bench", "--kernels", "--schemes", "q8_0"}));
    CHECK(refused({"bench", "--model", "m", "--formats", "q8_0"}));
    CHECK(refused({"bench", "--model", "m", "--threads", "1,2"}));
    auto const products = options_in<bench_options>({"bench", "--kernels", "--threads", "1,2", "--json"});
    CHECK(products.products);
    CHECK(products.kernels.json);
    CHECK(products.kernels.threads == std::vector<int>{1, 2});
    auto const latency =
        options_in<bench_options>({"bench", "--model", "m", "--threads", "2", "--json", "f", "--repetitions", "7"})
            .latency;
    CHECK(latency.model.model == "m");
    CHECK(latency.model.threads == 2);
    CHECK(latency.json_file == "f");
    CHECK_FALSE(latency.output.json);
    CHECK(latency.load.repetitions == 7);
    CHECK(options_in<bench_options>({"bench", "--model", "m"}).latency.load.repetitions == 10);
}

TEST_CASE("a quantized checkpoint needs a place, unless only its sizes are asked for") {
    CHECK(refused({"quantize", "--model", "m", "--scheme", "q8_0"}));
    CHECK(options_in<quantize_options>({"quantize", "--model", "m", "--scheme", "q8_0", "-o", "f"}).output_path == "f");
}

TEST_CASE("--parse-only checks a command line and asks for nothing") {
    auto const status = [](std::vector<std::string> words) { return std::get<exit_status>(asked(std::move(words))); };
    CHECK(status({"--parse-only", "eval", "--model", "m", "--schemes", "s"}) == exit_status::ok);
    CHECK(status({"--parse-only", "eval", "--model", "m", "--schemes"}) == exit_status::usage);
    CHECK(status({"--parse-only"}) == exit_status::usage);
}
