# Odd uses of the interpreter itself: exec, type, frames, generators, threads.
import sys, types
def attempt(f):
    try: print(repr(f())[:12])
    except Exception as e: print(type(e).__name__)
attempt(lambda: type("X", (), {"__slots__": 5})); attempt(lambda: type("X", (object, object), {})); attempt(lambda: type.__new__(type, "X", (type("Y", (), {"__slots__": ("a",)}), type("Z", (), {"__slots__": ("b",)})), {}))
attempt(lambda: types.FunctionType((lambda: 0).__code__, {})()); attempt(lambda: types.FunctionType(5, {})); attempt(lambda: sys.setrecursionlimit(0)); attempt(lambda: sys._getframe(10_000)); attempt(lambda: __build_class__()); attempt(lambda: eval("1", 5)); attempt(lambda: exec(5)); attempt(lambda: compile("1", "a", "nope")); attempt(lambda: (lambda: (yield))().send(1)); attempt(lambda: len(object.__reduce_ex__(1, 99))); attempt(lambda: types.CellType(1, 2)); attempt(lambda: super().x); attempt(lambda: super(int, "a").x); attempt(lambda: object.__setattr__(1, "a", 1)); attempt(lambda: type.__call__(5)); attempt(lambda: int.__new__(object)); attempt(lambda: list.__init__(5)); attempt(lambda: str.join(1, 2)); attempt(lambda: dict.__getitem__([], 1)); attempt(lambda: (1).__class__.__bases__[0].__subclasses__(5)); attempt(lambda: BaseException.__new__(int)); attempt(lambda: property().__get__(1)); attempt(lambda: classmethod(5).__get__(1)()); attempt(lambda: "".__mod__()); attempt(lambda: iter(5, 6)); attempt(lambda: memoryview(5)); attempt(lambda: slice(1, 2).indices(-1)); attempt(lambda: range(1, 2, 0)); attempt(lambda: "a".__format__(5)); attempt(lambda: hash(slice(1))) if False else None
class X: pass
x = X(); x.__dict__ = {"a": 1}; X.__getattribute__ = lambda s, n: 1 / 0
attempt(lambda: x.a); del X.__getattribute__; print(x.a)
class B: __bool__ = None; __len__ = None; __iter__ = None; __hash__ = None; __eq__ = None; __add__ = None; __contains__ = None; __call__ = None
b = B()
for f in (lambda: bool(b), lambda: len(b), lambda: iter(b), lambda: hash(b), lambda: b == 1, lambda: b + 1, lambda: 1 in b, lambda: b()): attempt(f)
e = ValueError(); e.__context__ = e
try: raise e
except ValueError: print("self context")
a, c = ValueError("a"), ValueError("c"); a.__cause__, c.__cause__ = c, a
import traceback; print(len(traceback.format_exception(a)) > 2)
def g():
    try: yield 1
    finally: yield 2
for i in g():
    if i == 1: break
print("left generator")
ns = {}; exec("def f():\n" + "".join(f" x{i} = {i}\n" for i in range(3000)) + " return x2999", ns); print(ns["f"]())
exec("def f(" + ",".join(f"a{i}=0" for i in range(400)) + "): return a399", ns); print(ns["f"](*range(400)), ns["f"](**{f"a{i}": i for i in range(400)}))
exec("x = [" + ",".join(map(str, range(100_000))) + "]", ns); print(len(ns["x"])); exec("def f():\n" + " if x: pass\n" * 20_000 + " return 5", ns); print(ns["f"]())
exec("y = " + "+".join(["1"] * 2000), ns); print(ns["y"]); exec("z = f'" + "{1}" * 5000 + "'", ns); print(len(ns["z"]))
