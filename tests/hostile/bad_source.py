# timeout: 100
# NUL and random bytes, odd encodings, cut programs: an exception each time.
import random
random.seed(9)
def attempt(source):
    try: compile(source, "bad", "exec")
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as e: return type(e).__name__
    return "ok"
for source in ("x\0y", b"x\0y", "\0", b"\xff\xfe", b"# coding: nope\n", b"# coding: utf-8\n\xff", b"\xef\xbb\xbfx=1", b"\xef\xbb\xbf# coding: latin-1\n", "\ufeffx", "\ud800", "'\ud800'", "x = 1\r\ny = 2\rz = 3", "\x0c x = 1", "\\", "\\\n", "x = \\", "'", '"""', "f'{", "f'{x", "f'{x!", "f'{x:{", "(" , "\t", "if 1:\n\t x\n        y", "é = 1", "€ = 1", "1e", "0x", "0b2", "08", "1__2", "'\\x'", "'\\u12'", "'\\N{'", "b'\\x1'", "@", "\x1a", "x = 'a\nb'", "#" , "\n" * 100_000, " " * 100_000, "x" * 1_000_000, "1" * 100_000, "'" + "a" * 1_000_000 + "'", "0x" + "f" * 100_000, "a = " + "1," * 50_000, "\\\n" * 10_000, ";" , "x;;", "\u200b", "x\u200b", "def f(" + ",".join(f"a{i}" for i in range(5000)) + "): pass", "f(" + ",".join("1" * 5000) + ")", "1e" + "9" * 10_000, "." * 10_000):
    print(repr(source)[:30], attempt(source))
text = open(__file__, encoding="utf-8").read()
for _ in range(300): attempt(text[: random.randrange(len(text))]); i = random.randrange(len(text)); attempt(text[:i] + chr(random.randrange(0x3000)) + text[i + random.randrange(3):])
for _ in range(3000): attempt(random.randbytes(random.randrange(1, 60))); attempt("".join(random.choice("()[]{}:,=\n\t 'f\"#\\x1.*@lambda if else") for _ in range(40)))
print("survived")
