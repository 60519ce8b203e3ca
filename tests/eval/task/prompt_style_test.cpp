// What tasks ask a chat model, against lm-eval's own requests (tests/golden/make_chat_prompts.py).
// Also tests prompt_text.hpp, middle_spelling.hpp.
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/io/chat/recognise_chat.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json_document.hpp>

using namespace qeval_test;
using namespace qeval;

namespace {

json_document golden(std::string const& name) {
    auto const        path = source("tests/golden/chat/" + name);
    mapped_file const bytes(path);
    return parse_json(bytes.read_text(0, bytes.size()), path.string());
}
prompt_style style_of(json_value run, json_document const& templates) {
    prompt_style style{{}, run.at("system").string(), run.at("turns").boolean()};
    templates.at("sources").for_each_element([&](std::size_t, json_value one) {
        if (one.at("of").string() != run.at("template").string()) return;
        style.chat      = recognise_chat(one.at("source").string()).value();
        style.chat->bos = one.at("bos").string();
        style.chat->eos = one.at("eos").string();
    });
    return style;
}

} // namespace

TEST_CASE("every task of lm-eval's asks a chat model exactly what lm-eval asks it") {
    auto const    file = golden("prompts.json"), templates = golden("templates.json");
    scratch const dir;
    file.at("files").for_each_member(
        [&](std::string const& name, json_value text) { put_file(dir / name, text.string()); });
    std::size_t requests = 0;
    file.at("runs").for_each_element([&](std::size_t, json_value run) {
        task_options how;
        how.style = style_of(run, templates);
        CAPTURE(run.at("template").string());
        run.at("asked").for_each_member([&](std::string const& name, json_value items) {
            CAPTURE(name);
            how.shots       = file.at("shots").at(name).integer(0, 9);
            auto const used = builtin_tasks::used_options(name);
            auto const task = builtin_tasks::load(name, builtin_tasks::locate(name, dir.path()), only_used(used, how));
            items.for_each_element([&](std::size_t i, json_value item) {
                auto const asked = task->text_of(i).value().requests;
                REQUIRE(asked.size() == item.size());
                item.for_each_element([&](std::size_t k, json_value request) {
                    CAPTURE(i, k);
                    CHECK(asked[k].context == request[0].string());
                    CHECK(asked[k].continuation == request[1].string());
                    ++requests;
                });
            });
        });
    });
    CHECK(requests > 100);
}
TEST_CASE("a system instruction and a description are apart; either may be alone") {
    auto const text = [](std::string system, std::string preamble) {
        prompt_style const style{{}, std::move(system), true};
        return style.write(prompt_frame(std::move(preamble)), "Q").text;
    };
    CHECK(text("", "") == "Q");
    CHECK(text("S", "") == "SQ"); // as lm-eval's
    CHECK(text("", "P\n\n") == "P\n\nQ");
    CHECK(text("S", "P ") == "S\n\nP Q");
    CHECK(text("S\n", "P ") == "S\nP Q");
    CHECK(text("S", " P ") == "S P Q");
}
TEST_CASE("of a prompt with a gap the three tokens are markup, and the code is none") {
    auto const p = middle_spelling{"<P>", "<S>", "<M>"}.write("a<M>", "b");
    CHECK(p.text == "<P>a<M><S>b<M>");
    CHECK(p.markup == std::vector<text_range>{{0, 3}, {7, 10}, {11, 14}});
}
TEST_CASE("cutting a prompt cuts what of it is markup") {
    prompt_text p{"<a>text<b>", {{0, 3}, {7, 10}}};
    p.cut(8);
    CHECK(p.text == "<a>text<");
    CHECK(p.markup == std::vector<text_range>{{0, 3}, {7, 8}});
    p.cut(7);
    CHECK(p.markup == std::vector<text_range>{{0, 3}});
    p.cut(0);
    CHECK(p.markup.empty());
}
