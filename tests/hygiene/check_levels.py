"""Includes go down the level table or sideways inside one folder; third-party headers appear only where it says.

usage: check_levels.py ROOT [LEVELS]
"""
import fnmatch
import os
import re
import sys

import tree

STANDARD = re.compile(r"^[a-z_0-9]+$")  # <vector>, <cstdint>


def read_table(path):
    levels, faces, rooms, libraries, devices, device_free = {}, {}, {}, {}, {}, set()
    with open(path, encoding="utf-8") as text:
        for line in text:
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "level":
                levels[words[2]] = int(words[1])
                faces.update({face: words[2] for face in words[3:]})
            elif words[0] == "room":
                unknown = set(words[2:]) - set(rooms) - {"."}
                if unknown:
                    sys.exit(f"{path}: {words[1]} names {' '.join(sorted(unknown))}, no room above it")
                rooms[words[1]] = set(words[2:])
            elif words[0] == "library":
                libraries[words[1]] = {"one": words[2] == "one", "prefixes": tuple(words[3].split(",")),
                                       "where": words[4:]}
            elif words[0] == "device":
                devices[words[1]] = words[2:]
            elif words[0] == "device-free":
                device_free.update(words[1:])
            else:
                sys.exit(f"{path}: unknown row: {line.strip()}")
    return levels, faces, rooms, libraries, devices, device_free


def folder_of(header, faces):
    """kernel/cpu/gemv.hpp -> kernel; format.hpp -> format; matmul.hpp, a public face of kernel -> kernel."""
    if header in faces:
        return faces[header]
    return header.split("/")[0] if "/" in header else header.rsplit(".", 1)[0]


def room_of(header, rooms):
    """io/json/json.hpp -> io/json; a header in no room -> its level's folder."""
    folder = os.path.dirname(header)
    while folder and folder not in rooms:
        folder = os.path.dirname(folder)
    return folder or header.split("/")[0]


def may_include(room, target, rooms):
    """Within one level: is a header of `room` allowed one of `target`?"""
    if room == target or room not in rooms:  # what lies outside the rooms
        return True if room == target or target not in rooms else "." not in rooms[target]
    return target in rooms[room] or (target not in rooms and "." in rooms[room])


def library_of(name, libraries):
    for library, row in libraries.items():
        if name.startswith(row["prefixes"]):
            return library
    return None


def check(root, table):
    levels, faces, rooms, libraries, devices, device_free = read_table(table)
    problems, wrappers, graph, direct = [], {}, {}, {}
    headers = [h for h in tree.headers(root) if h.startswith("qeval/")]
    for header in headers:
        short = header[len("qeval/"):]
        folder = folder_of(short, faces)
        graph[header], direct[header] = [], set()
        if folder not in levels:
            problems.append(f"include/{header}: folder '{folder}' has no row in the level table")
            continue
        for line, mark, name in tree.includes(os.path.join(root, "include", header)):
            place = f"include/{header}:{line}"
            if name.startswith("qeval/"):
                if mark != "<":
                    problems.append(f"{place}: write #include <{name}>")
                graph[header].append(name)
                if not os.path.exists(os.path.join(root, "include", name)):
                    problems.append(f"{place}: <{name}> does not exist")
                    continue
                target = folder_of(name[len("qeval/"):], faces)
                if target in levels and target != folder and levels[target] >= levels[folder]:
                    problems.append(f"{place}: {folder} (level {levels[folder]}) must not include {target} "
                                    f"(level {levels[target]})")
                elif target == folder:
                    ours, theirs = room_of(short, rooms), room_of(name[len("qeval/"):], rooms)
                    if short not in faces and not may_include(ours, theirs, rooms):
                        problems.append(f"{place}: the room {ours} must not include {theirs}")
                continue
            if mark == '"':
                problems.append(f"{place}: quoted include \"{name}\"; headers use <qeval/...>")
                continue
            library = library_of(name, libraries)  # before the standard: <mpi.h> is no standard header, <cuda> neither
            if library is None and (STANDARD.match(name) or name in ("stdint.h", "stddef.h")):
                continue
            if library is None:
                problems.append(f"{place}: <{name}> belongs to no library of the level table")
                continue
            direct[header].add(library)
            if not any(fnmatch.fnmatch(short, glob) for glob in libraries[library]["where"]):
                problems.append(f"{place}: {library} may be included in {' '.join(libraries[library]['where'])} only")
            wrappers.setdefault(library, set()).add(header)
    for library, users in sorted(wrappers.items()):
        if libraries[library]["one"] and len(users) > 1:
            problems.append(f"{library} must be wrapped by one header, but is included by {', '.join(sorted(users))}")
    problems += check_names(root, headers, devices)
    problems += check_device(root, headers, graph, direct, libraries, device_free)
    return problems, len(headers)


def check_names(root, headers, devices):
    """What computes on one device is named where its kernels and its backend are; comments may name it anywhere."""
    problems = []
    for header in headers:
        with open(os.path.join(root, "include", header), encoding="utf-8") as text:
            for number, line in enumerate(text, 1):
                code = line.split("//")[0]
                for device, where in devices.items():
                    if re.search(rf"\b{device}::", code) and not any(fnmatch.fnmatch(header[len("qeval/"):], glob)
                                                                    for glob in where):
                        problems.append(f"include/{header}:{number}: {device}:: may be named in {' '.join(where)} only")
    return problems


def check_device(root, headers, graph, direct, libraries, device_free):
    """No .cuh or .cu reaches a host library: nvcc cannot parse some of them, and needs seconds for the rest."""
    roots = {h: graph[h] for h in headers if h.endswith(".cuh")}
    for path in tree.own_files(root):
        if path.endswith(".cu") or (path.endswith(".cuh") and not path.startswith("include/")):
            names = [name for _, _, name in tree.includes(os.path.join(root, path))]
            roots[path] = [name for name in names if name.startswith("qeval/")]
            direct[path] = {library_of(name, libraries) for name in names} - {None}
    problems = []
    for start, first in sorted(roots.items()):
        for library in sorted(direct.get(start, set()) & device_free):
            problems.append(f"{start}: device code must not include {library}")
        seen, todo = set(), [(name, (start, name)) for name in first]
        while todo:
            name, way = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            for library in sorted(direct.get(name, set()) & device_free):
                problems.append(f"device code reaches {library}: {' -> '.join(way)}")
            todo += [(n, way + (n,)) for n in graph.get(name, [])]
    return problems


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    found, count = check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "levels.txt"))
    sys.exit(tree.report(found, f"{count} headers checked against the level table"))
