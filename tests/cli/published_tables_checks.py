"""One command makes the tables of three published comparisons in their layouts, for the bundled model.

usage: published_tables_checks.py DRIVER SCRIPT      QEVAL_TEST_DATA: the folder whose datasets/ has mmlu and humaneval
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

driver, script = sys.argv[1:]
data = Path(os.environ.get("QEVAL_TEST_DATA", "")) / "datasets"
if not (data / "mmlu").is_dir() or not (data / "humaneval").is_dir():
    print("SKIPPED: QEVAL_TEST_DATA has no MMLU and HumanEval; the published tables are not made")
    sys.exit(0)
facts = json.loads(subprocess.run([driver, "doctor", "--json"], stdout=subprocess.PIPE, text=True).stdout)
if not any(f["subject"] == "sandbox" and f["found"].startswith("works") for f in facts):
    print("SKIPPED: no sandbox here; the published tables are not made")
    sys.exit(0)

problems = []


def check(truth, what):
    if not truth:
        problems.append(what)


def rows(summary, first_cell):
    """The cells of the table whose title begins so, its title first."""
    at = summary.index(f"| {first_cell} |") if f"| {first_cell} |" in summary else len(summary)
    table = summary[at:].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if not line.startswith(("|:-", "|-"))]


with tempfile.TemporaryDirectory() as scratch:
    out = Path(scratch) / "results"
    done = subprocess.run(["sh", script, str(data), str(out), "--split", "test", "--num-fewshot", "0", "--quiet", "--repetitions", "2", "--warm-ups", "1"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "QEVAL_DRIVER": driver, "QEVAL_LIMIT": "1", "QEVAL_SAMPLES": "10", "QEVAL_SCHEMES": "int8@bnb,nf4:dq@f16,q8_0"})
    check(done.returncode == 0, f"exit code {done.returncode}\n{done.stderr}")
    schemes = ["bf16@bf16", "int8@bnb", "nf4:dq@f16", "q8_0"]
    summary = (out / "summary.md").read_text() if done.returncode == 0 else ""
    exam = rows(summary, "Scheme | Quant Type | Compute Dtype | Double Quant")
    check(exam[:1] == [["Scheme", "Quant Type", "Compute Dtype", "Double Quant", "Group Size", "Avg (%)", "Total Time (s)"]], f"exam: {exam[:1]}")
    check([row[0:5] for row in exam[1:]] == [["bf16@bf16", "BF16", "BF16", "N/A", "N/A"], ["int8@bnb", "INT8", "F16&INT8", "N/A", "N/A"],
                                             ["nf4:dq@f16", "NF4", "F16", "True", "64"], ["q8_0", "Q8_0", "F32", "N/A", "32"]], f"exam: {exam}")
    category = rows(summary, "Precision")
    check([re.sub(r" \(%\)", "", c) for c in category[0]] == ["Precision", "Avg", "Humanities", "Other", "STEM", "Social sciences", "Total Time (s)"] if category else False,
          f"categories: {category[:1]}")
    check([row[0] for row in category[1:]] == schemes and all(float(row[-1]) > 0 for row in category[1:]), f"categories: {category}")
    code = rows(summary, "Model | Quantization")
    check(code[:1] == [["Model", "Quantization", "humaneval pass@1", "humaneval pass@10", "Weights", "Peak Memory"]], f"code: {code[:1]}")
    check([row[:2] for row in code[1:]] == [["qeval-5m", s] for s in schemes], f"code: {code}")
    latency = rows(summary, "Scheme | Quant Type | Compute Dtype | Batch Size")
    check([(row[0], row[3], row[4], row[5]) for row in latency[1:]] == [(s, b, "128", "128") for s in schemes for b in ("1", "8")], f"latency: {latency}")
    check(all(float(row[6].split()[0]) > float(row[7].split()[0]) > 0 for row in latency[1:]), f"the first token takes less than the next: {latency}")
    if summary:
        csv = (out / "performance.csv").read_text().splitlines()
        check(csv[0].startswith("Model,Batchsize,In_seq,Out_seq,Total time(s),Prefill all time(ms)") and len(csv) == 1 + 8, "performance.csv")
        check(len((out / "questions.log").read_text().splitlines()) == 4 * (57 + 1), "questions.log has not a line for each question")
        check("id=\"latency\"" in (out / "report.html").read_text(), "report.html has no latency")
        check(len(json.loads((out / "results.json").read_text())["run"]["latency"]) == 8, "results.json has no latency")

for p in problems:
    print(p)
print(f"{len(problems)} problem(s)")
sys.exit(1 if problems else 0)
