# Every method of bytes and bytearray, with good and bad arguments.
DATA = [b"", b"a", b"abc", b"Hello World", b"aXbXc", b"  pad\t\n", b"\xff\x00\x80", b"aaaa", b"a\r\nb\rc\nd\x0be", b"+5", b"-12", b"a\tb\t\tc\n\td", b"they're", b"ABC", b"123", b" \t"]
ARGS = [b"", b"a", b"X", b"aa", b"\xff", b" ", bytearray(b"a"), memoryview(b"bc"), 97, 0, 255]


def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    r = f"{r!r}"
    return r.split("<memory at")[0] + "<memory" if "<memory at" in r else r


def name(a):
    return f"memoryview({bytes(a)})" if isinstance(a, memoryview) else repr(a)


for T in (bytes, bytearray):
    print("==", T)
    for m in "capitalize lower upper title swapcase strip lstrip rstrip split rsplit splitlines isalnum isalpha isascii isdigit islower isspace istitle isupper expandtabs __repr__ __str__ __len__ hex decode".split():
        for d in DATA:
            print(m, d, show(getattr(T(d), m)))
    for m in "find rfind index rindex count startswith endswith split rsplit strip lstrip rstrip partition rpartition removeprefix removesuffix __contains__ __add__ __eq__ __lt__ __ge__ join translate".split():
        for d in DATA:
            for a in ARGS:
                if m == "__add__" and isinstance(a, int):
                    continue
                print(m, d, name(a), show(getattr(T(d), m), a))
    for d in (b"abcabc", b""):
        for sub in (b"", b"a", b"bc", 97):
            for start in (None, 0, 1, -1, 3, 7, 10**30):
                for end in (None, 0, -1, 6, -100, 10**30):
                    print(d, sub, start, end, [show(getattr(T(d), n), sub, start, end) for n in ("find", "rfind", "count", "startswith", "endswith")])
    for d in DATA:
        for old in (b"", b"a", b"aa", b"X"):
            for new in (b"", b"-", b"--"):
                print(d, old, new, [show(T(d).replace, old, new, n) for n in (-1, 0, 1, 2)])
        for sep in (None, b"a", b"X", b"ab"):
            print(d, sep, [show(getattr(T(d), n), sep, m) for n in ("split", "rsplit") for m in (0, 1, 2, -5)])
        print(show(T(d).join, []), show(T(d).join, [b"x"]), show(T(d).join, [b"x", bytearray(b"y"), memoryview(b"z")]), show(T(d).join, (b"a", b"b")), show(T(d).join, iter([b"1", b"2"])),
              show(T(d).splitlines, True), show(T(d).hex, ":"), show(T(d).hex, b"-", 2), show(T(d).hex, "x", -2), show(T(d).hex, ":", 0))
        for n in (-5, 0, 1, 3, 4, 9):
            print(d, n, [show(getattr(T(d), m), n) for m in ("ljust", "rjust", "center", "zfill", "expandtabs")], show(T(d).center, n, b"*"), show(T(d).ljust, n, bytearray(b"*")), show(T(d).__mul__, n))
        print(show(T(d).translate, bytes(range(255, -1, -1))), show(T(d).translate, None, b"a"), show(T(d).translate, bytes(range(256)), delete=b"ab"))
    for d in (b"", b"abcdef"):
        for i in (0, 1, -1, 5, 6, -6, -7, 10**20, True, None, "x", 1.5):
            print(d, i, show(T(d).__getitem__, i))
        for s in [slice(a, b, c) for a in (None, 0, 1, -2, 10) for b in (None, 0, 3, -1, -10) for c in (None, 1, 2, -1, -3, 0)]:
            print(d, s, show(T(d).__getitem__, s))
    print("== wrong arguments")
    for m in "find rfind index rindex count startswith endswith split rsplit strip lstrip rstrip partition rpartition removeprefix removesuffix join replace ljust rjust zfill expandtabs translate splitlines decode hex maketrans __contains__".split():
        for args in ((), (1,), ("a",), (None,), (b"a", b"b"), (b"a", b"b", b"c"), (300,), (-1,), (b"a", 1.5), (5, b"ab"), ([],), (1.5,)):
            if m in ("ljust", "rjust") and len(args) > 1:
                continue
            print(m, args, show(getattr(T(b"abc"), m), *args))
    for args, kw in (((), {}), ((3,), {}), ((-1,), {}), ((2**70,), {}), (([1, 2],), {}), (((1, 2),), {}), ((iter([1, 2]),), {}), (([256],), {}), (([-1],), {}), ((["a"],), {}), (("abc",), {}), (("abc", "ascii"), {}),
                     (("é", "ascii"), {}), (("é", "ascii", "replace"), {}), ((b"x", "ascii"), {}), ((b"x",), {"errors": "x"}), ((1.5,), {}), ((None,), {}), ((bytearray(b"q"),), {}), ((memoryview(b"qr")[::-1],), {}),
                     ((), {"source": b"z"}), ((), {"encoding": "ascii"}), ((), {"x": 1}), ((range(5),), {}), ((True,), {}), (({1: 2},), {})):
        print(show(T, *args, **kw))
    for h in ("", "61", "61 62", " 6162 ", "6g", "g6", "\t61\n", "é1"):
        print(ascii(h), show(T.fromhex, h))
    for other in (b"abc", bytearray(b"abd"), memoryview(b"abb"), "abc", 5, [97]):
        print(type(other), [show(getattr(T(b"abc"), op), other) for op in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")])
    print("== percent")
    for f in (b"%s", b"%b", b"%a", b"%r", b"%d", b"%x", b"%5.2f", b"%-5d|", b"%05d", b"%(k)s", b"%%", b"%c", b"%.2s", b"%5s", b"%z", b"%", b"%i", b"%e", b"%*d", b"%5%"):
        for v in (5, b"xy", bytearray(b"z"), memoryview(b"mv"), 3.5, b"q", {b"k": b"v"}, (), (1, 2), (b"a",)):
            if f == b"%c" and not isinstance(v, int):
                continue
            print(f, type(v).__name__, show(T(f).__mod__, v))

    class Sub(T):
        pass

    s = Sub(b"abc")
    print(type(s[:]).__name__, type(s + b"").__name__, type(s * 1).__name__, type(s.strip()).__name__, type(T(s)).__name__, type(Sub.fromhex("61")).__name__, s == b"abc", repr(s))
    it = iter(T(b"ab"))
    print(next(it), it.__length_hint__(), it.__reduce__()[1:], list(it), it.__reduce__()[1:])
    it = iter(T(b"abc"))
    it.__setstate__(2)
    print(list(it), type(it).__name__)


class B:
    def __bytes__(self):
        return b"from B"


class BadB:
    def __bytes__(self):
        return 5


class I:
    def __index__(self):
        return 3


print(bytes(B()), show(bytes, BadB()), bytes(I()), bytearray(I()), bytes([I()]), b"%b" % B(), hash(b"abc") == hash(bytes(b"abc")), show(hash, bytearray()))
print("== mutation")


def on(f, start=b"abcdef"):
    b = bytearray(start)
    try:
        r = f(b)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(repr(r), b)


for v in (1, 256, -1, "a", b"a", None, 1.5, I()):
    on(lambda b: b.append(v))
    on(lambda b: b.insert(1, v))
    on(lambda b: b.remove(v))
    on(lambda b: b.__setitem__(1, v))
    on(lambda b: b.extend(v))
    on(lambda b: b.__iadd__(v))
    on(lambda b: b.pop(v))
for i in (0, -1, 5, 6, -6, -7, 2**70, "x"):
    on(lambda b: b.pop(i))
    on(lambda b: b.insert(i, 120))
    on(lambda b: b.__setitem__(i, 120))
    on(lambda b: b.__delitem__(i))
for s in [slice(a, b, c) for a in (None, 0, 2, -2, 10) for b in (None, 0, 4, -1) for c in (None, 1, 2, -1, -2)]:
    on(lambda b: b.__delitem__(s))
    for v in (b"", b"x", b"xyz", [1, 2], bytearray(b"123456"), (7,), 5, "s", None):
        on(lambda b: b.__setitem__(s, v))
on(lambda b: b.__setitem__(slice(1, 2), b))
on(lambda b: b.extend(b))
on(lambda b: b.clear())
on(lambda b: b.reverse())
on(lambda b: b.copy())
on(lambda b: b.__imul__(3))
on(lambda b: b.__imul__(0))
on(lambda b: b.__iadd__(b"xyz"))
on(lambda b: b.extend(range(5)))
on(lambda b: b.extend([1, 2, 300]))
on(lambda b: b.__init__(b"new"))
on(lambda b: b.__reduce_ex__(2))
on(lambda b: b.__reduce_ex__(3))
b = bytearray(b"abc")
m = memoryview(b)
for f in (lambda: b.append(1), lambda: b.extend(b"x"), lambda: b.pop(), lambda: b.clear(), lambda: b.__delitem__(0), lambda: b.__setitem__(slice(0, 1), b"xy"), lambda: b.__imul__(2), lambda: b.__iadd__(b"q"), lambda: b.__init__()):
    print(show(f))
b[0] = 120
b[1:3] = b"yz"
b.reverse()
print(bytes(m), b)
m.release()
b.append(33)
print(b)
b = bytearray(range(200))
for _ in range(150):
    del b[0]
b.extend(b"tail")
b.insert(0, 7)
print(bytes(b))
