// The names of questions: what an answer in a store belongs to.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/eval/task/question.hpp>

using namespace qeval;

TEST_CASE("a name changes with every part of a question that an answer depends on, and with nothing else") {
    question<score_request> const                                    scored{{{{1, 2}, {3}}, {{1, 2}, {4, 5}}}, false};
    std::vector<std::function<void(question<score_request>&)>> const changes{
        [](auto& q) {
            q.requests[0].context = {1, 3};
        },
        [](auto& q) { q.requests[0].context = {1}; },
        [](auto& q) {
            q.requests[0].context = {1, 2, 3};
            q.requests[0].continuation.clear();
        },
        [](auto& q) {
            q.requests[1].continuation = {5, 4};
        },
        [](auto& q) { q.requests.pop_back(); },
        [](auto& q) { std::swap(q.requests[0], q.requests[1]); }};
    std::set<std::string> names{name_of(scored)};
    for (auto const& change : changes) {
        auto other = scored;
        change(other);
        CHECK(names.insert(name_of(other)).second);
    }
    for (auto const& n : names) CHECK((n.size() == 16 && n.find_first_not_of("0123456789abcdef") == n.npos));
    auto same      = scored;
    same.truncated = true; // it is the tokens that are asked
    CHECK(name_of(same) == name_of(scored));
    auto apart                = scored;
    apart.requests[1].context = std::vector<token>{1, 2}; // equal, in another memory
    CHECK(name_of(apart) == name_of(scored));
    same.requests[1].context = token_sequence{9, 1, 2}.last(2);
    CHECK(name_of(same) == name_of(scored));

    question<generate_request> const                          written{{{{1, 2}, {}}}, false};
    std::vector<std::function<void(generate_request&)>> const ways{
        [](auto& r) { r.prompt = {2, 1}; },       [](auto& r) { r.how.max_tokens = 17; },
        [](auto& r) { r.how.temperature = 0.5; }, [](auto& r) { r.how.top_p = 0.5; },
        [](auto& r) { r.how.top_k = 1; },         [](auto& r) { r.how.seed = 1; },
        [](auto& r) { r.how.document = 1; },      [](auto& r) { r.how.sample = 1; },
        [](auto& r) { r.how.stops = {"a"}; },     [](auto& r) { r.how.stops = {"a", ""}; },
        [](auto& r) { r.how.stops = {"", "a"}; }};
    names = {name_of(written)};
    for (auto const& change : ways) {
        auto other = written;
        change(other.requests[0]);
        CHECK(names.insert(name_of(other)).second);
    }
}

TEST_CASE("a window's name changes with its tokens, its first scored position and the reference") {
    std::vector<token> const tokens{1, 2, 3}, others{1, 2, 4};
    std::set<std::string>    names;
    for (auto const& t : {tokens, others})
        for (index const first : {0, 1})
            for (char const* reference : {"source", "q8_0"})
                CHECK(names.insert(name_of_window(t, first, reference)).second);
    CHECK(name_of_window(tokens, 0, "source") == name_of_window(std::vector(tokens), 0, "source"));
}
