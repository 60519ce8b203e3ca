"""Writes python_json.jsonl: what Python's json.loads makes of texts, good ones and broken ones.

    python3.11 tests/golden/make_python_json.py

Each line is [text, what it is]: null where json.loads refuses it, else the value with strings as json.dumps writes them and numbers as
"int" or "float". Some texts are written here, the others are those with a few characters changed (random.Random(20)): all that are good, and one of eight that are not.
"""
import json
import pathlib
import random

STRINGS = ['""', '"a"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00\ud83d"', r'"\ud83dx\ude00"', r'"\ud83d\ud83d\ude00"', r'"\u0000\u001f\u007f"', r'"\"\\\/\b\f\n\r\t"', '"\x7f"',
           '"\u00e4\u4e2d\U0001f600"', r'"\u00E4\u4e2D"', r'"\x41"', r'"\u12g4"', r'"\u123"', r'"\uD83D\u"', '"\t"', '"a\nb"', "'a'", '"a', r'"\ud800\n\udc00"']
NUMBERS = ["0", "-0", "7", "-12", "00", "01", "-", "+1", ".5", "1.", "1.e5", "0.50", "1e5", "1E+05", "1e-400", "1e400", "-1e400", "1e", "1e+", "0x10", "1_0", "9" * 25, "-" + "9" * 40,
           "18446744073709551616", "0.1" + "0" * 30 + "1", "NaN", "-NaN", "+NaN", "nan", "Infinity", "-Infinity", "inf", "- 1", "\u0661"]
OTHERS = ["true", "false", "null", "True", "nul", "", " ", "[]", "{}", "[ ]", "{ }", "[1,2]", "[1,]", "[,1]", "[1 2]", "[[],[[]],{}]", '{"a":1}', '{"a":1,}', '{"a"}', '{a:1}', '{1:2}',
          '{"a":1,"b":[true,null],"a":2}', '{"a":1,"b":2,"\\u0061":{"c":"\\udfff"}}', '{"":{"":[""]}}', '{"a" : 1 , "b"\t:\r2}', '{"a":NaN,"b":-Infinity,"c":"x"}', "[1]]", "{}{}", "[}", "{]",
          "\u00a01", "\x0c1", "\ufeff1", "1 ", " 1", "[1", "[", "{", '{"a"', '{"a":', '{"a":1', "// 1", "[1,/**/2]", '{"\\ud800":1,"\\ud800":2}', "[" * 60 + "]" * 60]


def described(value):
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + described(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(described, value)) + "]"
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value)
    return type(value).__name__


def outcome(text):
    try:
        return described(json.loads(text))
    except ValueError:
        return None


draw = random.Random(20)
texts = STRINGS + NUMBERS + OTHERS + [f'{{"task_id": {s}, "x": {n}}}' for s in STRINGS for n in draw.sample(NUMBERS, 3)]
for text in texts[:]:
    for _ in range(8):
        characters = list(text)
        for _ in range(draw.randint(1, 2)):
            at = draw.randint(0, len(characters))
            characters[at:at + draw.randint(0, 1)] = draw.choice(['"', "\\", "u", "{", "}", "[", "]", ",", ":", "0", "9", "e", ".", "-", "d", " ", "\\ud8", "NaN", "\u00e4"])
        if outcome("".join(characters)) is not None or draw.random() < 1 / 8:
            texts.append("".join(characters))
lines = [json.dumps([text, outcome(text)]) + "\n" for text in dict.fromkeys(texts)]
pathlib.Path(__file__).with_name("python_json.jsonl").write_text("".join(lines))
print(len(lines), "texts,", sum(line.endswith("null]\n") for line in lines), "refused")
