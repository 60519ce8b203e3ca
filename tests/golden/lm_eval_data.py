"""The published sets of QEVAL_TEST_DATA as lm-eval's tasks get them from Hugging Face, and as qeval reads them below --data."""
import bz2
import csv
import io
import json
import tarfile
from pathlib import Path


def json_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def hellaswag(sets):
    """llama.cpp's text layout back to the published one; what lm-eval joins to the context stands in front."""
    rows = bz2.decompress((sets / "hellaswag/hellaswag_val_full.txt.bz2").read_bytes()).decode().split("\n")
    for i in range(0, len(rows) - 5, 6):
        activity, _, context = rows[i].partition(": ")
        yield {"activity_label": activity, "ctx_a": context, "ctx_b": "", "endings": rows[i + 2:i + 6], "label": rows[i + 1]}


def pages(sets):
    """As the loader of EleutherAI/wikitext_document_level cuts them."""
    page = []
    with open(sets / "wikitext-2-raw/wiki.test.raw", encoding="utf-8", newline="") as file:
        text = file.read()
    for line in text.split("\n"):
        marks = line.replace("= = =", "===").replace("= =", "==").strip()
        if marks.startswith("= ") and marks.endswith(" ="):
            if "\n".join(page).strip():
                yield {"page": "\n".join(page)}
            page = []
        page.append(line)
    yield {"page": "\n".join(page)}


def mmlu(sets):
    """{subject: {split: rows}}"""
    found = {}
    with tarfile.open(sets / "mmlu/data.tar.gz") as tar:
        for member in tar:
            if not member.isfile() or not member.name.endswith(".csv"):
                continue
            split = Path(member.name).parent.name
            subject = Path(member.name).name[:-len(f"_{split}.csv")]
            rows = csv.reader(io.TextIOWrapper(tar.extractfile(member), encoding="utf-8", newline=""))
            found.setdefault(subject, {})[split] = [
                {"question": r[0], "subject": subject, "choices": r[1:5], "answer": "ABCD".index(r[5])} for r in rows]
    return found


def below_data(sets, folder):
    """A folder for --data: links, and the one set that has another layout."""
    folder.mkdir()
    for name in ("arc", "gsm8k", "lambada", "mmlu", "wikitext-2-raw"):
        (folder / name).symlink_to(sets / name)
    (folder / "hellaswag").mkdir()
    with open(folder / "hellaswag/hellaswag_val.jsonl", "w", encoding="utf-8") as out:
        for row in hellaswag(sets):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return folder
