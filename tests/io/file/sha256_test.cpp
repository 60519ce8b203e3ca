#include <string>

#include <tests/support/catch.hpp>

#include <qeval/io/file/sha256.hpp>

TEST_CASE("the digests of FIPS 180-4 and its published test vectors come out") {
    CHECK(qeval::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(qeval::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(qeval::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(qeval::sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                            "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    CHECK(qeval::sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest does not depend on how the bytes are cut into updates") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += char('a' + i % 26);
    for (std::size_t length : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 119u, 128u, 300u}) {
        std::string const whole = qeval::sha256_hex(text.substr(0, length));
        for (std::size_t step : {1u, 7u, 63u, 64u, 65u}) {
            qeval::sha256 h;
            for (std::size_t at = 0; at < length; at += step) {
                h.update(text.substr(at, std::min(step, length - at)));
                (void)h.hex(); // asking in between changes nothing
            }
            CHECK(h.hex() == whole);
        }
    }
}
