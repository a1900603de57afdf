# Lists and tuples: slices, indices, comparisons, errors, mutation from comparisons.
def show(f, *a, **k):
    try:
        r = f(*a, **k)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)

# Every slice of a short list and tuple, read, deleted and assigned.
bounds = [None, -9, -4, -3, -1, 0, 1, 2, 3, 4, 9]
out = []
for i in bounds:
    for j in bounds:
        for k in (None, -3, -2, -1, 1, 2, 3, 10**30, -10**30):
            s = slice(i, j, k)
            l = [0, 1, 2, 3]
            t = tuple(l)
            assert tuple(l[s]) == t[s]
            n = len(l[s])
            d = l[:]
            del d[s]
            a = l[:]
            try:
                a[s] = "abcd"[:n]
            except ValueError as e:
                a = str(e)
            b = l[:]
            try:
                b[s] = [9] * 3
            except ValueError as e:
                b = str(e)
            out.append((l[s], d, a, b))
print(len(out), hash(str(out)) == hash(str(out)))
for o in out[::97]:
    print(o)
total = 0
for b in repr(out).encode():
    total = (total * 31 + b) % 2**32
print(total)

class I:
    def __init__(self, n): self.n = n
    def __index__(self): return self.n
l = [1, 2, 3]
print(l[I(1)], l[I(-1)], l[I(0):I(2)], l[True], (1, 2)[I(1)], l.pop(I(0)), l)
for bad in (lambda: l["a"], lambda: l[1.0], lambda: (1,)["a"], lambda: l[2**100], lambda: (1,)[2**100], lambda: l[5],
            lambda: l[-5], lambda: l.__setitem__(5, 0), lambda: l.__delitem__(5), lambda: l.__setitem__("a", 0),
            lambda: l[I("x")], lambda: l[::0], lambda: l["a":], lambda: l.pop(2**100), lambda: l.pop("x"), lambda: l.insert("x", 1)):
    show(bad)
x = [1, 2, 3]
x[1:1] = x; print(x)
x[::2] = x[:len(x[::2])]; print(x)
x[:] = (i for i in range(3)); print(x)
x += (i * 2 for i in x[:]); print(x)
x.extend(x); print(x)
x *= 2; print(len(x)); x *= 0; print(x); x *= -1; print(x)
show(lambda: x.__iadd__(5)); show(lambda: x + (1,)); show(lambda: (1,) + [1]); show(lambda: x * 1.5); show(lambda: "a" * x)
def grow(l):
    for i in range(4):
        yield len(l)
g = []; g.extend(grow(g)); print(g)
h = [1]
def boom():
    yield 2
    yield 3
    raise KeyError("boom")
show(h.extend, boom()); print(h)
print([1, 2] < [1, 2, 0], [1, 3] > [1, 2, 9], [] <= [], (1, "a") < (1, "b"), [1, [2, [3]]] == [1, [2, [3]]], (1,) == [1], [1] != (1,))
nan = float("nan")
print([nan] == [nan], [nan] == [float("nan")], nan in [nan], [nan].index(nan), [nan].count(nan), (nan,) == (nan,), [nan] < [nan])
class Loud:
    def __init__(self, n): self.n = n
    def __eq__(self, o):
        print("eq", self.n, getattr(o, "n", o)); return NotImplemented
    def __lt__(self, o):
        print("lt", self.n, getattr(o, "n", o)); return self.n < o.n
    def __repr__(self): return f"L{self.n}"
a, b = Loud(1), Loud(2)
print([a] == [b], [a, 1] < [b, 2], a in [b, 5], [b, a].index(a), (a,) == (b,), (b, a).count(a))
# Comparisons that change the list.
class Evil:
    def __eq__(self, o):
        victim.clear(); return False
