# Weak references: callbacks, order, proxies, containers, finalize.
import weakref, gc
class C:
    def __init__(self, n): self.n = n
    def hi(self): return "hi " + str(self.n)
c = C(1)
r = weakref.ref(c, lambda x: print("callback 1", x() is None)); r2 = weakref.ref(c, lambda x: print("callback 2")); r3 = weakref.ref(c)
print(r() is c, r3 is weakref.ref(c), r == r3, weakref.getweakrefcount(c), hash(r3) == hash(c))
del c; print(r(), r3(), "dead")
try: hash(weakref.ref(C(2)))
except TypeError as e: print(e)
c = C(2); p = weakref.proxy(c); print(p.n, p.hi(), type(p).__name__); p.n = 5; print(c.n); del c
try: p.n
except ReferenceError as e: print(e)
for bad in (1, "a", (), None, []):
    try: weakref.ref(bad)
    except TypeError as e: print(e)
print(weakref.ref({1}.__class__)() is set, weakref.ref(lambda: 0)())
d = weakref.WeakValueDictionary(); k = C(3); d["a"] = k; print(list(d), d["a"].n); del k; print(list(d))
kd = weakref.WeakKeyDictionary(); k = C(4); kd[k] = 1; print(len(kd)); del k; print(len(kd))
s = weakref.WeakSet(); k = C(5); s.add(k); print(len(s), k in s); del k; print(len(s))
c = C(6); m = weakref.WeakMethod(c.hi); print(m()()); del c; print(m())
c = C(7); f = weakref.finalize(c, print, "finalized", 7); print(f.alive); del c; print(f.alive)
class S: __slots__ = ("x", "__weakref__")
class N: __slots__ = ()
s = S(); print(weakref.ref(s)() is s)
try: weakref.ref(N())
except TypeError as e: print(e)
a, b = C(8), C(9); a.o, b.o = b, a; r = weakref.ref(a, lambda x: print("cycle callback")); del a, b; print(r() is not None); gc.collect(); print(r())
class D(C):
    def __del__(self): print("del sees", type(ref()).__name__)
x = D(1); ref = weakref.ref(x); del x
class Sub(weakref.ref): pass
c = C(1); print(Sub(c)() is c, Sub(c) is not Sub(c))
