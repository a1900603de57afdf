# timeout: 60
# Results that no memory can hold: an exception at once, whatever asks for them.
import sys

N = 10**13
BIG = sys.maxsize


def show(label, f):
    try:
        r = f()
    except (MemoryError, OverflowError, ValueError) as e:
        print(label, "refused")
    else:
        print(label, "worked?", type(r), len(r))


s, b, a = "ab", b"ab", bytearray(b"ab")
for name, x, fill in (("str", s, "é"), ("bytes", b, b"x"), ("bytearray", a, b"x")):
    for n in (N, BIG):
        show(f"{name} *", lambda: x * n)
        show(f"{name} ljust", lambda: x.ljust(n))
        show(f"{name} center", lambda: x.center(n, fill))
        show(f"{name} rjust", lambda: x.rjust(n, fill))
        show(f"{name} zfill", lambda: x.zfill(n))
big, bigb = "x" * 10**6, b"x" * 10**6
show("replace", lambda: big.replace("x", "y" * 10**8))
show("replace empty", lambda: big.replace("", "é" * 10**8))
show("bytes replace", lambda: bigb.replace(b"x", b"y" * 10**8))
show("join", lambda: ("x" * 10**8).join("y" * 10**6))
show("bytes join", lambda: (b"x" * 10**8).join([b"y"] * 10**6))
for spec in (f"{N}", f"<{N}", f"^{BIG}", f"é>{N}"):
    show("format str", lambda: format("a", spec))
for f in (f"%{N}d", f"%{N}s", f"%-{N}x", f"%{BIG}s"):
    show("percent", lambda: f % 1)
    show("bytes percent", lambda: f.replace("s", "a").encode() % 1)
show("percent star", lambda: "%*d" % (N, 1))
show("str.format", lambda: "{:{}}".format("a", N))
show("bytes(n)", lambda: bytes(N))
show("bytearray(n)", lambda: bytearray(N))
show("bytes(maxsize)", lambda: bytes(BIG))
show("bytearray resize", lambda: bytearray().__imul__(1) or bytearray(b"x").__imul__(N))
show("repr", lambda: len(repr("\x00" * 10)) and "x" * N)
for i in range(3):
    x = bytearray(b"abc")
    try:
        x *= N
    except MemoryError:
        print("still", x)
