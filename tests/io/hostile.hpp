// Malformed files, made byte by byte, and the question whether one was refused as contracted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <qeval/core/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"

namespace qeval_test {

inline void put_file(std::filesystem::path const& path, std::string_view bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), std::streamsize(bytes.size()));
}
inline std::string get_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
void append(std::string& out, T value) {
    static_assert(std::is_arithmetic_v<T>);
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

// What an error must say. Each text is a part of the field; an empty one is not looked at.
struct refusal {
    std::string id;
    std::string place;
    std::string found;
    std::string expected;
    std::string likely = {};
};

template <class F>
void check_refused(F&& f, refusal const& wanted) {
    INFO("wanted: " << wanted.id << " at " << wanted.place);
    try {
        f();
    } catch (qeval::error const& e) {
        INFO("got: " << e.what());
        CHECK(e.status() == qeval::exit_status::bad_file);
        CHECK(e.id() == wanted.id);
        CHECK_THAT(e.why().place, Catch::Contains(wanted.place));
        CHECK_THAT(e.why().found, Catch::Contains(wanted.found));
        CHECK_THAT(e.why().expected, Catch::Contains(wanted.expected));
        CHECK_THAT(e.why().likely, Catch::Contains(wanted.likely));
        std::string const text = e.what();
        for (char const c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)); // safe to print
        CHECK(text.find("error[" + wanted.id + "] ") == 0);
        return;
    }
    FAIL_CHECK("accepted");
}

// A safetensors file from the text of its header and its data.
inline std::string safetensors_bytes(std::string_view header, std::string_view data = {}) {
    std::string out;
    append(out, std::uint64_t(header.size()));
    out += header;
    out += data;
    return out;
}
inline std::string tensor_entry(std::string const& name, std::string const& dtype, std::string const& shape,
                                std::string const& offsets) {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

} // namespace qeval_test
