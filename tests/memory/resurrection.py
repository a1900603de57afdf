# An object that saves itself in __del__; its finalizer runs once only.
import gc
saved = []
class R:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n); saved.append(self)
r = R(1); del r; print(len(saved), saved[0].n)
saved.clear(); print("cleared, no second del")
a, b = R("a"), R("b"); a.o, b.o = b, a; del a, b
gc.collect(); print(sorted(x.n for x in saved)); print(saved[0].o.o is saved[0])
saved.clear(); print(gc.collect() >= 0, "gone")
class E:
    def __del__(self): raise ValueError("in del")
import sys
sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value)
e = E(); del e
print("after")
