"""A kernel that lost its body still compiles: counts what is left in the PTX of a file.

usage: check_kernels.py FILE.cu CATALOG.hpp EXTRA -- NVCC FLAGS...

Compiles FILE.cu to PTX. It must hold one decode_kernel for each format of the catalog and EXTRA more, each with a load from
and a store to global memory, none with a local array (a table indexed at run time), none with a fused multiply-add (decode() rounds every step).
"""
import re
import subprocess
import sys
import tempfile

ENTRY = re.compile(r"\.entry\s+(\S+?)\s*\(.*?\)[^{;]*?\{(.*?)^\}", re.S | re.M)


def faults(body):
    found = []
    if not re.search(r"\bld\.global", body):
        found.append("loads nothing")
    if not re.search(r"\bst\.global\.\w*32", body):
        found.append("stores nothing")
    if "__local_depot" in body:
        found.append("has a local array")
    if re.search(r"\bfma\.rn\.f32", body):
        found.append("contracts a product and a sum: compile with -fmad=false")
    return found


def check(ptx, expected):
    entries = [(name, body) for name, body in ENTRY.findall(ptx) if "decode_kernel" in name]
    problems = [f"{name}: {fault}" for name, body in entries for fault in faults(body)]
    if len(entries) != expected:
        problems.append(f"{len(entries)} kernels, expected {expected}")
    sizes = sorted(body.count(";") for _, body in entries)
    return problems, f"{len(entries)} kernels of {sizes[0]} to {sizes[-1]} statements" if sizes else "no kernels"


def formats_in(catalog):
    body = re.search(r"using catalog = format_list<(.*?)>;", re.sub(r"//.*", "", catalog), re.S).group(1)
    return len(body.split(","))


def self_test():
    assert formats_in("using catalog = format_list<a, b, //\n c>;") == 3
    empty = ".visible .entry decode_kernel_a(\n.param .u64 x\n)\n{\nret;\n}\n"
    full = ".visible .entry decode_kernel_b(\n.param .u64 x\n)\n{\nld.global.u8 %r1, [%rd1];\nst.global.f32 [%rd2], %f1;\nret;\n}\n"
    assert check(full, 1)[0] == [], check(full, 1)
    assert len(check(empty, 1)[0]) == 2
    assert check(full, 2)[0] == ["1 kernels, expected 2"]


if __name__ == "__main__":
    self_test()
    split = sys.argv.index("--")
    with open(sys.argv[2], encoding="utf-8") as catalog:
        expected = formats_in(catalog.read()) + int(sys.argv[3])
    with tempfile.NamedTemporaryFile(suffix=".ptx") as out:
        subprocess.run(sys.argv[split + 1:] + ["-ptx", "-o", out.name, sys.argv[1]], check=True)
        with open(out.name, encoding="utf-8") as text:
            wrong, summary = check(text.read(), expected)
    for line in wrong:
        print(line)
    print(summary)
    sys.exit(1 if wrong else 0)
