# The format mini-language, str.format and the % operator, with their errors.
def show(f, *args, **kw):
    try:
        return ascii(f(*args, **kw))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


class A:
    x = 5
    y = {"k": "v", "1": "one", 1: "eins"}

    def __format__(self, spec):
        return f"A<{spec}>"

    def __str__(self):
        return "strA"

    def __repr__(self):
        return "reprA\xe9"


class Bad:
    def __format__(self, spec):
        return 5


a = A()
for f in ("{}", "{0}", "{} {}", "{1} {0}", "{0.x}", "{0.y[k]}", "{0.y[1]}", "{0!r}", "{0!s}", "{0!a}", "{0:spec}", "{0!r:>10}", "{0:{1}}", "{:{}}",
          "{0:{1}{1}}", "{{}}", "{{{0}}}", "a{{b", "a}}b", "{", "}", "{0", "{0!}", "{0!x}", "{0!r", "{0!rx}", "{a}", "{0[}", "{0[]}", "{0.}", "{.x}",
          "{[0]}", "{}{0}", "{0}{}", "{0:{1:{0}}}", "{0!é}", "{-1}", "{0x}", "{ 0}", "{99999999999999999999999}", "{0[99999999999999999999999]}",
          "日{0}本", "{0:日}", "{5}", "{0.nope}", "{0.y[nope]}", "{0[0]}", "{:}", "{!r}", "{!s:}", "{0:{", "{0:}}", "{:{}{}}"):
    print(f, show(f.format, a, ">9"), show(f.format))
print(show("{a} {b[0]} {c.real}".format, a=1, b="xy", c=3), show("{a}".format_map, {"a": 1}), show("{}".format_map, {}), show("{0}".format_map, {}),
      show("{a}".format_map, 5), show("{a}".format_map, {}), show("{a}".format, 1), show("{}".format, Bad()), show("{:x}".format, object()),
      show("{:}".format, object()) != "", show("{self}".format, self=7))


class D(dict):
    def __missing__(self, k):
        return f"<{k}>"


print("{x} {y.real}".format_map(D(y=3)))
for s in ("", "s", "5", "<5", ">5", "^5", "*^7", "日^7", ".2", "5.2s", "05", "=5", "+5", " 5", "-5", "#5", ",", "_", "z", "d", "x", "5x", "é", "\x00", ".", "<", "<<", "<<<",
          "99999999999999999999", ".99999999999999999999", "5.s", "s5"):
    print(ascii(s), show(format, "abc", s), show(format, "日本", s))
print("== percent")
VALUES = [5, -5, 3.75, "text", "日", b"b", None, (), (1,), (1, 2), {"k": 7}, [1, 2], True, 10**30, 1j, float("nan"), "ab", "\U0001F600"]
for f in ("%s", "%r", "%a", "%d", "%i", "%u", "%x", "%X", "%o", "%e", "%f", "%g", "%G", "%E", "%F", "%c", "%%", "%5s", "%-5s|", "%05d", "%+d", "% d", "%#x", "%#o", "%.2f",
          "%10.3e", "%-10d|", "%.3s", "%5.1s", "%ld", "%hd", "%Ld", "%(k)s", "%(k)d %(k)x", "%z", "%", "%5", "%(k", "%(k)", "a%b", "abc", "%s%s", "%*d", "%.*f", "%-*d|", "%+.3d", "%.0f",
          "%#.3g", "%5%", "%\u65e5", "%(k)s%%", "%010.2f", "% 05d", "%+05d", "%#08x", "%.5d", "%.5x", "%(a(b)c)s"):
    for v in VALUES:
        if "%c" in f and not isinstance(v, (int, str)) or f == "%c" and isinstance(v, str) and len(v) != 1:
            continue
        print(f, ascii(v), show(lambda: f % v))
print(show(lambda: "%*d" % (5, 3)), show(lambda: "%*d|" % (-5, 3)), show(lambda: "%.*f" % (2, 1.5)), show(lambda: "%.*f" % (-2, 1.5)), show(lambda: "%*d" % ("x", 3)),
      show(lambda: "%*d" % (2**70, 3)), show(lambda: "%.*d" % (2**40, 3)), show(lambda: "%c" % 0x110000), show(lambda: "%c" % -1), show(lambda: "%(a)s %(b)s" % {"a": 1, "b": 2}),
      show(lambda: "%(a)s" % {}), show(lambda: "%(a)s %s" % {"a": 1}), show(lambda: "%s %(a)s" % {"a": 1}), show(lambda: "%s" % (a,)), show(lambda: "%r" % (a,)), show(lambda: "%a" % (a,)))
print(show(lambda: "%99999999999999999999d" % 1), show(lambda: "%.99999999999d" % 1))


class I(int):
    def __str__(self):
        return "no"

    __repr__ = __str__


class X:
    def __index__(self):
        return 42

    def __float__(self):
        return 1.5


class N:
    def __int__(self):
        return 41


print("%d %x %s %f" % (I(5), I(5), I(5), I(5)), show(lambda: "%d %x %f" % (X(), X(), X())), show(lambda: "%d" % N()), show(lambda: "%x" % N()), show(lambda: "%c" % X()))
print("== f-strings")
w, p, v = 10, 3, 3.14159
print(f"{v:{w}.{p}} {v!r:>{w}} {'日':^{w}} {v=:.2f} {w = } {'a' 'b'!r} {{}} {v:%} {w:b} {w:#x} {-w:08d}")
