#!/usr/bin/env python3
"""Runs a compiler and keeps the peak memory of its largest process beside the object: what a small machine must have.

usage: peak_memory.py COMPILER ARGUMENTS...            as a compiler launcher; writes OBJECT.peak, in KiB
       peak_memory.py --within MEGABYTES OBJECTS...     fails where one needed more, or where nothing is known; as CMake's lists

ccache keeps with an object what its compiler said on stderr. So below ccache, as its prefix, the number is said there, and
above ccache it is taken off again: an object that comes out of the cache still has it.
"""
import os
import re
import subprocess
import sys

MARK = "peak memory of this unit in KiB: "


def run(command, **how):
    """(exit status, stderr, KiB of the largest process): those that ended before it are counted, too."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, **how)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said.decode(errors="surrogateescape"), used.ru_maxrss


def compile_unit(command):
    below = os.environ.get("CCACHE_PREFIX") == os.path.abspath(__file__)
    cached = not below and os.path.basename(command[0]) == "ccache"
    status, said, peak = run(command, env={**os.environ, "CCACHE_PREFIX": os.path.abspath(__file__)} if cached else None)
    if below:
        said += f"{MARK}{peak}\n"
    else:
        told = re.search(re.escape(MARK) + r"(\d+)\n", said)
        said = re.sub(re.escape(MARK) + r"\d+\n", "", said)
        if status == 0 and "-o" in command:
            with open(command[command.index("-o") + 1] + ".peak", "w", encoding="ascii") as out:
                out.write(f"{told.group(1) if told else peak}\n")
    sys.stderr.buffer.write(said.encode(errors="surrogateescape"))
    return status


def within(most, objects):
    peaks, unknown = {}, []
    for name in objects:
        try:
            with open(name + ".peak", encoding="ascii") as text:
                peaks[name] = int(text.read()) * 1024 / 1e6
        except OSError:
            unknown.append(name)
    for name, peak in sorted(peaks.items(), key=lambda item: -item[1]):
        print(f"{peak:6.0f} MB  {os.path.basename(name)}{'  too much' if peak > most else ''}")
    for name in unknown:
        print(f"nothing known of {name}")
    print(f"{len(peaks)} units, at most {most} MB allowed")
    return 0 if peaks and not unknown and max(peaks.values()) <= most else 1


if __name__ == "__main__":
    if sys.argv[1] == "--within":
        sys.exit(within(float(sys.argv[2]), ";".join(sys.argv[3:]).split(";")))
    sys.exit(compile_unit(sys.argv[1:]))
