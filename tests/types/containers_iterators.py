# enumerate, zip, map, filter, reversed, iter(f, sentinel) and the iterator over __getitem__.
import copy, pickle
def show(f, *a, **k):
    try:
        r = f(*a, **k)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)

class Seq:
    def __init__(self, n): self.n = n
    def __getitem__(self, i):
        if i >= self.n: raise IndexError(i)
        return i * 10
class SeqLen(Seq):
    def __len__(self): return self.n
print(list(Seq(3)), list(SeqLen(3)), tuple(Seq(0)), 20 in Seq(3), sum(Seq(4)), [*Seq(2)], dict.fromkeys(Seq(2)))
it = iter(SeqLen(3)); print(it.__length_hint__(), next(it), it.__length_hint__(), it.__reduce__()[2]); it.__setstate__(-5); print(list(it), it.__length_hint__(), it.__reduce__()[1:]); it.__setstate__(0); print(list(it)); print(iter(Seq(1)).__length_hint__())
class Stop(Seq):
    def __getitem__(self, i):
        if i == 2: raise StopIteration
        return i
print(list(Stop(0)))
class Boom(Seq):
    def __getitem__(self, i): raise KeyError(i)
show(list, Boom(1)); show(iter, 5); show(next, 5)
class NoIter(Seq):
    __iter__ = None
show(iter, NoIter(1))
class BadIter:
    def __iter__(self): return 5
print("bad")
n = iter([1, 2, 3, 0, 4]); c = iter(lambda: next(n), 0); print(list(c), list(c), next(n), c.__reduce__()[1]); c = iter(int, 1); print(next(c), c.__reduce__()[1]); show(iter, 5, 6)
def stops(): raise StopIteration
print(list(iter(stops, 1)))
def fails(): raise ValueError("f")
show(list, iter(fails, 1))
e = enumerate("abc", 5); print(next(e), list(e), list(enumerate("ab")), list(enumerate(iterable="ab", start=2**63 - 2)), list(enumerate("abc", 2**64)), list(enumerate("abc", 2**62 - 1)), list(enumerate("a", -3)), list(enumerate([], start=1)), next(enumerate("a", True)))
for bad in (lambda: enumerate(), lambda: enumerate(5), lambda: enumerate([], "a"), lambda: enumerate([], 1, 2), lambda: enumerate([], x=1), lambda: enumerate(start=1), lambda: enumerate([], 1.5)):
    show(bad)
print(enumerate("ab").__reduce__()[1][1], list(copy.copy(enumerate("ab"))), list(pickle.loads(pickle.dumps(enumerate([1, 2], 7)))), enumerate[int])
print(list(zip()), list(zip([1, 2])), list(zip([1, 2], "ab", (5, 6, 7))), list(zip(range(3), strict=True)), list(zip("ab", "cd", strict=True)), dict(zip("ab", [1, 2])), list(zip(*[(1, 2), (3, 4)])))
for bad in (lambda: list(zip([1], [], strict=True)), lambda: list(zip([], [1], strict=True)), lambda: list(zip([1], [1], [1, 2], strict=True)), lambda: list(zip([1], [1], [], strict=True)), lambda: zip(1), lambda: zip([], 1), lambda: zip(x=1)):
    show(bad)
z = zip([1, 2], [3, 4]); next(z); print(len(z.__reduce__()), list(copy.copy(z)), len(zip([], strict=True).__reduce__())); z = zip([1], []); z.__setstate__(1); show(list, z); show(list, pickle.loads(pickle.dumps(zip([1], [], strict=True))))
a = iter([1, 2, 3]); b = iter([1]); print(list(zip(a, b)), list(a))
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(map(lambda *a: a, "ab", "cde", range(9))), list(map(pow, [2], [3], [5])))
for bad in (lambda: map(), lambda: map(len), lambda: map(len, 5), lambda: list(map(1, [1])), lambda: list(map(len, [1]))):
    show(bad)
print(map(len, [""]).__reduce__()[1][0], list(copy.copy(map(str, [1]))), list(pickle.loads(pickle.dumps(map(str, [1, 2])))))
print(list(filter(None, [0, 1, "", "a", [], None])), list(filter(bool, [0, 2])), list(filter(lambda x: x % 2, range(6))), list(filter(str.isalpha, "a1b")), filter(None, []).__reduce__()[1][0], list(copy.copy(filter(None, [0, 3]))))
for bad in (lambda: filter(), lambda: filter(None), lambda: filter(None, 5), lambda: filter(function=None), lambda: list(filter(1, [1])), lambda: list(filter(lambda x: 1 / 0, [1])), lambda: filter(None, [], 1)):
    show(bad)
print(list(reversed([1, 2])), list(reversed((1, 2))), list(reversed("ab")), list(reversed(range(3))), list(reversed(SeqLen(3))), list(reversed({1: 2})), list(reversed(b"ab")))
r = reversed(SeqLen(3)); print(r.__length_hint__(), next(r), r.__length_hint__(), r.__reduce__()[2]); r.__setstate__(2); print(list(r), r.__length_hint__(), len(r.__reduce__())); r.__setstate__(2); print(list(r)); r = reversed(SeqLen(3)); r.__setstate__(100); print(next(r)); r.__setstate__(-100); print(list(r))
class Rev:
    def __reversed__(self): return "rev"
class NoRev(SeqLen):
    __reversed__ = None
print(reversed(Rev()))
for bad in (lambda: reversed(), lambda: reversed(5), lambda: reversed({1}), lambda: reversed(Seq(1)), lambda: reversed(NoRev(1)), lambda: reversed([], 1), lambda: reversed(a=1), lambda: reversed(iter([]))):
    show(bad)
class E(enumerate): pass
class Z(zip):
    def __init__(self, *a, tag=None): self.tag = tag
class M(map): pass
print(list(E("a")), type(E("a")).__name__, list(Z("a")), list(M(str, [1])), M(str, []).__reduce__()[0].__name__)
for t in (enumerate, zip, map, filter, reversed):
    print(t.__name__, t.__doc__ is not None, iter(t("abc") if t in (enumerate, zip, reversed) else t(None, "abc")) is not None)
for x in (iter([]), reversed([]), iter(()), iter({}), iter({1}), iter(Seq(0)), iter(int, 0)):
    show(type(x)); print(type(x).__name__, list(x), iter(x) is x)
# An iterator that was exhausted stays exhausted.
l = [1]; it = iter(l); list(it); l.append(2); print(list(it))
for bad in ("a", 2**100):
    show(iter([]).__setstate__, bad)
class Hint:
    def __init__(self, h): self.h = h
    def __iter__(self): return iter([1, 2])
    def __length_hint__(self):
        if isinstance(self.h, Exception): raise self.h
        return self.h
for h in (0, 5, 10**6, NotImplemented, TypeError("t"), ValueError("v"), -1, "x", 2**100):
    show(list, Hint(h))
