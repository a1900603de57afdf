# Dicts, their views and iterators.
def show(f, *a, **k):
    try:
        r = f(*a, **k)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)

d = dict([("a", 1), ["b", 2]], c=3); print(d, dict(d), dict(d, a=9), dict(**d), dict({}), dict(()), dict(x=1))
class Keys:
    def keys(self): return ["k1", "k2"]
    def __getitem__(self, k): return k + "!"
print(dict(Keys()), {**Keys()}, dict(Keys(), z=1))
for bad in (1, [1], ["abc"], [(1, 2), (1,)], [("a", 1), 5], None):
    show(dict, bad)
show(dict, 1, 2); show({}.update, 1, 2); show({}.pop); show({}.popitem); show({}.pop, 1); show(lambda: {}["k"]); show(lambda: {1: 2}[(1, 2)]); show({}.popitem, 1); show(dict.fromkeys)
show(lambda: {}.__delitem__("x")); show(lambda: {} | 1); show(lambda: {}.__ior__(5)); show(lambda: {} < {}); show(lambda: {} + {})
d = {}; d |= [("a", 1)]; d |= {"b": 2}; print(d, d | {"a": 5}, {"a": 5} | d, d.__or__([]), d.__ror__({"z": 1}))
class D(dict):
    def __missing__(self, k): return f"missing {k}"
x = D(a=1); print(x["a"], x["q"], x.get("q"), "q" in x, x.copy(), type(x.copy()), type(x | {}), type({} | x), D.fromkeys("ab", 0), type(D.fromkeys("a")), dict(x), x == {"a": 1})
class F(dict):
    def __setitem__(self, k, v): super().__setitem__(k, (v, v))
print(F.fromkeys([1, 2], 3), F(a=1), F.fromkeys({5: 6}))
class Odd(dict):
    def __iter__(self): return iter(["only"])
    def keys(self): return ["only"]
    def __getitem__(self, k): return "odd"
print(dict(Odd(a=1)), {**Odd(a=1)}, list(Odd(a=1)))
# Order, deletion, reinsertion.
d = {i: i for i in range(10)}
for i in range(0, 10, 3): del d[i]
d[3] = "again"; d[1] = "kept"; print(d, list(reversed(d)), list(reversed(d.values())), list(reversed(d.items())), d.popitem(), d.popitem(), d)
print({1: "a", 1.0: "b", True: "c"}, {0: 1, False: 2, -0.0: 3}, {"a": 1, "a": 2}, {2**70: 1, float(2**70): 2}, {-1: 1, -2: 2})
print(d.setdefault(3, 1), d.setdefault("n"), d.setdefault("m", []), d.get("zz"), d.get("zz", 4), d.pop("n"), d.pop("n", "gone"), d)
d = {}
for i in range(2000):
    d[i] = i
    if i % 2: d.popitem()
    if i % 3 == 0: del d[next(iter(d))]
print(len(d), sum(d))
q = {"keep": 0}
for i in range(5000):
    q[i] = i
    q.popitem()
print(q, "zz" in q, 77 in q)
# Views.
d = {"a": 1, "b": 2, "c": 3}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), len(v), len(i), "a" in k, 1 in v, ("a", 1) in i, ("a", 2) in i, ["a", 1] in i, ("a",) in i, ("z", 1) in i)
print(sorted(k & {"a", "z"}), sorted(k & ["b", "b"]), sorted(["b"] & k), sorted(k | "az"), sorted("xa" | k), sorted(k - "ab"), sorted("xab" - k), sorted(k ^ "ax"), sorted("ax" ^ k), sorted(i & {("a", 1), ("b", 9)}), sorted(i | [("q", 0)]), sorted(i - i), sorted(i ^ {("a", 1)}))
print(sorted(k & {"c": 0, "z": 1}.keys()), sorted({"c": 0}.items() & d.items()), type(k & k), type(k - []), {"a"} < k, k <= {"a", "b", "c"}, k == {"a", "b", "c"}, k != d.keys(), k == ["a", "b", "c"], k > {"a"}, i == set(i), i >= {("a", 1)}, frozenset("abc") == k, v == v, v == d.values())
print(k.isdisjoint("xyz"), k.isdisjoint(["a"]), i.isdisjoint([("a", 1)]), k.isdisjoint(k), {}.keys().isdisjoint({}.keys()), k.isdisjoint({"a": 1}.keys()))
for bad in (lambda: k - 1, lambda: 1 - k, lambda: k & 1, lambda: k < 1, lambda: k.isdisjoint(1), lambda: v & v, lambda: hash(k), lambda: i | 1, lambda: type(k)(), lambda: k.mapping.clear(), lambda: d.keys(1)):
    show(bad)
