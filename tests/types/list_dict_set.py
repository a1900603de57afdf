# Methods of list, dict, set, frozenset and tuple.
l = [3, 1, 2]
l.append(4); l.extend([5, 6]); l.insert(0, 0); l.insert(-1, 9); l.insert(100, 7); print(l)
print(l.pop(), l.pop(0), l.index(2), l.count(1), l.remove(9), l, l.reverse(), l, l.sort(), l, l.copy() is l, l + [1], l * 2, 3 in l)
print([1, 2] == [1, 2], [1, 2] < [1, 3], [] < [0], [1] != [2], [1, [2]] == [1, [2]], [1, 2, 3] > [1, 2], l.clear(), l, [1, 2].__contains__(2), [0] * 0)
x = []; x.append(x); print(x, x == x if False else "", [None] * 3)
for bad in ("[].pop()", "[1].pop(5)", "[].remove(1)", "[].index(1)", "[1] + (2,)", "[1] < 1", "[] * []", "[1][1] if 1 else 0", "hash([])", "list(5)", "[].insert()", "().index(1)"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
d = {"a": 1, "b": 2}
d["c"] = 3; d.update(d=4, e=5); d.update([("f", 6)]); d |= {"g": 7}; print(d, len(d), d.get("a"), d.get("z"), d.get("z", 0), d.setdefault("a", 9), d.setdefault("h", 8), d.pop("a"), d.pop("zz", None), d.popitem())
print(list(d), list(d.keys()), list(d.values()), list(d.items()), "b" in d, list(reversed(d)), d == dict(reversed(d.items())), dict.fromkeys("ab", 0), {1: "a", 1.0: "b", True: "c"}, d.copy() == d)
k = d.keys(); d["new"] = 1; print(k, len(k), k & {"b", "x"}, sorted(k | {"q"})[-1], sorted(k - {"b"}), {"b"} <= k, d.items() & {("b", 2)}, k.mapping == d, k.isdisjoint({"zz"}))
del d["new"]; print(d | {"x": 1}, {"x": 1} | {"x": 2}, {}.keys() == set())
for bad in ("{}['k']", "{}.pop('k')", "{}.popitem()", "dict([1])", "dict([(1, 2, 3)])", "dict(1)", "{} | []", "{} < {}", "dict.fromkeys(1)"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
class M(dict):
    def __missing__(self, k): return k * 2
print(M()[4], M(a=1)["a"], M().get(4))
d = {}
for i in range(20): d[i] = i
for i in range(0, 20, 2): del d[i]
d[0] = "again"; print(d)
s = {1, 2, 3}
s.add(4); s.discard(9); s.remove(1); s.update([5], {6}); print(sorted(s), len(s), 2 in s, s & {2, 3, 99}, sorted(s | {0}), s - {2, 3, 4}, sorted(s ^ {2, 100}), s <= {2, 3, 4, 5, 6, 7}, s > {2}, s.isdisjoint({1}), s == {2, 3, 4, 5, 6}, {1} < {1})
s &= {2, 3, 4}; s |= {7}; s -= {2}; s ^= {3, 8}; print(sorted(s), s.union([1], "a") >= {1, "a"}, s.intersection([4, 7]) == {4, 7}, s.difference([4]), s.issubset(range(9)), s.issuperset([4]), set(), frozenset(), frozenset([1]), {frozenset([1]): 2}[frozenset([1])], hash(frozenset([1, 2])) == hash(frozenset([2, 1])), type({1} | frozenset()), type(frozenset() | {1}), {1} == frozenset([1]), {frozenset([1])} == {frozenset([1])}, {1} in [{1}], {1} in {frozenset([1])})
for bad in ("set().pop()", "set().remove(1)", "{1} | [1]", "{1} + {2}", "hash(set())", "frozenset().add", "set(1)"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
t = (1, 2, 3, 2); print(t.count(2), t.index(2), t + (1,), t * 2, t[1:], t < (1, 3), (1,) == (1,), hash((1, "a")) == hash((1, "a")), () == (), tuple("ab"), (1, [2]), 2 in t)
