"""Writes pandas_cells.jsonl: columns of a CSV file, and what str.format() makes of their cells behind pandas.read_csv.

    python3.11 -m venv V && V/bin/pip install pandas==2.3.3
    V/bin/python tests/golden/make_pandas_cells.py [COLUMNS [FILE]]

Each line is [cells, texts]. A column draws its cells from one or two kinds (random.Random(12)), so that most have a type.
Exponents stay within 32 bits: pandas crashes at longer ones.
"""
import csv
import io
import json
import pathlib
import random
import sys

import pandas

draw = random.Random(12)
digits = lambda n: "".join(draw.choices("0123456789", k=n))
sign = lambda: draw.choice(["", "", "", "-", "+"])
near = lambda bound: str(bound + draw.randint(-2, 2))
KINDS = {
    "small": lambda: sign() + digits(draw.randint(1, 4)),
    "long": lambda: sign() + digits(draw.randint(15, 25)),
    "at 2^63": lambda: near(draw.choice([2**63, -(2**63), 2**64, 2**53, -(2**53)])),
    "unsigned": lambda: str(draw.randint(2**63, 2**64 - 1)),
    "point": lambda: sign() + digits(draw.randint(0, 3)) + "." + digits(draw.randint(0, 4)),
    "many digits": lambda: sign() + digits(draw.randint(0, 20)) + "." + digits(draw.randint(12, 25)),
    "zeros in front": lambda: sign() + "0" * draw.randint(1, 20) + digits(draw.randint(1, 18)) + draw.choice(["", ".5"]),
    "exponent": lambda: sign() + digits(draw.randint(1, 20)) + draw.choice(["", ".", ".25"]) + draw.choice("eE") + sign() + digits(draw.randint(1, 3)),
    "huge exponent": lambda: sign() + digits(draw.randint(1, 3)) + "e" + sign() + draw.choice(["400", "308", "309", "323", "324", "616", "617", "1999999999"]),
    "missing": lambda: draw.choice(["", "NA", "None", "nan", "-NaN", "1.#IND", "n/a", "null", "<NA>"]),
    "infinity": lambda: draw.choice(["inf", "-inf", "+INF", "Infinity", "-infinity", "infinit", "InF "]),
    "truth": lambda: draw.choice(["True", "FALSE", "true", "tRuE", "false", "T", "yes", "True "]),
    "space": lambda: draw.choice([" ", "\t", ""]) + draw.choice(["7", "-3", "2.5", "9223372036854775808", "- 3", "+-3", "1 2", "0x1f", "1_0", "1e", "1e+", "-", "+", "."]) + draw.choice([" ", "", "  "]),
    "text": lambda: draw.choice(["five", "-abc", "None of these", "\u00e9", "1,000", "\u0663"]),
}


def column():
    kinds = draw.choices(list(KINDS), k=draw.choice([1, 1, 2, 2, 3]))
    return [KINDS[draw.choice(kinds)]() for _ in range(draw.randint(1, 5))]


def printed(cells):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["x", c] for c in cells])  # a column beside it, so that no line is blank
    frame = pandas.read_csv(io.StringIO(out.getvalue()), header=None)
    return ["{}".format(frame.iloc[i, 1]) for i in range(len(cells))]


assert pandas.__version__ == "2.3.3", pandas.__version__
columns = [column() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 500)]
path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).with_name("pandas_cells.jsonl")
path.write_text("".join(json.dumps([cells, printed(cells)]) + "\n" for cells in columns))