victim = [Evil(), Evil(), 1]
print(victim == [1, 2, 3], victim)
victim = [Evil(), 2]; print(1 in victim, victim)
victim = [Evil(), 2]; show(victim.remove, 2); print(victim)
class EvilYes(Evil):
    def __eq__(self, o):
        victim.clear(); return True
victim = [EvilYes(), 2]; show(victim.remove, 2); print(victim)
victim = [EvilYes(), 2]; print(victim.count(2), victim)
class EvilRepr:
    def __repr__(self):
        victim.clear(); return "E"
victim = [EvilRepr(), 1, 2]; print(victim, victim)
class EvilIndex:
    def __index__(self):
        victim.clear(); return 1
victim = [1, 2, 3]; show(lambda: victim[EvilIndex()])
victim = [1, 2, 3]; show(lambda: victim.__setitem__(EvilIndex(), 5))
victim = [1, 2, 3]; show(lambda: victim[EvilIndex():])
class EvilDel:
    def __del__(self):
        victim.append("dead")
victim = [EvilDel(), EvilDel(), 3]; victim[0] = 0; print(victim[0], victim[2:]); del victim[1]; print(victim)
victim = [EvilDel(), 1]; victim.clear(); print(victim)
victim = [EvilDel(), 1, 2]; victim[:2] = [7]; print(victim)
victim = [EvilDel() for _ in range(3)]; del victim[::2]; print(len(victim), victim[1:])
victim = [0]
r = [1, [2]]; r.append(r); r[1].append(r); print(r)
t = ([],); t[0].append(t); print(t)
class L(list):
    def __repr__(self): return "L" + super().__repr__()
print(L([1, L()]), L([1]) + [2], L([1]) * 2, L([1])[:], type(L([1])[:]), L([1]).copy(), L("ab") == ["a", "b"], [1] < L([2]))
class T(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
print(T(1, 2), T(1, 2)[:], type(T(1)[:]), T(1) + (2,), T(1) * 2, tuple(T(1)), type(tuple(T(1))), T() == (), hash(T(1)) == hash((1,)), type(T(1) + ()), type(T() * 1))
t = (1, 2); print(tuple(t) is t, t[:] is t, t * 1 is t, t + () is t, () + t is t, () is tuple(), t.__getnewargs__(), t[::1] is t)
show(hash, ([],)); show(tuple, 5); show(list, 5); show(lambda: (1, 2).index(3)); show(lambda: [].pop()); show(lambda: [1].pop(1)); show(lambda: [].remove(1))
show(lambda: (1, 2, 1).index(1, 1)); show(lambda: (1, 2, 1).index(1, -1)); show(lambda: [1, 2, 1].index(1, 1, 2)); show(lambda: [1, 2].index(2, -100, 100)); show(lambda: [1].index(1, "a"))
l = [1, 2, 3]; l.insert(-100, 0); l.insert(100, 4); l.insert(-1, "x"); print(l, l.reverse(), l, list(reversed(l)))
it = iter(l); print(it.__length_hint__(), next(it), it.__length_hint__(), it.__reduce__()[1:]); it.__setstate__(4); print(list(it), it.__length_hint__(), it.__reduce__()[1:]); l.append(1); print(list(it))
it = reversed(l); print(it.__length_hint__(), next(it), it.__reduce__()[1:]); it.__setstate__(1); print(list(it), it.__length_hint__(), it.__reduce__()[1:]); it.__setstate__(5); print(list(it))
it = iter((1, 2)); print(it.__length_hint__(), next(it), it.__reduce__()[1:]); it.__setstate__(-5); print(list(it), it.__reduce__()[1:])
print(list[int], tuple[int, ...], [].__class_getitem__(str), list.__doc__ is not None, [].__sizeof__() > 0, list.__hash__, tuple.__hash__ is not None)
big = [0] * 100000; big[::3] = range(len(big[::3])); print(sum(big)); del big[::2]; print(len(big), big[5])
n = None
for _ in range(200000): n = [n]
for _ in range(200000): n = (n,)
del n
print("freed")
