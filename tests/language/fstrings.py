# f-strings: expressions, nesting, conversions, specs, debugging, quotes.
name, n, f = "world", 42, 3.14159
print(f"hello {name}!", f"{n + 1}", f"{name!r:>10}|{name!s:<8}|{name!a}")
print(f"{f:.2f} {f:10.3f}| {n:05d} {n:x} {n:#b} {n:,} {1234567:_} {n:+} {f:e} {f:g} {0.25:.0%}")
print(f"{n=} {name = } {f=:.1f} {n + 1 = } {name=!s}")
width, digits = 12, 3
print(f"{f:{width}.{digits}f}|{name:{'*'}^{width}}|{f'{name:>{width}}'}")
print(f"{{literal}} {{{n}}} {'nested "quotes"'} {f"{f"{1 + 1}"}"}")
print(f"{'a' if n else 'b'} {(lambda x: x * 2)(3)} {[x for x in range(3)]} { {'k': 1}['k'] }")
print(f"""multi
{n
 + 1}
line""")
print(f"{n!r}" f"{n}" "plain" f"", rf"\n{n}", f"\n{n}\t\x41\N{BULLET}")
print(f"{'\n'.join(['a', 'b'])}")
class Fmt:
    def __format__(self, spec): return f"<{spec}>"
    def __repr__(self): return "R"
    def __str__(self): return "S"
o = Fmt()
print(f"{o} {o:abc} {o!r} {o!s:>3} {o:{n}}")
print(f"{n:>{width}}", f"{(x := 5)} {x}", f"{n != 3} {n == 42}")
print(f"{1_000:,} {True} {None} {3j} {b'x'}")
import datetime
print(f"{datetime.date(2024, 2, 29):%Y/%m/%d}")
for bad in ('f"{"', 'f"{}"', 'f"{a!x}"', 'f"}"', 'f"{a b}"', 'f"{!r}"', 'f"{lambda x: 1}"'):
    try:
        eval(bad)
    except SyntaxError as error:
        print(bad, "->", error.msg)
try: f"{'a':d}"
except ValueError as e: print(e)
try: f"{[]:d}"
except TypeError as e: print(e)
