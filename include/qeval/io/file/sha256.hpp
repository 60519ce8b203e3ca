// SHA-256 (FIPS 180-4): names weights, data sets and requests in results, so that two runs can be told apart. The only
// header that includes OpenSSL, whose libcrypto uses what the processor has for it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include <qeval/core/error.hpp>

namespace qeval {

class sha256 {
public:
    sha256() {
        if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail();
    }
    void update(std::span<std::byte const> bytes) {
        if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) fail();
    }
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }

    // The digest of everything so far, 64 hexadecimal digits; more bytes may follow.
    [[nodiscard]] std::string hex() const {
        context const                 last = new_context();
        std::array<unsigned char, 32> digest{};
        if (EVP_MD_CTX_copy_ex(last.get(), context_.get()) != 1 ||
            EVP_DigestFinal_ex(last.get(), digest.data(), nullptr) != 1) {
            fail();
        }
        constexpr std::string_view digits = "0123456789abcdef";
        std::string                out;
        for (unsigned const byte : digest) out.append({digits[byte >> 4], digits[byte & 15]});
        return out;
    }

private:
    using context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

    static context new_context() {
        context made(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        if (!made) throw std::bad_alloc();
        return made;
    }
    [[noreturn]] static void fail() {
        throw environment_error{{"IO06", "SHA-256", "an OpenSSL that refuses it",
                                 "an OpenSSL with its default provider", "an openssl.cnf that switches it off"}};
    }

    context context_ = new_context();
};

[[nodiscard]] inline std::string sha256_hex(std::span<std::byte const> bytes) {
    sha256 h;
    h.update(bytes);
    return h.hex();
}
[[nodiscard]] inline std::string sha256_hex(std::string_view text) {
    return sha256_hex(std::as_bytes(std::span(text)));
}

} // namespace qeval
