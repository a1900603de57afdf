# Every method of str over texts of every width, with good and bad arguments.
TEXTS = ["", "a", "abc", "Hello World", "aXbXc", "  pad\t\n", "é", "Straße", "ǆ ﬁn", "ΑΣ ΑΣ.", "日本語 text",
         "😀😃😀", "a\u0301b", "\ud800x\udfff", "123", "٣٤", "½Ⅷ", "\x00\x1f\x7f\x85\u2028", "x" * 70 + "é",
         "mixed é 日 😀 end", "aaaaaaaa", "abababab", "İıK", "_id1", "ªº", "1abc", "\u00ad", "a\r\nb\rc\nd\x0be\x0cf\x1cg\u2029h"]
ARGS = ["", "a", "X", "é", "日", "😀", "ab", "aa", "Σ", " ", "\n", "\ud800"]


def show(f, *args):
    try:
        r = f(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    return ascii(r)


print("== no arguments")
for name in ("capitalize casefold lower upper title swapcase strip lstrip rstrip split rsplit splitlines isalnum isalpha "
             "isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper "
             "expandtabs __repr__ __len__ __str__").split():
    for t in TEXTS:
        print(name, ascii(t), show(getattr(t, name)))

print("== one text argument")
for name in "find rfind index rindex count startswith endswith split rsplit strip lstrip rstrip partition rpartition removeprefix removesuffix __contains__ __add__ __eq__ __lt__ __ge__".split():
    for t in TEXTS:
        for a in ARGS:
            print(name, ascii(t), ascii(a), show(getattr(t, name), a))

print("== ranges")
for t in ("abcabc", "é日é日", "😀a😀a", ""):
    for sub in ("", "a", "日", "😀", "bc"):
        for start in (None, 0, 1, -1, -3, 3, 6, 7, 100, -100, 10**30):
            for end in (None, 0, 2, -1, 6, 7, -100, 10**30, -10**30):
                print(ascii(t), ascii(sub), start, end, [show(getattr(t, n), sub, start, end) for n in ("find", "rfind", "count", "startswith", "endswith")])

print("== replace, split, join")
for t in TEXTS:
    for old in ARGS:
        for new in ("", "-", "日", "😀😀"):
            print(ascii(t), ascii(old), ascii(new), [show(t.replace, old, new, n) for n in (-1, 0, 1, 2)])
    for sep in (None, "a", "X", "ab", "日", "😀"):
        print(ascii(t), ascii(sep), [show(getattr(t, n), sep, m) for n in ("split", "rsplit") for m in (0, 1, 2, -5)])
    print(show(t.join, []), show(t.join, ["x"]), show(t.join, ["é", "日", "😀"]), show(t.join, ("a", "b")), show(t.join, iter("abc")),
          show(t.join, "xyz"), show(t.splitlines, True))

print("== layout")
for t in ("", "a", "abc", "日本", "+5", "-😀", "a\tb\t\tc\n\td"):
    for n in (-5, 0, 1, 2, 3, 4, 5, 9, 10):
        print(ascii(t), n, [show(getattr(t, m), n) for m in ("ljust", "rjust", "center", "zfill", "expandtabs")],
              [show(getattr(t, m), n, "*") for m in ("ljust", "rjust", "center")], show(t.center, n, "日"), show(t.rjust, n, "😀"), show(t.__mul__, n))

print("== items and slices")
for t in ("", "abcdef", "é日😀xyz"):
    for i in (0, 1, -1, 5, 6, -6, -7, 10**20, True, None, "x", 1.5):
        print(ascii(t), i, show(t.__getitem__, i))
    for s in [slice(a, b, c) for a in (None, 0, 1, -2, 10) for b in (None, 0, 3, -1, -10) for c in (None, 1, 2, -1, -3, 0)]:
        print(ascii(t), s, show(t.__getitem__, s))

print("== translate and maketrans")
T = str.maketrans({"a": "1", "b": None, 99: "日本", "d": 0x1F600, "e": ""})
for t in ("", "abcde", "xyz", "é日", "aaaa", "edcba日"):
    print(ascii(t), show(t.translate, T), show(t.translate, {}), show(t.translate, [None] * 200), show(t.translate, {97: 97}))
for args in (("ab", "cd"), ("ab", "c"), ("ab", "cd", "e"), ({"ab": 1},), ({1.5: 1},), ("ab",), (1, "a"), ("a", 1), ("a", "b", 1), ([],)):
    print(args, show(str.maketrans, *args))
for table in ({97: 1.5}, {97: 0x110000}, {97: -1}, {97: b"x"}, 5, None):
    print(table, show("abc".translate, table))


class Raising:
    def __getitem__(self, i):
        raise ZeroDivisionError("no")


print(show("abc".translate, Raising()))

print("== wrong arguments")
for name in "find rfind index rindex count startswith endswith split rsplit strip lstrip rstrip partition rpartition removeprefix removesuffix join replace center ljust rjust zfill expandtabs translate splitlines encode __contains__ __add__ __format__ __mod__".split():
    for args in ((), (1,), (b"a",), (None,), ("a", "b"), ("a", "b", "c"), ("a", 1.5), (5, "ab"), (5, 6), ("a", None, None, None), ([],)):
        if name == "__mod__" and len(args) == 1:
            continue
        print(name, args, show(getattr("abc", name), *args))

print("== constructor")
for args, kw in (((), {}), ((1,), {}), ((b"ab",), {}), ((b"ab", "ascii"), {}), ((b"\xff", "ascii"), {}), ((b"\xff", "ascii", "replace"), {}),
                 (("a", "ascii"), {}), ((1, "ascii"), {}), ((), {"object": 5}), ((b"a",), {"errors": "strict"}), ((), {"encoding": "x"}),
                 ((bytearray(b"xy"), "latin-1"), {}), ((memoryview(b"xy"), "utf-8"), {}), ((b"a", 1), {}), ((b"a", "a\0b"), {}), ((1, 2, 3, 4), {}), ((), {"x": 1})):
    print(args if not args or not isinstance(args[0], memoryview) else "mv", kw, show(lambda: str(*args, **kw)))


class S(str):
    pass


s = S("abc")
print(type(s), type(s[:]), type(s + ""), type(s * 1), type(str(s)), type(s.strip()), type(s.replace("x", "y")), type(s.lower()),
      type(s.ljust(2)), type(s.zfill(1)), type(s.translate({})), type(s.__str__()), type(s.join(["q"])), type("".join([s])), s == "abc", hash(s) == hash("abc"), s.__getnewargs__())
it = iter("aé")
print(next(it), it.__length_hint__(), it.__reduce__()[1:], list(it), it.__reduce__()[1:], it.__length_hint__())
it = iter("abc")
it.__setstate__(2)
print(list(it))
it = iter("abc")
it.__setstate__(-5)
print(list(it))
print("abc" in "xabcx", "日" in "x日", "😀" in "日", "" in "")
