# Builtin functions not covered elsewhere.
print(bin(10), oct(8), hex(255), chr(8364), ord("€"), ascii("é"), repr("a'b"), repr('a"b\''))
print(callable(len), callable(1), id(print) == id(print), hash(1), hash(1.0), hash("a") == hash("a"), hash((1, 2)) == hash((1, 2)))
print(type(1), type(None), type(...), type(NotImplemented), type(print), type(lambda: 0), type(type))
print(dir([])[:2], "append" in dir([]), sorted(vars(type("X", (), {"a": 1})))[-1])
print(eval("1 + x", {"x": 2}), eval("a", {}, {"a": 5}), compile("1", "", "eval").co_consts)
exec("y = 5\nz = y * 2")
print(y, z)
print(int("42"), int("-0x1f", 16), int("101", 2), int(" 7 "), int(3.9), int("1_000"), int("z", 36), float("1e3"), float("inf"), float("nan"), complex("1+2j"), bool("False"))
for bad in ("int('x')", "int('1.5')", "float('x')", "int('12', 1)", "chr(-1)", "ord('ab')", "complex('x')", "int(None)", "float([])", "bytes('x')"):
    try: eval(bad)
    except (ValueError, TypeError) as e: print(bad, type(e).__name__, e)
print(str(b"x"), str(b"x", "ascii"), list("ab"), tuple([1]), dict(a=1), set("aa"), frozenset([1]), bytes(3), bytes([65]), bytearray(b"x"))
print(isinstance(True, int), issubclass(bool, int), locals() is globals(), "__name__" in globals(), __name__)
print(input.__name__, print("x", "y", sep="", end="\n"), sorted([3, 1, 2], reverse=True))
def locals_test(a):
    b = 2
    return locals()
print(locals_test(1))
print(getattr(1, "real"), hasattr(1, "x"), setattr(print.__class__, "x", 1) if False else "")
class C: pass
setattr(C, "n", 5); print(C.n); delattr(C, "n"); print(hasattr(C, "n"))
print(format(3.14159, ".2f"), format(255, "x"), format("a", ">3"), pow(3, 4, 5), pow(3, -1, 7), round(-0.5), round(1e20), divmod(5, -3))
print(all(map(callable, [len, print])), list(map(pow, [2, 3], [3, 2])), slice(1, 2, 3).step, memoryview(b"ab")[0], object() == object())
print(__import__("math").pi, max(3, 1, key=lambda x: -x), min({"b": 1, "a": 2}), sum((1.5, 2)), sum([0.1] * 10))
print(help.__class__.__name__, exit.__class__.__name__, copyright.__class__.__name__)
assert True, "never"
try: assert 0, "message"
except AssertionError as e: print(e)
print(aiter.__name__, anext.__name__, breakpoint.__name__, Ellipsis, NotImplemented, __debug__)
