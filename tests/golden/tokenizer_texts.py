"""The texts that goldens of tokenizers share: white space, numbers, scripts, marks, spellings of special tokens."""

TEXTS = [
    "", " ", "  ", "   a", "a ", "a   ", "\n", "\n\n\n", " \n \t\n  x", "\r\n", "a\r\nb\r\r\n", "\t\tdef f(x):\n\t\treturn x\n",
    "Hello, world!", "hello world", " leading and trailing ", "don't I'LL we've IT'S they'RE \u2019s 'S'd",
    "1", "12", "123", "1234567890", "3.14159e-10", "x2y3 4z", "\u00bd \u00b2\u00b3 \u2167 \u0661\u0662\u0663 \U0001d7d8\U0001d7d9 \u4e09",
    "na\u00efve caf\u00e9 \u00fc\u00f6\u00e4\u00df \u00d8 \u0130stanbul \u0131", "e\u0301 A\u030a \u212b \ufb01ne \u2460 \u33a1 \uff21\uff42",
    "\u017ftop \u212aelvin 'M 'm '\u017f", "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u03c3\u03c2 \u0391\u0308", "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0442\u0435\u043a\u0441\u0442",
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8 \ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22 \u05e2\u05d1\u05e8\u05d9\u05ea \u0639\u0631\u0628\u064a",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f3f4\U000e0067\U000e0062\U000e007f \U0001f1e9\U0001f1ea",
    "\u00a0nbsp\u00a0 \u2003em \u3000ideographic\u3000 \u1680 \u202f", "a\u180eb \u180e c", "a\u0085b \u2028 \u2029 \u200b \u200c \u200d \ufeff \u00ad",
    "\u2581 \u2581\u2581a \u2581", "a\u0000b\u0001\u001f\u007f\u009f", "\ufffd \ufffe \U0010ffff \U0010fe41\U0010fe80 \ue000",
    "<s>", "</s>", "a<s>b </s> c", " <s>  <s> x", "<|endoftext|>", "x<|endoftext|>y", "<|user|>\nhi<|end|>\n", "<unk> <0x0A> <0xE2>",
    "price: $5.00 (50% off)!!! ... --- === ~~~ ^_^ `code` #tag @me a_b C++ <<>> [[x]] {y} \\n |", "https://example.org/a?b=c&d=%20#e",
    "int main(void) {\n    return 0; // nothing\n}\n", "          ten spaces", "a" * 60, "ab" * 40 + "c", " ".join(str(i) for i in range(30)),
    "mark\u0300\u0301\u0302 \u0e01\u0e33 \u0958 \u1e9b\u0323", "CamelCaseText snake_case_text kebab-case-text SHOUTING", "\u01c5 \u02b0 \u02bc \u2c7d \ua7ae \u1d43",
    "x\U00040000y", "\U00010400\U00010428 \U00016800 \U000200cc", "the cat the cat the cat", "word words a word, password", "tail \n", "one\ttwo\x0bthree\x0cfour",
]
