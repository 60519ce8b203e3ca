// The task of measuring the perplexity of a text file under a protocol. Windows of the text are its items.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

template <perplexity_protocol Protocol>
struct perplexity_task {
    static constexpr std::string_view                name      = Protocol::name;
    static constexpr std::string_view                file      = "heldout.txt";
    static constexpr std::array<std::string_view, 2> elsewhere = {"wikitext-2-raw/wiki.test.raw", "wiki.test.raw"};
    using protocol_type                                        = Protocol;
    // Where the protocol reads special tokens anyway, asking for it changes nothing.
    static constexpr task_option_set used_options =
        task_option_set{task_option::limit, task_option::windows, task_option::ctx}.with(task_option::specials,
                                                                                         !Protocol{}.specials);

    Protocol    how;
    std::string text;
    std::string place; // what errors call the text
    std::string data_sha256;
    item_limit  limit; // of the windows

    [[nodiscard]] static perplexity_task load(std::filesystem::path const& path, task_options const& options = {}) {
        auto data = read_data_file(path);
        if (stripped(data.bytes).empty()) refuse_empty_data(data.name);
        refuse_bad_utf8(data.bytes, data.name);
        perplexity_task task;
        if (options.ctx > 0) task.how.ctx = options.ctx;
        if (options.specials) task.how.specials = *options.specials;
        task.limit       = options.windows.all() ? options.limit : options.windows;
        task.place       = std::move(data.name);
        task.text        = std::move(data.bytes);
        task.data_sha256 = std::move(data.sha256);
        return task;
    }
    [[nodiscard]] static std::vector<metric_spec> metrics() { return Protocol::metrics(); }

    [[nodiscard]] std::string protocol() const { return how.text(); }

    [[nodiscard]] std::vector<set_part> parts() const requires reads_pages<Protocol> {
        return {{{}, {}, {}, Protocol::page_count(text)}};
    }
    [[nodiscard]] item_text text_of(std::size_t page) const requires reads_pages<Protocol> {
        return Protocol::page_text(text, page);
    }
    [[nodiscard]] text_windows windows(any_engine& engine) const {
        return cut_into_windows(engine, how, text, place, limit);
    }
};

} // namespace qeval
