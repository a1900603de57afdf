# Weak references and proxies: what they say, when they are shared, when they are gone.
import weakref
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
class A:
    def __init__(self): self.v = 3
    def __len__(self): return 5
    def __getitem__(self, k): return ('item', k)
    def __setitem__(self, k, v): self.v = (k, v)
    def __contains__(self, x): return x == 1
    def __add__(self, o): return ('add', o)
    def __radd__(self, o): return ('radd', o)
    def __iadd__(self, o): return 'iadd'
    def __neg__(self): return 'neg'
    def __bool__(self): return False
    def __index__(self): return 7
    def __int__(self): return 8
    def __float__(self): return 1.5
    def __iter__(self): return iter([1, 2])
    def __reversed__(self): return 'rev'
    def __bytes__(self): return b'b'
    def __eq__(self, o): return o == 9
    def __hash__(self): return 11
class B:
    def __call__(self, *a, **k): return a, k
a, b = A(), B()
r, p, q = weakref.ref(a), weakref.proxy(a), weakref.proxy(b)
print(r() is a, weakref.ref(a) is r, weakref.proxy(a) is p, weakref.ref(a, print) is r, weakref.getweakrefcount(a), weakref.getweakrefs(a)[:2] == [r, p])
print(type(r), type(p), type(q), hash(r), r == weakref.ref(a, print), r != r, r.__callback__)
t(lambda: r(1)); t(lambda: r(x=1)); t(lambda: weakref.ref()); t(lambda: weakref.ref(1)); t(lambda: weakref.ref(a, 1, 2)); t(lambda: weakref.ref(a, x=2)); t(lambda: r < r); t(lambda: weakref.proxy(1)); t(lambda: weakref.ref(r))
t(lambda: hash(p)); t(lambda: next(p)); t(lambda: p()); t(lambda: p.x); t(lambda: weakref.ReferenceType[int])
print(len(p), p[1], 1 in p, p + 2, 3 + p, -p, bool(p), [0] * 8 and range(9)[p], int(p), float(p), list(p), reversed(p), bytes(p), p == 9, p == 8, p.v, q(1, k=2))
p[4] = 5; p.w = 6; print(a.v, a.w); del p.w; print(hasattr(a, 'w'))
s = p; s += 1; print(s)
class R(weakref.ref):
    __slots__ = 'key', '__weakref__'
    def __new__(cls, o, cb=None, key=None):
        self = super().__new__(cls, o, cb); self.key = key; return self
    def __init__(self, o, cb=None, key=None): super().__init__(o, cb)
x = R(a, key=5); print(x.key, x() is a, R(a) is x, x == r, weakref.ref(x)() is x)
del a
print(r(), x(), r == r, r == x, hash(r))
t(lambda: p.x); t(lambda: str(p)); t(lambda: p == 1); t(lambda: len(p)); t(lambda: weakref.getweakrefcount(p))
r2 = weakref.ref(B()); t(lambda: hash(r2)); print(repr(r2).split(' at ')[1].split('; ')[1], repr(p).split('; ')[1])
d = weakref.WeakValueDictionary(); k = weakref.WeakKeyDictionary(); s = weakref.WeakSet()
o = B(); d['o'] = o; k[o] = 1; s.add(o); print(len(d), len(k), len(s), d['o'] is o)
del o; print(len(d), len(k), len(s), 'o' in d)
f = weakref.finalize(b, print, 'bye'); print(f.alive, f.peek()[1:]); del b; print(f.alive)
class M:
    def m(self): return 'm'
m = M(); w = weakref.WeakMethod(m.m); print(w()(), w() == m.m); del m; print(w())
