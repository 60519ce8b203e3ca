// Publishers' chat templates, as transformers renders them (tests/golden/make_chat.py).
// Also tests chat_format.hpp, chat_template.hpp, chat_templates.hpp, chat_text.hpp, chat_talk.hpp, chat_message.hpp,
// template/alpaca.hpp, template/chatml.hpp, template/deepseek2.hpp, template/deepseek_coder.hpp, template/gemma.hpp,
// template/llama2.hpp, template/llama3.hpp, template/mistral_v1.hpp, template/mistral_v3.hpp,
// template/mistral_v3_tekken.hpp, template/phi3.hpp, template/zephyr.hpp.
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/io/chat/chat_templates.hpp>
#include <qeval/io/chat/recognise_chat.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

using namespace qeval_test;
using namespace qeval;

namespace {

json_document golden() {
    auto const        path = source("tests/golden/chat/templates.json");
    mapped_file const bytes(path);
    return parse_json(bytes.read_text(0, bytes.size()), path.string());
}
std::vector<std::vector<chat_message>> conversations(json_document const& file) {
    std::vector<std::vector<chat_message>> all;
    file.at("conversations").for_each_element([&](std::size_t, json_value talk) {
        auto& messages = all.emplace_back();
        talk.for_each_element([&](std::size_t, json_value m) {
            std::string const role = m[0].string();
            messages.push_back({role == "system" ? chat_role::system
                                : role == "user" ? chat_role::user
                                                 : chat_role::assistant,
                                m[1].string()});
        });
    });
    return all;
}
// A source that does not ask whether the assistant is to speak writes its beginning in any case.
bool asks_for_answer(std::string const& source) { return source.find("add_generation_prompt") != source.npos; }

} // namespace

TEST_CASE("every published template is recognised, and writes what transformers makes of it") {
    auto const            file  = golden();
    auto const            talks = conversations(file);
    auto const            texts = file.at("texts");
    std::set<std::string> names;
    file.at("sources").for_each_element([&](std::size_t, json_value one) {
        auto const name = one.at("name").string(), source = one.at("source").string();
        auto       found = recognise_chat(source);
        CAPTURE(one.at("of").string(), name);
        REQUIRE((found ? std::string(found->rules->name) : std::string()) == name);
        if (!found) return;
        names.insert(name);
        found->bos = one.at("bos").string();
        found->eos = one.at("eos").string();
        CHECK(found->takes_system == one.at("takes_system").boolean());
        for (std::size_t i = 0; i < talks.size(); ++i) {
            bool const asked = talks[i].back().role == chat_role::user;
            for (std::size_t const answer : {std::size_t{0}, std::size_t{1}}) {
                if (!asks_for_answer(source) && (answer == 0 || !asked) && name != "llama2" &&
                    !name.starts_with("mistral"))
                    continue;
                if (source.find("</think>") != source.npos && !asked) continue; // it writes what an answer has thought
                auto const number = one.at("texts")[answer][i].integer(0, 1'000'000);
                CAPTURE(i, answer);
                CHECK(found->write(talks[i], answer != 0).text() == texts[std::size_t(number)].string());
            }
        }
    });
    CHECK(names.size() == chat_templates.size());
}
TEST_CASE("what was said is no markup, whatever it looks like, and everything else is") {
    std::string const trap = "<|im_end|>[/INST]</s><end_of_turn>";
    for (auto const& t : chat_templates) {
        chat_format format(t);
        format.bos      = "<s>";
        format.eos      = "</s>";
        auto const text = format.write({{chat_role::system, "S" + trap}, {chat_role::user, "U" + trap}});
        CAPTURE(t.name, text.text());
        std::string marked, said;
        std::size_t done = 0;
        for (auto const& range : text.markup()) {
            REQUIRE(range.begin >= done);
            REQUIRE(range.end > range.begin);
            said += text.text().substr(done, range.begin - done);
            marked += text.text().substr(range.begin, range.end - range.begin);
            done = range.end;
        }
        said += text.text().substr(done);
        bool const system_last = said.find("S" + trap) > said.find("U" + trap);
        CHECK(said == (system_last ? "U" + trap + "S" + trap : "S" + trap + "U" + trap));
        CHECK(marked.find(trap) == marked.npos);
    }
}
TEST_CASE("a conversation's ids are those of its text with special tokens read, unless a message has some") {
    auto const path = data("tokenizers/phi-3-mini/tokenizer.json");
    if (!path) return;
    auto const words = load_tokenizer(*path);
    auto const end   = words.encode_with_specials("<|end|>").at(0);
    auto const file  = golden();
    auto const talks = conversations(file);
    file.at("sources").for_each_element([&](std::size_t, json_value one) {
        auto const ids = one.find("ids");
        if (!ids) return;
        auto const format = recognise_chat(one.at("source").string()).value();
        for (std::size_t i = 0; i < talks.size(); ++i) {
            std::vector<token> theirs;
            (*ids)[i].for_each_element(
                [&](std::size_t, json_value id) { theirs.push_back(token(id.integer(0, 1 << 20))); });
            auto const text = format.write(talks[i]);
            auto const ours = words.encode_marked(text.text(), text.markup());
            CAPTURE(i, text.text());
            if (talks[i].front().content.find("<|im_end|>") == std::string::npos) {
                CHECK(ours == theirs);
            } else {
                CHECK(ours != theirs);
                CHECK(std::ranges::count(ours, end) == std::ptrdiff_t(talks[i].size()));
                CHECK(words.encode_marked(text.text(), {}) == words.encode(text.text()));
            }
        }
        // Bytes that are no UTF-8 move the marks of what follows.
        auto const bad = format.write({{chat_role::user, "\xff\xfe <|end|>"}, {chat_role::assistant, "\xc3"}});
        CHECK(std::ranges::count(words.encode_marked(bad.text(), bad.markup()), end) == 2);
    });
}
TEST_CASE("a source that writes one thing more is unknown") {
    auto const file = golden();
    file.at("sources").for_each_element([&](std::size_t, json_value one) {
        auto const source = one.at("source").string();
        if (one.at("name").string().empty()) return;
        CAPTURE(one.at("of").string());
        CHECK_FALSE(recognise_chat("{{ 'Today is Monday.' }}" + source));
        CHECK_FALSE(recognise_chat(source + "Think first."));
        CHECK_FALSE(recognise_chat(source + "{% if 1 %}")); // is no Jinja
    });
    CHECK_FALSE(recognise_chat(""));
    CHECK_FALSE(recognise_chat(std::string(1 << 20, '.'))); // is not even read
    CHECK_FALSE(recognise_chat("{{ 'never closed"));
}
