"""Token ids, texts and speed of real vocabularies against the libraries that they were made for.

usage: check_tokenizers.py DRIVER [NAME]      needs the packages of requirements.txt, a compiler and QEVAL_TEST_DATA

The vocabularies are those of vocabularies.py; NAME takes those whose names have it. The texts are wiki.test.raw, HumanEval, all of MMLU
and 5 MB of mixed Unicode. A program of a few lines prints qeval's ids, and a digest of what they decode to; it is compiled here, since
the driver has no command that prints ids. Not one difference is allowed. Texts have no characters that are younger than Unicode 14, which
libraries know or not.

Both sides encode every text twice, one thread each, one side after the other; the better time of each counts, of the processor's, so that
what else the machine does has little to do with it.
"""
import csv
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import unicodedata

from vocabularies import vocabularies

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = r"""
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
int main(int, char** argv) {
    auto const               words = qeval::load_tokenizer(argv[1]);
    std::vector<std::string> texts;
    for (std::string line; std::getline(std::cin, line);)
        texts.push_back(qeval::parse_json("{\"text\":" + line + "}", "stdin").at("text").string());
    std::vector<std::vector<qeval::token>> ids(texts.size());
    double                                 best = 1e9;
    for (int pass = 0; pass < 2; ++pass) {
        auto const begin = std::clock();
        for (std::size_t i = 0; i < texts.size(); ++i) ids[i] = words.encode(texts[i]);
        best = std::min(best, double(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    for (auto const& list : ids) {
        qeval::sha256 sum;
        sum.update(std::string_view(words.decode(list)));
        std::string out = sum.hex();
        for (auto const id : list) out += " " + std::to_string(id);
        std::puts(out.c_str());
    }
    std::printf("%.6f\n", best);
}
"""
RANGES = [(0x20, 0x7f), (0xa0, 0x250), (0x250, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xe80), (0x1000, 0x1200), (0x1e00, 0x2070),
          (0x2070, 0x2c00), (0x3000, 0x3100), (0x3100, 0x3400), (0x4e00, 0xa000), (0xac00, 0xd7a4), (0xf900, 0xfb07), (0xfe00, 0xfff0),
          (0x1d400, 0x1d800), (0x1f300, 0x1f700), (0x10000, 0x11000), (0x20000, 0x20100), (0x300, 0x370), (0, 0x20)]


def mixed(size):
    """Texts of runs of a few characters from every part of Unicode, with common words and spaces between; bytes together."""
    draws = random.Random(3)
    while size > 0:
        text, length = "", draws.randint(1, 400)
        while len(text) < length:
            low, high = draws.choice(RANGES)
            some = map(chr, (draws.randrange(low, high) for _ in range(draws.randint(1, 6))))
            text += "".join(c for c in some if unicodedata.category(c) != "Cn")
            if draws.random() < 0.3:
                text += draws.choice([" ", "  ", "\n", "\t", " \n", "123", "the ", "don't", "\u2581", "\u00a0"])
        size -= len(text.encode())
        yield text


def texts(data):
    with open(os.path.join(data, "datasets/wikitext-2-raw/wiki.test.raw"), encoding="utf-8", newline="") as f:
        lines = f.read().split("\n")
    out = ["\n".join(lines[i:i + 40]) for i in range(0, len(lines), 40)]
    with gzip.open(os.path.join(data, "datasets/humaneval/HumanEval.jsonl.gz"), "rt", encoding="utf-8") as f:
        for row in map(json.loads, f):
            out += [row["prompt"], row["canonical_solution"]]
    with tarfile.open(os.path.join(data, "datasets/mmlu/data.tar.gz")) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(".csv"):
                rows = csv.reader(io.TextIOWrapper(tar.extractfile(member), encoding="utf-8", newline=""))
                out += ["{}\nA. {}\nB. {}\nC. {}\nD. {}\nAnswer: {}".format(*row) for row in rows]
    return out + list(mixed(5_000_000))


def run_library(words, all_texts):
    best = 1e9
    for _ in range(2):
        begin = time.process_time()
        ids = [words.encode(t) for t in all_texts]
        best = min(best, time.process_time() - begin)
        if best > 10:  # no second pass would make it the quicker one
            break
    decoded = map(words.decode, ids)
    return [(None if d is None else hashlib.sha256(d).hexdigest(), list(map(str, i))) for d, i in zip(decoded, ids)], best


def main():
    data = os.environ.get("QEVAL_TEST_DATA")
    if not data:
        print("skipped: QEVAL_TEST_DATA is not set")
        return 0
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    every_text = texts(data)
    count = wrong = slower = 0
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "ids")
        libraries = ["-lcrypto", "-lpcre2-8", "-lutf8proc"]
        subprocess.run(["g++", "-std=c++20", "-O2", "-I" + os.path.join(ROOT, "include"), "-x", "c++", "-", "-o", program, *libraries],
                       input=PROGRAM, text=True, check=True)
        for words in vocabularies(data, folder):
            if name not in words.name:
                continue
            all_texts = list(filter(words.takes, every_text))
            size = sum(len(t.encode()) for t in all_texts) / 1e6
            lines = "".join(json.dumps(t) + "\n" for t in all_texts)
            link = os.path.join(folder, "tokenizer.model") if ".model" in words.path else words.path
            if link != words.path:
                if os.path.lexists(link):
                    os.remove(link)
                os.symlink(words.path, link)  # mistral-common's extensions are versions
            got = subprocess.run([program, link], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
            ours = float(got.pop())
            want, theirs = run_library(words, all_texts)
            pairs = [(text, *a, *b) for text, a, b in zip(all_texts, want, ((d, i) for d, *i in map(str.split, got)), strict=True)]
            ids = [text for text, _, a, _, b in pairs if a != b]
            decoded = [text for text, a, x, b, y in pairs if x == y and a not in (b, None)]
            print(f"{words.name}: of {len(want)} texts {len(ids)} differ in ids, {len(decoded)} in what they decode to; "
                  f"{size / ours:.1f} MB/s, the library {size / theirs:.1f} MB/s", flush=True)
            for text in (ids + decoded)[:3]:
                print("   ", repr(text)[:160])
            count, wrong, slower = count + 1, wrong + bool(ids or decoded), slower + (ours > theirs)
    print(f"{count} vocabularies: {wrong} differ, {slower} slower than the library")
    return 1 if wrong or count < (1 if name else 14) else 0


if __name__ == "__main__":
    sys.exit(main())
