// What a source in Jinja may write. White space around tags is that of jinja2 3.1.6 with transformers' settings
// (trim_blocks, lstrip_blocks), whose output stands beside each source.
#include <string>
#include <string_view>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/io/chat/jinja_source.hpp>

namespace {

using texts = std::vector<std::string>;

texts texts_of(std::string_view source) { return qeval::jinja_reader(source).read().value().texts; }

} // namespace

TEST_CASE("white space around tags is taken as transformers takes it") {
    // jinja2: 'a\nb', 'a b', 'ab', 'a', '\na\n', '  a  b'
    CHECK(texts_of("a\n  {% if x %}\nb{% endif %}\n") == texts{"a\n", "b"});
    CHECK(texts_of("a\n  {%- if x %}\n b{% endif %}") == texts{"a", " b"});
    CHECK(texts_of("a  {%- if x -%}\n b{% endif %}") == texts{"a", "b"});
    CHECK(texts_of("{# note #}\n{% if x %}a{%- endif -%}  ") == texts{"a"});
    CHECK(texts_of("{{ '' }}\na\n{{- '' }}\n\n") == texts{"\na", "\n"});
    CHECK(texts_of("  a  {% if x %}b{% endif %}") == texts{"  a  ", "b"});
}
TEST_CASE("literals are texts, unless they name or compare") {
    CHECK(texts_of("{{ '<' + m[\"role\"] + \">\\n\" }}") == texts{"<", ">\n"});
    CHECK(texts_of("{{ 'A' if m['role'] == 'user' else 'B' }}") == texts{"A", "B"});
    CHECK(texts_of("{% set s = 'x' %}{% if m.role != 'y' %}{% endif %}{% for c in 'z' %}{% endfor %}") == texts{"x"});
    CHECK(texts_of("{{ \"}}\" + '%}' }}") == texts{"}}", "%}"});
    auto const read = qeval::jinja_reader("{{ raise_exception('never') }}").read().value();
    CHECK(read.texts.empty());
    CHECK(read.refusals == "never");
}
TEST_CASE("branches for tools are left out; those for their absence are not") {
    CHECK(texts_of("{% if tools %}a{% else %}b{% endif %}") == texts{"b"});
    CHECK(texts_of("{% if not tools %}a{% else %}b{% endif %}") == texts{"a", "b"});
    CHECK(texts_of("{% if tools is not none and x %}a{% for t in tools %}b{% endfor %}{% endif %}c") == texts{"c"});
    CHECK(texts_of("{% if m.role == 'user' %}a{% elif m.role == 'tool' %}b{% else %}c{% endif %}") == texts{"a", "c"});
}
TEST_CASE("code has one spelling") {
    auto const code = [](std::string_view source) { return qeval::jinja_reader(source).read().value().code; };
    CHECK(code("{{ '<|' + \"user\" + '|>\\n' + m.content + e }}") == "'<|user|>\n'+m['content']+e;");
    CHECK(code("{{- '<|user|>' + '\n' +m['content']+ e -}}") == "'<|user|>\n'+m['content']+e;");
}
TEST_CASE("what is no Jinja is not read") {
    for (std::string_view const source :
         {"{{ a", "{% if a %}", "{% endif %}", "{% else %}", "{{ 'a }}", "{# a", "{%"}) {
        CAPTURE(std::string(source));
        CHECK_FALSE(qeval::jinja_reader(source).read());
    }
}
