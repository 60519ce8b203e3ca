// A section of report.html: a heading that the page's contents lead to, and what stands below it.
#pragma once

#include <string>

namespace qeval::html {

struct section {
    std::string id, title, body; // id: a word; title: plain text; body: markup, empty where there is nothing to show
};

} // namespace qeval::html
