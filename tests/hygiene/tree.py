"""What the checks of the tree share: the list of its files, and who includes what."""
import os
import re
import subprocess

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def headers(root):
    """Every header below include/, as a path relative to include/ with forward slashes, sorted."""
    found = []
    for folder, _, names in os.walk(os.path.join(root, "include")):
        for name in names:
            if name.endswith((".hpp", ".cuh", ".h", ".inl")):
                found.append(os.path.relpath(os.path.join(folder, name), os.path.join(root, "include")))
    return sorted(path.replace(os.sep, "/") for path in found)


def includes(path):
    """(line number, '<' or '"', name) of every #include of a file."""
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def own_files(root):
    """Files under version control or about to be; without git, everything outside build folders."""
    try:
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, check=True).stdout.decode().split("\0")
        return sorted(p for p in listed if p and os.path.isfile(os.path.join(root, p)))
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in (".git", "build", ".venv", "__pycache__")]
            found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
        return sorted(found)


def report(problems, summary):
    """Prints problems and a summary; the exit status."""
    for problem in problems:
        print(problem)
    print(f"{summary}: {len(problems)} problem(s)")
    return 1 if problems else 0
