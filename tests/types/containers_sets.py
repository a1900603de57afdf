# Sets and frozensets; the order of iteration is that of CPython for equal hashes.
def show(f, *a, **k):
    try:
        r = f(*a, **k)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)

def ints(*a): return set(list(a))
print(ints(3, 20, 100, 7, 8, 1), ints(1000, 500, 2, 77, 9, 33), set(range(20)), set(range(0, 2000, 97)), frozenset(range(30, 0, -1)), set([5, 1, 9, -1, -2, -3]))
s = set(); orders = []
for i in range(0, 40000, 37):
    s.add(i * i % 1009)
    if i % 5 == 0: s.discard(i % 1009)
    if i % 7 == 0 and s: s.pop()
    orders.append(len(s))
print(list(s)[:40], sum(orders)); t = s.copy(); print(list(t) == list(s), list(set(s))[:10], list(frozenset(s))[:10])
a, b = set(range(0, 60, 3)), set(range(0, 60, 4))
for op in ("__and__", "__or__", "__sub__", "__xor__", "intersection", "union", "difference", "symmetric_difference"):
    print(op, list(getattr(a, op)(b)), list(getattr(frozenset(b), op)(a)), type(getattr(frozenset(b), op)(a)).__name__)
for op in ("intersection", "union", "difference", "symmetric_difference"):
    print(op, list(getattr(a, op)(list(b))), list(getattr(a, op)(dict.fromkeys(b))), list(getattr(a, op)(iter([3, 3, 5]))))
print(a.union(), a.intersection(), a.difference(), list(a.union([1], [77], {2: 3})), list(a.intersection(b, range(30), [12, 24, 36])), list(a.difference([0], [3], range(50))), a.union(a) == a)
c = a.copy(); c &= b; print(list(c)); c |= {1}; c -= {0}; c ^= {1, 2}; print(list(c)); c -= c; print(c); c = a.copy(); c ^= c; print(c)
c = a.copy(); c.update(b, [1]); print(list(c)); c.intersection_update(a, [0, 3, 6]); print(list(c)); c.difference_update([0], {3}); print(list(c)); c.symmetric_difference_update([6, 6, 7]); print(list(c))
for bad in (lambda: a | [], lambda: [] | a, lambda: a - 1, lambda: a.union(1), lambda: a.add(), lambda: set(1), lambda: set(1, 2), lambda: set(x=1), lambda: frozenset(x=1), lambda: set().pop(), lambda: a.remove("no"),
            lambda: hash(a), lambda: a < 1, lambda: a.isdisjoint(), lambda: a.symmetric_difference(), lambda: frozenset().add, lambda: a.__ior__([]), lambda: a.remove({1}), lambda: a.update(5)):
    show(bad)
print({1} < {1, 2}, {1} <= {1}, {1} < {1}, {1, 2} > {1}, {1} == frozenset([1]), {1} != {2}, {1} == [1], {1} >= {2}, set() == frozenset(), {1} < {2}, {2} < {1, 3})
print({1}.issubset([1, 2]), {1}.issuperset([1]), {1}.issuperset([2]), {1, 2}.issubset({1: 0}), {1}.isdisjoint([2]), {1}.isdisjoint({1: 1}), set().isdisjoint([]), a.isdisjoint(a), {1}.issubset(iter([3, 1])))
f = frozenset([1, 2]); print({f}, f in {f}, {1, 2} in {f}, {f: 1}[frozenset([2, 1])], hash(f) == hash(frozenset([2, 1])), hash(frozenset()), hash(frozenset([1, 2, 3])), hash(frozenset(range(100))), frozenset(f) is f, f.copy() is f, frozenset([f]))
g = {f, 3}; g.discard({1, 2}); print(g); g.add(f); g.remove({2, 1}); print(g)
class S(set):
    def __init__(self, *a, kw=None): super().__init__(*a)
class F(frozenset):
    def __new__(cls, *a, kw=None): return super().__new__(cls, *a)
print(S([1]), S([1], kw=2), S(), F([1]), F(kw=1), S([1]) | {2}, type(S() | S()).__name__, type(F() - F()).__name__, type(S().copy()).__name__, type(F().copy()).__name__, S([1]) == {1}, F([1]) == {1}, hash(F([1])) == hash(frozenset([1])))
class Holder:
    def __init__(self): self.s = None
    def __repr__(self): return repr(self.s)
    def __hash__(self): return 1
h = Holder(); h.s = {h}; print(h.s); h.s = frozenset([h]); print(h.s); h.s = S([h]); print(h.s)
import copy, pickle
x = S([1, 2]); x.attr = 5; y = pickle.loads(pickle.dumps(x)); print(y, y.attr, type(y).__name__, copy.copy(x).attr, {1}.__reduce__(), frozenset([1]).__reduce__(), copy.deepcopy({frozenset([1])}))
it = iter({1, 2, 3}); print(it.__length_hint__(), next(it), it.__length_hint__(), it.__reduce__()[1], list(it), it.__length_hint__(), it.__reduce__()[1])
s = {1, 2}; it = iter(s); next(it); s.add(9)
for _ in range(2): show(next, it)
s.remove(9); show(next, it); show(lambda: type(it)())
log = []
class K:
    def __init__(self, n, h): self.n, self.h = n, h
    def __hash__(self): return self.h
    def __eq__(self, o): log.append((self.n, getattr(o, "n", o))); return isinstance(o, K) and self.n == o.n
    def __repr__(self): return f"K{self.n}"
s = {K(1, 5), K(2, 5), K(1, 5)}; print(s, log); log.clear()
print(K(2, 5) in s, s - {K(2, 5)}, s & {K(1, 5)}, s == {K(1, 5), K(2, 5)}, log)
class Evil:
    def __init__(self): self.act = []
    def __hash__(self): return 7
    def __eq__(self, o):
        if self.act: self.act.pop()()
        return False
e = Evil(); s = {e, 1, 2}
for act in (s.clear, lambda: s.update(range(100)), lambda: s.discard(e)):
    s.add(e); e.act = [act]
    print(7 in s, len(s))
for op in ("union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint", "update", "__eq__", "__or__", "__sub__"):
    s = {e, 1, 2}; e.act = [s.clear]; t = {7, 8}
    show(lambda: type(getattr(s, op)(t)).__name__); s = {e, 1, 2}; e.act = [t.clear]; show(lambda: type(getattr(t, op)(s)).__name__)
class Dead:
    def __del__(self): w.add(len(w))
w = {Dead()}; w.pop(); print(w); w.add(Dead()); w.clear(); print(w); w = {Dead(), 5}; w &= {5}; print(w); w = {Dead(), 5}; w -= set(w); print(w)
s = set(range(100000)); s -= set(range(99990)); print(s, len(s)); s.update(range(10)); print(sorted(s))
print({1, 1.0, True}, {0, False, 0.0, -0.0}, len({float("nan"), float("nan")}), {"a", "a"}, {-1, -2} == {-2, -1}, set("hello") == set("olleh"), {(1, 2), (1, 2)}, {None, None}, set.__doc__ is not None, set[int], set.__hash__)
print(*{x * 7 % 64 for x in range(30)}, *frozenset(x * 1000003 for x in range(12)))
