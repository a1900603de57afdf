"""Writes patterns, subjects and CPython's times for `examples/bench.rs`.

    python3 bench.py LIB > /tmp/bench.txt
    cargo run --release -p taipan-sre --example bench /tmp/bench.txt

Lines: `P groups words...`, then `name mode nanoseconds subject` with the mode
and subject as in `generate.py`. CPython's time for `i` includes making the
Match objects (there is no way around them).
"""

import sys
import time

from generate import Writer

WORDS = "the quick brown fox_1 jumps over 13 lazy dogs, and then (x = y + 42.5) # end\n" * 40
TOKENS = (r'(?P<num>\d+(?:\.\d+)?)|(?P<id>[A-Za-z_]\w*)|(?P<op>[-+*/=<>!]=?|[()\[\],:.])'
          r'|(?P<str>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<com>#[^\n]*)|(?P<ws>\s+)')
VOCABULARY = sorted({a + b + c for a in "bdfgk" for b in ("ar", "e", "ill", "ou", "y")
                     for c in ("d", "ght", "n", "st", "x", "zz", "ck", "m")})
CASES = [
    ("words", r"\w+", "i", WORDS),
    ("tokenizer", TOKENS, "i", WORDS),
    ("(a|b)*c", r"(a|b)*c", "m", "abbaab" * 200 + "c"),
    ("(?:a|b)*?c", r"(?:a|b)*?c", "m", "abbaab" * 200 + "c"),
    ("string", r'"[^"]*"', "m", '"' + "some text " * 20 + '"'),
    ("string esc", r'"(?:[^"\\]|\\.)*"', "m", '"' + 'some \\" text ' * 20 + '"'),
    ("date", r"(\d{4})-(\d\d)-(\d\d)", "m", "2024-01-31"),
    ("date search", r"(\d{4})-(\d\d)-(\d\d)", "s", "lorem 12 ipsum 1234 dolor " * 30 + "2024-01-31"),
    ("foo|bar|baz", r"foo|bar|baz", "s", "lorem ipsum dolor sit amet " * 40 + "baz"),
    ("prefix", r"needle\d", "s", "lorem ipsum needle dolor " * 40 + "needle7"),
    ("email", r"[\w.]+@[\w.]+\.com", "s", "lorem ipsum dolor.sit amet " * 40 + "me@here.com"),
    (".*x", r".*(\d)x", "m", "lorem 1 ipsum 2x dolor " * 4),
    (".*?x", r".*?(\d)x", "m", "lorem 1 ipsum 2y dolor " * 4 + "1x"),
    ("lines", r"^\s*(\w+)\s*=\s*(.*?)\s*$", "i", "  key1 = some value here  \nother=2\n" * 20, 8),
    ("ignorecase", r"lorem\s+(\w+)", "s", "ipsum dolor sit amet " * 40 + "LOREM Ipsum", 2),
    ("nested", r"((\w+)\s?)+!", "m", "one two three four five six seven!"),
    ("pathological", r"(?:a+)+b", "m", "a" * 16),
    ("backref", r"(\w)\1", "s", "abcdefghij klmnop " * 30 + "aa"),
    ("lookahead", r"\w+(?=,)", "s", "lorem ipsum dolor " * 40 + "amet,"),
    ("cyrillic", r"\w+", "i", "\u0441\u044a\u0435\u0448\u044c \u0436\u0435 \u0435\u0449\u0451 " * 60),
    ("vocabulary", r"\b(?:" + "|".join(VOCABULARY) + r")\b", "s", WORDS + " gouzz"),
    ("bytes crlf", rb"[^\r\n]*\r\n", "i", b"Header-Name: value of it\r\n" * 40),
    ("split ws", r"\s*,\s*", "i", "a, b ,c , d,e,  f" * 40),
]


def main():
    writer = Writer(sys.argv[1])
    for name, pattern, mode, subject, *rest in CASES:
        flags = rest[0] if rest else 0
        compiled, groups, code = writer.compiled(pattern, flags)
        if mode == "i":
            def run():
                for _ in compiled.finditer(subject):
                    pass
        else:
            method = compiled.match if mode == "m" else compiled.search

            def run():
                method(subject)
        best, n = 1e9, 1
        deadline = time.perf_counter() + 0.3
        while time.perf_counter() < deadline:
            t = time.perf_counter()
            for _ in range(n):
                run()
            spent = time.perf_counter() - t
            best = min(best, spent / n)
            if spent < 0.005:
                n *= 2
        data = subject if isinstance(subject, bytes) else map(ord, subject)
        print("P", groups, *map(int, code))
        print(name.replace(" ", "_"), mode, int(best * 1e9), ".".join(format(c, "x") for c in data))


main()
