// Which template a command line means: by name, or the checkpoint's own. Also tests words_place.hpp.
#include <algorithm>
#include <string>

#include <tests/io/gguf/gguf_bytes.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/cli/model/model_words.hpp>
#include <qeval/cli/model/words_place.hpp>
#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>

using namespace qeval_test;
using qeval::cli::choose_chat;

namespace {

qeval::tokenizer words() { return qeval::load_tokenizer(source("examples/models/qeval-5m")); }

std::string const qwen2 =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
std::string const gemma1 =
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif "
    "%}"
    "{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
    "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + "
    "'<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}";

} // namespace

TEST_CASE("auto is the model's own template with its default; a name is taken, and a note says what was not") {
    scratch const dir;
    auto const    tokens = words();
    put_file(dir / "chat_template.jinja", qwen2);
    auto choice = choose_chat({"auto", "", true}, dir.path(), tokens);
    REQUIRE(choice.style.chat);
    CHECK(choice.style.chat->rules->name == "chatml");
    CHECK(choice.style.chat->default_system == "You are a helpful assistant.");
    CHECK(choice.note.empty());
    CHECK(choose_chat({"chatml", "", true}, dir.path(), tokens).style.chat->default_system ==
          "You are a helpful assistant."); // the same template: the source's own
    choice = choose_chat({"zephyr", "Be brief.", false}, dir.path(), tokens);
    CHECK(choice.style.chat->rules->name == "zephyr");
    CHECK(choice.style.chat->eos == tokens.piece(tokens.eos()));
    CHECK(choice.style.system == "Be brief.");
    CHECK_FALSE(choice.style.turns);
    CHECK_THAT(choice.note, Catch::Contains("is chatml; zephyr was asked for"));
    CHECK_FALSE(choose_chat({}, dir.path(), tokens).style.chat);
}
TEST_CASE("code with a gap needs the model's tokens for it, and is no conversation") {
    scratch const               dir;
    qeval::cli::wording_options wanted;
    wanted.fill_in_the_middle = true;
    CHECK_THROWS_WITH(choose_chat(wanted, dir.path(), words()),
                      Catch::Contains("CH05") && Catch::Contains("prefix: none"));
    auto const path = data("tokenizers/ggml-vocab/ggml-vocab-starcoder.gguf");
    if (!path) return;
    auto const code = qeval::load_tokenizer(*path);
    auto const text = choose_chat(wanted, *path, code).style.fill.value().write("def f(", "<fim_middle>)");
    CHECK(text.text == "<fim_prefix>def f(<fim_suffix><fim_middle>)<fim_middle>");
    auto const ids = code.encode_marked(text.text, text.markup);
    CHECK(std::ranges::count(ids, code.middle().middle) == 1);
    CHECK(ids.front() == code.middle().prefix);
    CHECK(ids.back() == code.middle().middle);
    wanted.system_instruction = "S";
    CHECK_THROWS_WITH(choose_chat(wanted, *path, code), Catch::Contains("CH04"));
}
TEST_CASE("of an open GGUF the metadata are not read again: what the file is called does not matter") {
    auto const path = data("tokenizers/ggml-vocab/ggml-vocab-deepseek-llm.gguf");
    if (!path) return;
    auto const metadata = qeval::read_gguf_metadata(*path);
    auto const by_path  = qeval::cli::find_words(*path);
    auto const of_open  = qeval::cli::find_words({"a file that is not there", &metadata});
    REQUIRE(by_path.words);
    REQUIRE(of_open.words);
    CHECK(of_open.words->hash() == by_path.words->hash());
    CHECK(qeval::cli::read_words({"", &metadata}).hash() == by_path.words->hash());
    CHECK_FALSE(of_open.chat);
    scratch const dir;
    gguf_bytes    file;
    put_file(dir / "model", file.text("general.architecture", "llama").text("tokenizer.chat_template", qwen2).bytes());
    auto const                    opened = qeval::open_checkpoint(dir / "model", gguf_types);
    qeval::cli::words_place const place  = qeval::cli::words_of(opened, dir / "model");
    CHECK(place.metadata == opened.metadata());
    CHECK(choose_chat({"auto", "", true}, place, words()).style.chat->rules->name == "chatml");
}
TEST_CASE("auto refuses what it does not know, names are checked, and so is what a template can say") {
    scratch const dir;
    auto const    tokens = words();
    auto const    choose = [&](std::string const& name, std::string const& system = "") {
        (void)choose_chat({name, system, true}, dir.path(), tokens);
    };
    CHECK_THROWS_WITH(choose("chat-ml"), Catch::Contains("CH01") && Catch::Contains("--apply-chat-template") &&
                                             Catch::Contains("\"chat-ml\"") && Catch::Contains("mistral-v3-tekken"));
    CHECK_THROWS_WITH(choose("auto"), Catch::Contains("CH02") && Catch::Contains("auto") &&
                                          Catch::Contains("no chat template") && Catch::Contains("known"));
    put_file(dir / "chat_template.jinja", qwen2 + "Think first.");
    CHECK_THROWS_WITH(choose("auto"), Catch::Contains("CH02") && Catch::Contains("chat_template.jinja") &&
                                          Catch::Contains("does not know") && Catch::Contains("known"));
    CHECK_NOTHROW(choose("chatml", "S"));
    put_file(dir / "chat_template.jinja", gemma1);
    CHECK_NOTHROW(choose("auto"));
    CHECK_THROWS_WITH(choose("auto", "S"), Catch::Contains("CH03") && Catch::Contains("--system-instruction") &&
                                               Catch::Contains("a text") && Catch::Contains("none"));
}
