# __iter__, __next__, __getitem__ fallback, iter(f, sentinel), builtins over iterators.
class Count:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0: raise StopIteration
        self.n -= 1
        return self.n
print(list(Count(3)), tuple(Count(2)), set(Count(2)), sum(Count(4)), max(Count(5)), sorted(Count(3)), dict(zip("ab", Count(2))))
it = iter([1, 2, 3])
print(next(it), list(it), next(it, "end"), iter(it) is it)
values = iter([3, 2, 1, 0, 9])
print(list(iter(lambda: next(values), 0)))
print(list(enumerate("ab", 5)), list(zip("abc", range(2))), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "x"])), list(reversed([1, 2])))
try: list(zip([1], [1, 2], strict=True))
except ValueError as e: print(e)
for bad in (5, None, object):
    try: iter(bad)
    except TypeError as e: print(e)
class BadIter:
    def __iter__(self): return 5
try: iter(BadIter())
except TypeError as e: print(e)
try: next([])
except TypeError as e: print(e)
d = {"a": 1}
try:
    for k in d: d["b"] = 2
except RuntimeError as e: print(e)
s = {1, 2}
try:
    for k in s: s.add(k + 10)
except RuntimeError as e: print(e)
l = [1, 2, 3]
out = []
for x in l:
    out.append(x)
    if x == 1: l.append(4)
    if x == 2: l.remove(2)
print(out, l)
e = iter([]); print(list(e), list(e))
l = []; i = iter(l); print(list(i)); l.append(1); print(list(i))
print(min([3, 1, 2], key=lambda x: -x), max([], default="d"), min("b", "a"), any([]), all([0]), sum([[1], [2]], []))
try: max([])
except ValueError as e: print(e)
try: sum(["a"])
except TypeError as e: print(e)
import operator
print(operator.length_hint(iter([1, 2])), operator.length_hint(Count(2)), [].__iter__().__length_hint__())
r = range(10, 0, -3); print(list(r), len(r), 4 in r, 5 in r, r.index(7), r[-1], r == range(10, -1, -3), hash(r) == hash(range(10, -1, -3)), list(reversed(r)))
a, b = iter("ab"); print(a, b)
print("".join(reversed("abc")), *map(str, range(3)), [*zip(*[(1, 2), (3, 4)])])
class Getter:
    def __getitem__(self, i): return "xyz"[i]
print(list(Getter()), "y" in Getter())
