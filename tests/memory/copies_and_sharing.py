# Identity, aliasing, copies, interning that programs rely on.
import copy
a = [1, [2, 3]]; b = a; c = a[:]; d = copy.copy(a); e = copy.deepcopy(a)
a[1].append(4); a.append(5); print(a, b, c, d, e, b is a, c[1] is a[1], e[1] is a[1])
s = [1]; x = copy.deepcopy([s, s]); print(x[0] is x[1], x[0] is s)
cyc = []; cyc.append(cyc); y = copy.deepcopy(cyc); print(y[0] is y, y is not cyc)
t = (1, 2); print(copy.copy(t) is t, copy.deepcopy(t) is t, copy.deepcopy(([],))[0] == [])
class C:
    def __init__(self): self.v = [1]
    def __copy__(self): return "copied"
    def __deepcopy__(self, memo): return "deep"
print(copy.copy(C()), copy.deepcopy(C()), copy.deepcopy({"k": C()}))
print(None is None, () is (), "" is str(), True is bool(1), ... is Ellipsis)
import sys; print(sys.intern("ab" + "c"[0:]) is sys.intern("abc"))
def f(x=[]): return x
print(f() is f(), id(a) == id(b), (lambda: [])() is not (lambda: [])())
m = [[]] * 3; m[0].append(1); print(m); m = [[] for _ in range(3)]; m[0].append(1); print(m)
d = dict.fromkeys("ab", []); d["a"].append(1); print(d)
r = [1, 2, 3]
for i in r[:]: r.remove(i)
print(r); import copy as again; print(again is copy)
class P: __slots__ = ("q",)
p = P(); p.q = [1]; p2 = copy.copy(p); print(p2.q is p.q, copy.deepcopy(p).q == p.q); print(copy.replace) if False else None
