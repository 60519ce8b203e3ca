#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <tests/report/browser.hpp>
#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/report/html_report.hpp>

namespace {

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
    return n;
}

// The first element that is closed by another's end, or not at all; empty where every one is closed.
std::string unbalanced(std::string_view page) {
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
        auto const tag = page.substr(at + 1, page.find('>', at) - at - 1);
        if (tag.empty() || tag[0] == '!' || tag.back() == '/') continue;
        std::string const name(tag.substr(tag[0] == '/', tag.find_first_of(" \n", 1) - (tag[0] == '/')));
        if (name == "meta" || name == "link" || name == "wbr") continue;
        if (tag[0] != '/') {
            open.push_back(name);
        } else if (open.empty() || open.back() != name) {
            return std::string(tag);
        } else {
            open.pop_back();
        }
    }
    return open.empty() ? "" : open.back();
}

qeval::evaluation_result large() { return qeval_test::sample_result({40, 12, 32, 2, true}); }

} // namespace

TEST_CASE("names of any kind stay text in report.html") {
    auto const page = qeval::html_report(large());
    CHECK(page.find("<script") == page.npos);
    CHECK(page.find("<b>&\"") == page.npos);
    CHECK_THAT(page, Catch::Contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK_THAT(page, Catch::Contains("a&quot;b&#39; onload=&#39;x"));
    CHECK_THAT(page, Catch::Contains("&amp;amp;"));
    CHECK(qeval::markup::escaped("a\x01z") == "a\uFFFDz");
}

TEST_CASE("report.html needs nothing but itself") {
    auto const page = qeval::html_report(large());
    for (char const* outside : {"http", "src=", "url(", "@import", "<script", "<iframe", "<img"})
        CHECK(page.find(outside) == page.npos);
    CHECK_THAT(page, Catch::Contains("prefers-color-scheme:dark"));
    CHECK_THAT(page, Catch::Contains("@media print"));
}

TEST_CASE("every element of report.html is closed, whatever an evaluation lacks") {
    CHECK(unbalanced(qeval::html_report(large())) == "");
    CHECK(unbalanced(qeval::html_report({})) == "");
    CHECK(unbalanced(qeval::html_report(qeval_test::sample_result({1, 0, 0, 0, false}))) == "");
    auto bare = qeval_test::sample_result({3, 1, 0, 0, false});
    for (auto& s : bare.scores.schemes) {
        s.texts.clear();
        s.tasks[0].metrics[0].score = {};
        s.weight_bytes              = 0;
    }
    bare.run.schemes.clear();
    auto const page = qeval::html_report(bare);
    CHECK(unbalanced(page) == "");
    CHECK(page.find("id=\"divergence\"") == page.npos);
    CHECK(page.find(">nan") == page.npos);
    CHECK(unbalanced("<p><b></p>") == "/p");
}

TEST_CASE("report.html marks what the corrected test tells apart, and nothing else") {
    auto       r    = qeval_test::sample_result({3, 1, 0, 1, false});
    auto const mark = [&](double difference, double p_holm) {
        for (auto& s : r.scores.schemes)
            for (auto* m : {&s.texts[0].task.metrics[0], &s.tasks[0].metrics[0]}) m->against_reference.reset();
        r.scores.schemes[1].tasks[0].metrics[0].against_reference = qeval_test::sample_comparison(difference, p_holm);
        auto const page                                           = qeval::html_report(r);
        return std::pair(count(page, "mark good"), count(page, "mark bad"));
    };
    CHECK(mark(0.1, 0.01) == std::pair<std::size_t, std::size_t>(1, 0));
    CHECK(mark(-0.1, 0.01) == std::pair<std::size_t, std::size_t>(0, 1));
    CHECK(mark(-0.1, 0.06) == std::pair<std::size_t, std::size_t>(0, 0));
}

TEST_CASE("the strip of layers goes by the layer that a matrix belongs to, whatever its name") {
    auto r = qeval_test::sample_result({3, 1, 0, 1, false});
    for (auto& s : r.scores.schemes) {
        s.tensors.clear();
        if (s.scheme != r.scores.reference) s.tensors = {{"a.9.b", "q4_k", 0.5, 4}, {"head.7", "q4_k", 0.25, -1}};
    }
    auto const page = qeval::html_report(r);
    CHECK(count(page, ", layer 4: 50.00 %") == r.scores.schemes.size() - 1);
    CHECK(count(page, ", outside the layers: 25.00 %") == r.scores.schemes.size() - 1);
    CHECK(count(page, ", layer ") == r.scores.schemes.size() - 1);
}

TEST_CASE("ticks of an axis are round numbers inside, and zero has no sign") {
    for (double const low : {-0.7, -0.3, -1e-7, -3e5}) {
        auto const ticks = qeval::markup::axis(low, -low / 2, 0, 100).ticks();
        CHECK(ticks.size() >= 3);
        for (double const t : ticks) {
            CHECK(t >= low * (1 + 1e-12));
            CHECK(t <= -low / 2 * (1 + 1e-12));
            CHECK(!(t == 0 && std::signbit(t)));
        }
    }
}

TEST_CASE("no two names in a chart lie over each other") {
    using qeval::html::label_layout;
    label_layout                       layout({0, 0, 400, 200});
    label_layout::segment const        line{0, 20, 400, 180};
    std::vector<label_layout::box>     placed;
    std::vector<label_layout::segment> lines = {line};
    layout.keep_clear(line);
    for (int i = 0; i < 60; ++i) {
        auto const name = layout.place(200 + i % 5, 100 + i % 7, 60, 14);
        if (name) placed.push_back(name->where);
        if (name && name->leader) lines.push_back(*name->leader);
    }
    CHECK(placed.size() > 5);
    CHECK(placed.size() < 60);
    CHECK(lines.size() > 1);
    for (auto const& a : placed)
        for (auto const& s : lines) { // by points along the line, another way than the layout's
            for (int i = 0; i <= 1000; ++i) {
                double const x = s.x1 + (s.x2 - s.x1) * i / 1000, y = s.y1 + (s.y2 - s.y1) * i / 1000;
                CHECK_FALSE((x > a.left && x < a.right && y > a.top && y < a.bottom));
            }
        }
    for (auto const& a : placed)
        for (auto const& b : placed)
            CHECK((&a == &b || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top));
}

TEST_CASE("further tables become sections that the contents lead to") {
    qeval::text_table times({{"scheme", true}, {"first ms"}});
    times.add({"a<b", "12.0"});
    auto const page =
        qeval::html_report(qeval_test::sample_result({2, 1, 1, 1, false}), {{"latency", "Latency", "Medians.", times}});
    CHECK_THAT(page, Catch::Contains("<a href=\"#latency\">Latency</a>"));
    CHECK_THAT(page, Catch::Contains("<th scope=\"row\">a&lt;b</th><td>12.0</td>"));
}

TEST_CASE("a browser shows 40 schemes and 12 tasks without a complaint or a request") {
    if (!qeval_test::has_browser()) return;
    auto const other = qeval_test::browse("<!doctype html><title>x</title><img src=\"http://qeval.invalid/x.png\">");
    CHECK(other.requests > 0); // so that none means none
    auto const b = qeval_test::browse(qeval::html_report(large()));
    CHECK(b.requests == 0);
    CHECK(b.console.find("CONSOLE") == b.console.npos);
    // 40 in the table of scores, in each of 12 tasks, and in the table of speed; 39 of divergence and of errors.
    CHECK(count(b.dom, "<th scope=\"row\">") == 40 * 14 + 39 * 2);
    CHECK(count(b.dom, "<tr id=\"scheme-") == 40);
    CHECK(count(b.dom, "<circle") == 40 * 13 + 39 * 2);
    CHECK(count(b.dom, "<svg") == 16);
    CHECK(count(b.dom, "<script") == 0);
}
