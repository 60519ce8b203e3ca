// Where publishers put their chat templates, in the order in which transformers 4.57 looks for them.
#include <filesystem>
#include <string>

#include <tests/io/gguf/gguf_bytes.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/io/chat/find_chat.hpp>

using namespace qeval_test;

namespace {

// Short sources in three of our templates, spelled as JSON has them.
std::string const chatml =
    R"({% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'])"
    R"( + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";
std::string const phi3  = R"({% for message in messages %}{{'<|' + message['role'] + '|>' + '\n' + message['content'])"
                          R"( + '<|end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }})"
                          R"({% else %}{{ eos_token }}{% endif %})";
std::string const other = "{{ messages[0]['content'] }}";

std::string escaped(std::string const& text) {
    std::string out;
    for (char const c : text) (c == '\\' ? out += '\\' : out) += c;
    return out;
}
std::string member(std::string const& source) { return R"({"chat_template": ")" + escaped(source) + "\"}"; }

} // namespace

TEST_CASE("a directory's template is that of its .jinja file, else of either JSON file; nothing is nothing") {
    scratch const dir;
    CHECK_FALSE(qeval::find_chat(dir.path()));
    put_file(dir / "tokenizer_config.json", R"({"bos_token": "<s>"})");
    CHECK_FALSE(qeval::find_chat(dir.path()));
    put_file(dir / "tokenizer_config.json", member(phi3));
    auto found = qeval::find_chat(dir.path()).value();
    CHECK(found.name() == "phi3");
    CHECK(found.place.find("tokenizer_config.json, chat_template") != found.place.npos);
    put_file(dir / "chat_template.json", member(other));
    CHECK(qeval::find_chat(dir.path()).value().name() == "unknown");
    put_file(dir / "chat_template.jinja", chatml + "\n");
    found = qeval::find_chat(dir.path()).value();
    CHECK(found.name() == "chatml");
    CHECK(found.place.find("chat_template.jinja") != found.place.npos);
    CHECK(qeval::find_chat(dir / "tokenizer.json").value().name() == "chatml"); // beside the file
}
TEST_CASE("of a list of named templates the one called default counts") {
    scratch const dir;
    auto const    named = [](std::string const& name, std::string const& source) {
        return R"({"name": ")" + name + R"(", "template": ")" + escaped(source) + "\"}";
    };
    put_file(dir / "tokenizer_config.json",
             R"({"chat_template": [)" + named("tool_use", other) + ", " + named("default", chatml) + "]}");
    CHECK(qeval::find_chat(dir.path()).value().name() == "chatml");
    put_file(dir / "tokenizer_config.json", R"({"chat_template": [)" + named("rag", chatml) + "]}");
    CHECK_FALSE(qeval::find_chat(dir.path()));
    put_file(dir / "tokenizer_config.json", R"({"chat_template": null})");
    CHECK_FALSE(qeval::find_chat(dir.path()));
    put_file(dir / "tokenizer_config.json", R"({"chat_template")");
    CHECK_THROWS_AS(qeval::find_chat(dir.path()), qeval::file_error);
}
TEST_CASE("a GGUF's template is that of its key") {
    scratch const dir;
    gguf_bytes    file;
    file.text("general.architecture", "llama").text("tokenizer.chat_template.tool_use", other);
    put_file(dir / "a.gguf", file.bytes());
    CHECK_FALSE(qeval::find_chat(dir / "a.gguf"));
    std::string source = chatml;
    for (auto at = source.find("\\n"); at != source.npos; at = source.find("\\n", at)) source.replace(at, 2, "\n");
    file.text("tokenizer.chat_template", source);
    put_file(dir / "b.gguf", file.bytes());
    auto const found = qeval::find_chat(dir / "b.gguf").value();
    CHECK(found.name() == "chatml");
    CHECK(found.place.find("tokenizer.chat_template") != found.place.npos);
}
