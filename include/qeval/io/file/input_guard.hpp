// What is read must outlive what is made from it. While an input_guard exists, this process remembers each file that it
// opens to read, and refuses to write over one of them, by whatever path or link the output is named.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include <qeval/core/error.hpp>

namespace qeval {

// Each command is run under one (cli/perform.hpp). Guards nest; with the last of them everything is forgotten.
class input_guard {
public:
    input_guard() {
        std::lock_guard const alone(known().mutex);
        ++known().guards;
    }
    input_guard(input_guard const&)            = delete;
    input_guard& operator=(input_guard const&) = delete;
    ~input_guard() {
        std::lock_guard const alone(known().mutex);
        if (--known().guards == 0) known().files.clear();
    }

    // Readers call this (mapped_file does); without a guard nothing is remembered.
    static void remember(struct stat const& file) {
        std::lock_guard const alone(known().mutex);
        if (known().guards > 0) known().files.emplace(file.st_dev, file.st_ino);
    }
    // A file that will be read, or is read by others.
    static void remember(std::filesystem::path const& file) {
        struct stat found {};
        if (::stat(file.c_str(), &found) == 0) remember(found);
    }
    [[nodiscard]] static bool is_input(std::filesystem::path const& file) {
        struct stat           found {};
        std::lock_guard const alone(known().mutex);
        return !known().files.empty() && ::stat(file.c_str(), &found) == 0 &&
               known().files.contains({found.st_dev, found.st_ino});
    }
    // Writers call this before they touch `target` (atomic_file does), and commands before any work, with the name of
    // the option that said so: usage_error CL06.
    static void refuse_output(std::filesystem::path const& target, std::string_view option = {}) {
        if (!is_input(target)) return;
        throw usage_error{{"CL06",
                           std::string(option).append(option.empty() ? "" : " ") + quoted(target.string(), 4096),
                           "a file that this command reads", "another place",
                           "the original would be overwritten by what is made from it"}};
    }

private:
    struct memory {
        std::mutex                        mutex;
        int                               guards = 0;
        std::set<std::pair<dev_t, ino_t>> files;
    };
    static memory& known() {
        static memory all;
        return all;
    }
};

} // namespace qeval
