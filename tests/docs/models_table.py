"""The tables of docs/models.md, made from what is tested: which architectures qeval brings, of which classes of several parts it reads
the text, what files call them, and on which checkpoints their logits are held against the reference.

    python3 models_table.py ROOT            prints the table
    python3 models_table.py ROOT --check    exits 1 where docs/models.md has another one

An architecture of the list has a row; a row's checkpoints are the folders of tests/golden/architectures with its class, which
tests/model/arch/golden_test.cpp reads. One without a checkpoint would stand there without any, and is a problem. The same holds for the
classes of several parts.
"""
import json
import pathlib
import re
import struct
import sys

BEGIN, END = "<!-- table: tests/docs/models_table.py -->\n", "<!-- end of table -->\n"


def listed(root):
    """The headers of the list, and the three names that each gives."""
    text = (root / "include/qeval/model/architectures.hpp").read_text(encoding="utf-8")
    names = re.search(r"architecture_list<([^;]*)>;", text).group(1).replace("\n", " ").split(",")
    for name in (n.strip() for n in names):
        header = (root / f"include/qeval/model/arch/{name}.hpp").read_text(encoding="utf-8")
        found = re.search(r'architecture_name\s+names\{\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)"\s*\}', header)
        yield name, found.groups()


def of_parts(root):
    """The rows of the list of classes of several parts."""
    header = (root / "include/qeval/io/checkpoint/text_part.hpp").read_text(encoding="utf-8")
    for model_type, hf, text, fixed in re.findall(r'\{"(\w+)", "(\w+)", "(\w+)"(, true)?\},', header):
        yield hf, model_type, f"`{text}`" if fixed else f"what `text_config` says, `{text}` by default"


def metadata(file):
    with open(file, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        return json.loads(f.read(size)).get("__metadata__", {})


def goldens(root):
    """Of each class: its folders, and what made them."""
    found, classes = {}, {model_type: hf for hf, model_type, _ in of_parts(root)}
    for folder in sorted((root / "tests/golden/architectures").iterdir()):
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        made = metadata(folder / "golden.safetensors").get("made_with", "")
        version = re.search(r"transformers [0-9.]+", made)
        hf = classes.get(config["model_type"]) or config["architectures"][0]
        found.setdefault(hf, []).append((folder.name, version.group(0) if version else "transformers"))
    return found


def checkpoints_of(made, hf, problems):
    """Two cells: what made the checkpoints of a class, and their names."""
    checkpoints = made.get(hf, [])
    if not checkpoints:
        problems.append(f"no checkpoint of {hf} in tests/golden/architectures")
    return f"{', '.join(sorted({v for _, v in checkpoints}))} | {', '.join(n for n, _ in checkpoints)}"


def table(root):
    made, problems = goldens(root), []
    rows = ["| class | `model_type` | `general.architecture` of a GGUF | logits of | checkpoints |", "|---|---|---|---|---|"]
    for _, (hf, model_type, gguf) in listed(root):
        rows.append(f"| `{hf}` | `{model_type}` | {f'`{gguf}`' if gguf else '-'} | {checkpoints_of(made, hf, problems)} |")
    rows += ["", "Of these classes of several parts the text is read:", "",
             "| class | `model_type` | its text | logits of | checkpoints |", "|---|---|---|---|---|"]
    for hf, model_type, text in of_parts(root):
        rows.append(f"| `{hf}` | `{model_type}` | {text} | {checkpoints_of(made, hf, problems)} |")
    return "\n".join(rows) + "\n", problems


def main():
    root = pathlib.Path(sys.argv[1])
    text, problems = table(root)
    if "--check" in sys.argv[2:]:
        page = (root / "docs/models.md").read_text(encoding="utf-8")
        if page.split(BEGIN)[1].split(END)[0] != text:
            problems.append("docs/models.md has another table: python3 tests/docs/models_table.py . prints it")
        print(f"{len(list(listed(root)))} architectures, {len(list(of_parts(root)))} classes of several parts: {len(problems)} problem(s)")
    else:
        print(text, end="")
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
