"""Every --option that README.md and docs/ name is one that the program's --help has; after "qeval COMMAND", one of that command's.

usage: check_options.py DRIVER ROOT
"""
import os
import re
import subprocess
import sys

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9_-]+")
FOREIGN = {"--allow-requantize": "llama.cpp", "--hellaswag": "llama.cpp", "--mode": "lightllm", "--no-deps": "pip", "--ppl-stride": "llama.cpp", "--quarot": "QuaRot", "--show-statistics": "imatrix"} # whose name stands in the same line


def documents(root):
    """(name, text) of what users read; a command goes on after a backslash at the end of a line."""
    names = ["README.md"] + sorted(os.path.join("docs", n) for n in os.listdir(os.path.join(root, "docs")) if n.endswith(".md"))
    for name in names:
        with open(os.path.join(root, name), encoding="utf-8") as text:
            yield name, text.read().replace("\\\n", " ")


def check(texts, options):
    """options: of each command; "" are those of the program."""
    problems, seen, every = [], 0, set().union(*options.values())
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            for match in OPTION.finditer(line):
                option, seen = match.group().replace("_", "-"), seen + 1
                # The command whose words these are: in its block of code, or in the same `...`.
                before = line[:match.start()]
                asked  = re.search(r"\bqeval ([a-z]+)\b(?!.*\bqeval )([^`]*)$", before)
                if asked and asked.group(1) in options:
                    if option not in options[asked.group(1)]:
                        problems.append(f"{name}: qeval {asked.group(1)} has no {option}: {line.strip()[:80]}")
                elif option not in every and FOREIGN.get(option, "\0").lower() not in line.lower():
                    problems.append(f"{name}: no command has {option}: {line.strip()[:80]}")
    return problems, seen


def help_of(driver, *command):
    return subprocess.run([driver, *command, "--help"], capture_output=True, text=True, check=True).stdout


def main(driver, root):
    known    = {"": set(OPTION.findall(help_of(driver)))}
    commands = re.findall(r"^  ([a-z]+)  ", help_of(driver).split("Subcommands:")[1], re.M)
    known.update({c: set(OPTION.findall(help_of(driver, c))) for c in commands})
    # The check itself: what does not exist is found, alone and after a command that lacks it.
    made_up, _ = check([("made up", "a `--never` and `qeval doctor --json --tasks`\n\nqeval eval --json \\\n --csv".replace("\\\n", " "))], known)
    if len(made_up) != 3:
        print("the check does not find what is wrong:", *made_up, sep="\n")
        return 1
    problems, seen = check(documents(root), known)
    print(*problems, f"{seen} mentions of options, {len(commands)} commands: {len(problems)} problem(s)", sep="\n")
    return 1 if problems or seen == 0 or len(commands) < 2 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
