// The pieces of a tokenizer by id: text and what kind of piece each is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>

namespace qeval {

// SentencePiece's kinds; `control` also stands for the special tokens of other families. `none`: an id without a piece.
enum class piece_kind : std::uint8_t { none, normal, unknown, control, user_defined, unused, byte };

struct text_hash { // look-up by string_view without a copy
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using text_map = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

class vocabulary {
public:
    static constexpr std::size_t max_pieces      = std::size_t{1} << 22;
    static constexpr std::size_t max_piece_bytes = 4096;

    vocabulary() = default;
    explicit vocabulary(std::string file) : file_(std::move(file)) {}

    // Makes room for ids below `count`, which the caller has bounded.
    void reserve(std::size_t count) {
        pieces_.reserve(count);
        kinds_.reserve(count);
        ids_.reserve(count);
    }
    // Refuses a second piece with the id or the text of an earlier one.
    void add(std::int64_t id, std::string text, piece_kind kind) {
        if (id < 0 || id >= static_cast<std::int64_t>(max_pieces)) {
            fail(id < 0 ? "TK04" : "TK07", place_of(text), "id " + std::to_string(id),
                 "an id from 0 to " + std::to_string(max_pieces - 1));
        }
        if (text.size() > max_piece_bytes) {
            fail("TK09", place_of(text), std::to_string(text.size()) + " bytes",
                 "at most " + std::to_string(max_piece_bytes) + " bytes in a piece");
        }
        auto const at = static_cast<std::size_t>(id);
        if (at < kinds_.size() && kinds_[at] != piece_kind::none) {
            fail("TK04", place_of(text),
                 "id " + std::to_string(id) + ", which is also the id of " + qeval::quoted(pieces_[at]),
                 "one piece for each id");
        }
        if (auto const [it, fresh] = ids_.try_emplace(text, static_cast<token>(id)); !fresh) {
            fail("TK04", place_of(text), "ids " + std::to_string(it->second) + " and " + std::to_string(id),
                 "one id for each piece");
        }
        if (at >= kinds_.size()) {
            pieces_.resize(at + 1);
            kinds_.resize(at + 1, piece_kind::none);
        }
        pieces_[at] = std::move(text);
        kinds_[at]  = kind;
        ++count_;
    }
    void set_kind(token id, piece_kind kind) { kinds_[static_cast<std::size_t>(id)] = kind; }

    // Ids may have holes, but a few pieces must not claim memory for millions.
    void check_density() const {
        if (kinds_.size() > 2 * count_ + 1024) {
            fail("TK04", file_,
                 "ids up to " + std::to_string(kinds_.size() - 1) + " for " + std::to_string(count_) + " pieces",
                 "ids that are nearly consecutive");
        }
    }

    [[nodiscard]] std::size_t size() const { return kinds_.size(); }
    [[nodiscard]] std::size_t count() const { return count_; } // of pieces, holes left out
    [[nodiscard]] bool        contains(token id) const { return id >= 0 && static_cast<std::size_t>(id) < size(); }
    [[nodiscard]] std::string const&   piece(token id) const { return pieces_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] piece_kind           kind(token id) const { return kinds_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] std::optional<token> find(std::string_view text) const {
        auto const it = ids_.find(text);
        return it == ids_.end() ? std::nullopt : std::optional(it->second);
    }
    [[nodiscard]] std::string const& file() const { return file_; }

    [[noreturn]] void fail(char const* id, std::string place, std::string found, std::string expected,
                           std::string likely = {}) const {
        throw file_error{{id, std::move(place), std::move(found), std::move(expected), std::move(likely)}};
    }
    [[nodiscard]] std::string place_of(std::string_view text) const { return file_ + ", piece " + qeval::quoted(text); }

private:
    std::string              file_; // named in errors
    std::vector<std::string> pieces_;
    std::vector<piece_kind>  kinds_;
    text_map<token>          ids_;
    std::size_t              count_ = 0;
};

// The value of "<0x0A>", or nullopt where the text is not spelled like that.
[[nodiscard]] inline std::optional<unsigned char> byte_of_piece(std::string_view piece) {
    if (piece.size() != 6 || piece.substr(0, 3) != "<0x" || piece[5] != '>') return std::nullopt;
    unsigned value = 0;
    for (char const c : piece.substr(3, 2)) {
        value *= 16;
        if (c >= '0' && c <= '9')
            value += static_cast<unsigned>(c - '0');
        else if (c >= 'A' && c <= 'F')
            value += static_cast<unsigned>(c - 'A') + 10;
        else if (c >= 'a' && c <= 'f')
            value += static_cast<unsigned>(c - 'a') + 10;
        else
            return std::nullopt;
    }
    return static_cast<unsigned char>(value);
}

[[nodiscard]] inline std::string byte_piece(unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + '>';
}

} // namespace qeval
