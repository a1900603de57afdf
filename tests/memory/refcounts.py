# sys.getrefcount moves as references come and go.
import sys
class C: pass
def change(before, x): return sys.getrefcount(x) - before
o = C(); base = sys.getrefcount(o)
a = o; print(change(base, o)); l = [o, o]; print(change(base, o)); del a, l[0]; print(change(base, o)); l = None; print(change(base, o))
d = {o: o}; print(change(base, o)); del d
t = (o,) * 5; print(change(base, o)); del t
def f(x): return x
f(o); print(change(base, o))
def g(*a, **k): pass
g(o, o, k=o); print(change(base, o))
try:
    raise ValueError(o)
except ValueError: pass
print(change(base, o))
c = lambda: o
print(change(base, o))
class H: pass
h = H(); h.o = o; print(change(base, o)); del h; print(change(base, o))
for _ in range(100): x = [o]; y = {1: o}; z = (o, x)
del x, y, z, _; print(change(base, o))
def gen(x):
    yield x
g = gen(o); next(g); print(change(base, o) >= 1); del g; print(change(base, o))
print(sys.getrefcount(None) > 100, sys.getsizeof([]) > 0, sys.getsizeof("abc") > sys.getsizeof(""))