print(k.mapping, k.mapping == d, v.mapping["a"], len(i.mapping), type(k.mapping).__name__)
p = k.mapping; print(p.get("zz"), p | {"z": 1}, {"z": 1} | p, list(reversed(p)), "a" in p, p.copy(), sorted(p), p.items() == d.items()); show(lambda: p.__setitem__); show(lambda: p.__ior__({})); show(lambda: type(p)([])); show(lambda: type(p)(d)["a"])
d["new"] = 4; print(k, list(v)[-1], len(i)); d["self"] = d; d["view"] = d.values(); print(d)
# Changes during iteration.
def loop(view, change):
    d = {j: j for j in range(4)}
    seen = []
    try:
        for x in getattr(d, view)():
            seen.append(x)
            change(d)
        return seen
    except RuntimeError as e:
        return seen, str(e)
for view in ("__iter__", "keys", "values", "items", "__reversed__"):
    print(view, loop(view, lambda d: d.update(new=1)), loop(view, lambda d: d.pop(0, None)), loop(view, lambda d: d.clear()), loop(view, lambda d: d.update({2: 7})))
d = {1: 1}; it = iter(d); d[2] = 2
for _ in range(3): show(next, it)
del d[2]; show(next, it)
d = {0: 0}
it = iter(d); next(it); del d[0]; d[1] = 1; show(next, it); show(next, it)
d = {i: i for i in range(5)}; it = iter(d.items()); next(it); print(it.__length_hint__(), it.__reduce__()[1], list(it), it.__length_hint__(), it.__reduce__()[1])
it = reversed(d.values()); next(it); print(it.__length_hint__(), it.__reduce__()[1], list(it)); show(lambda: type(it)())
import copy, pickle
it = iter(d.values()); next(it); print(list(copy.copy(it)), list(pickle.loads(pickle.dumps(it))), list(it))
# Keys with their own ideas.
log = []
class K:
    def __init__(self, n, h): self.n, self.h = n, h
    def __hash__(self): return self.h
    def __eq__(self, o): log.append((self.n, getattr(o, "n", o))); return isinstance(o, K) and self.n == o.n
    def __repr__(self): return f"K{self.n}"
d = {K(1, 5): "one", K(2, 5): "two", K(3, 13): "three"}; print(d, log); log.clear()
print(d[K(2, 5)], K(4, 5) in d, d.get(K(3, 13)), d.pop(K(1, 5)), log); log.clear()
print({K(1, 1): 1} == {K(1, 1): 1}, {K(1, 1): 1} == {K(2, 1): 1}, log); log.clear()
class Str(str): pass
d = {Str("a"): 1}; print(d["a"], Str("a") in d, {"a": 2} == d, type(next(iter(d))))
class Eq5:
    def __hash__(self): return hash("abc")
    def __eq__(self, o): return o == "abc"
d = {Eq5(): 1}; print(d["abc"], "abc" in d, {"abc": 1}[Eq5()], d.get("abd"))
class Evil:
    def __init__(self, act): self.act = act
    def __hash__(self): return 7
    def __eq__(self, o):
        if self.act: self.act.pop()()
        return False
d = {}
e = Evil([]); d[e] = 1
e.act = [d.clear]; print(7 in d, d)
d[e] = 1; e.act = [lambda: d.update({j: j for j in range(100)})]; print(7 in d, len(d))
d = {e: 1}; e.act = [lambda: d.pop(e)]; d[7] = 2; print(d)
class HashBoom:
    def __hash__(self): raise ValueError("no hash")
show(lambda: {HashBoom(): 1}); show(lambda: {}[HashBoom()]); show({}.get, HashBoom()); show(lambda: HashBoom() in {}); show({}.pop, HashBoom(), 1); show({1: 1}.pop, HashBoom(), 1)
class EqBoom:
    def __hash__(self): return 1
    def __eq__(self, o): raise ValueError("no eq")
show(lambda: {1: 1}[EqBoom()]); show(lambda: {EqBoom(): 1} == {1: 1}); show(lambda: {1: EqBoom()} == {1: 2})
class ReprDel:
    def __repr__(self): r.clear(); return "R"
r = {1: ReprDel(), 2: 3}; print(r, r)
class DelKey:
    def __del__(self): w["dead"] = len(w)
w = {}; w[1] = DelKey(); w[1] = 0; print(w); w[2] = DelKey(); del w[2]; print(w); w[3] = DelKey(); w.clear(); print(w); w.update(x=DelKey()); w.update(x=1); print(w)
print(dict.fromkeys([3, 1, 3]), dict.fromkeys("ab", []), dict[str, int], {}.__sizeof__() > 0, dict.__hash__, {}.keys().__hash__, type({}.values().__hash__()))
n = {}
for _ in range(200000): n = {"n": n}
del n; print("freed")
big = {str(i): i for i in range(100000)}; print(len(big), big["99999"], sum(big.values()), list(big)[::33333]); big2 = dict(big); del big2["0"]; print(big == big2, len(big2.copy()), next(iter(big2)))
