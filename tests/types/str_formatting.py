# %-formatting, str.format and the format mini-language.
print("%d %i %5d|%-5d|%05d %+d % d %x %X %#x %o %#o %c %c %%" % (1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 8, 8, "a", 98))
print("%s %r %a %10s|%-10s|%.2s" % ("é", "é", "é", "ab", "ab", "abcdef"), "%(x)s %(y)03d" % {"x": 1, "y": 2}, "%*d|%-*d|%.*f" % (5, 42, 5, 42, 2, 3.14159))
print("%e %E %g %G %.3g %f %F %.0f %#.0f" % (1234.5, 1234.5, 1e-10, 1e20, 1234.5, 0.1, float("inf"), 0.5, 1))
print("%s" % (None,), "%s" % [1, 2], "%s %%" % "x", "100%%" % (), b"%d %s %r %a %c" % (1, b"x", "y", "z", 65))
print("{} {} {}".format(1, "a", [2]), "{1} {0} {1}".format("a", "b"), "{x} {y[0]} {z.real} {d[k]}".format(x=1, y=[2], z=3, d={"k": 4}), "{{}} {0!r:>5} {0!s} {0!a}".format("é"))
print("{:>6}|{:<6}|{:^6}|{:*^7}|{:06}|{:=+6}|{:+}|{: }|{:-}".format("ab", "ab", "ab", "ab", 42, 42, 5, 5, 5))
print("{:d} {:b} {:o} {:x} {:X} {:#x} {:#b} {:,} {:_} {:_x} {:c} {:n}".format(10, 10, 10, 255, 255, 255, 5, 10**7, 10**7, 2**40, 9731, 1000))
print("{:f} {:.2f} {:e} {:g} {:%} {:.1%} {:10.3f}| {:<10.3f}| {:+.1f} {:,.2f} {:012.3f} {:.3}".format(3.5, 3.14159, 31415.9, 1e-7, 0.5, 0.123, 2.5, 2.5, 2.5, 12345.678, -3.14, 3.14159))
print("{:.3} {:5}| {:>5} {:<5}| {:s} {:10.2}|".format("abcdef", "x", True, None if False else "n", "s", "abc"), "{:{w}.{p}f}".format(3.14159, w=10, p=2), "{:{}}".format("x", ">4"))
print(format(1234.5678, ",.2f"), format(True, "d"), format("x", "^5"), format(10, "#010x"), format(-7, "b"), format(3 + 4j, ".1f"), format(1e20, "d") if False else "", format(2**70, ","), format(0.1, ".20f"))
class D:
    a = [1, {"k": "deep"}]
    def __format__(self, s): return "D:" + s
print("{0.a[1][k]} {0:spec}".format(D()), "{:%Y-%m-%d %H:%M}".format(__import__("datetime").datetime(2024, 1, 2, 3, 4)), "{x!r}".format_map({"x": "v"}))
class Default(dict):
    def __missing__(self, key): return f"<{key}>"
print("{a} {b}".format_map(Default(a=1)), "%(zz)s" % Default())
for spec, value in ((",d", 5), ("x", 1.5), ("s", 1), (".2d", 5), ("=5", "a"), ("q", 1), (",x", 5), ("+s", "a"), ("5.", 1.0), ("c", -1), (".3", 1), ("10**3", 1), ("zz", 1.0), ("_,", 1)):
    try: print(repr(format(value, spec)))
    except Exception as e: print(repr(spec), type(e).__name__, e)
import string
print(string.Template("$a ${b} $$").substitute(a=1, b=2), string.Template("$x $y").safe_substitute(x=1), list(string.Formatter().parse("a{b!r:c}d")), string.capwords("a bc"))
