# list.sort and sorted.
import random
random.seed(12345)
def show(f, *a, **k):
    try:
        r = f(*a, **k)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)

def check(l, **k):
    plain = sorted(l, **k)
    # By insertion, which nobody doubts.
    key = k.get("key") or (lambda x: x)
    want = []
    for x in (reversed(l) if k.get("reverse") else l):
        i = len(want)
        while i and key(x) < key(want[i - 1]): i -= 1
        want.insert(i, x)
    if k.get("reverse"): want.reverse()
    assert all(a is b for a, b in zip(plain, want)) and len(plain) == len(want), (l, k)
    c = list(l); c.sort(**k); assert c == plain

for n in (0, 1, 2, 3, 5, 20, 63, 64, 65, 130, 300):
    for make in (lambda: random.randrange(n + 1), lambda: random.random(), lambda: str(random.randrange(n + 1)), lambda: (random.randrange(3), str(random.randrange(5))),
                 lambda: random.choice([1, 2.5, 3, -0.0, 0]), lambda: "é" * random.randrange(4) + chr(random.choice([97, 233, 0x4e00, 0x1f600])), lambda: 2 ** 70 + random.randrange(n + 1),
                 lambda: random.choice([True, False, 1, 0]), lambda: bytes([random.randrange(5)]), lambda: [random.randrange(4)], lambda: "prefix--" + "ab\0"[random.randrange(3)] * random.randrange(3)):
        l = [make() for _ in range(n)]
        for reverse in (False, True):
            check(l, reverse=reverse)
            check(l, reverse=reverse, key=lambda x: x)
            check(l, reverse=reverse, key=lambda x: 0)
        check(sorted(l)); check(sorted(l, reverse=True)); check(sorted(l)[n // 2:] + sorted(l)[:n // 2])
print("stable")
print(sorted("banana"), sorted("bca", reverse=True), sorted([3, 1, 2], key=lambda x: -x), sorted({3: 0, 1: 0}), sorted(["b", "A", "c"], key=str.lower), sorted([(1, "b"), (1, "a"), (0, "z")]))
print(sorted([0.0, -0.0, 0]), sorted([1, True, 1.0, 0, False]), sorted([3, 2.5, 10**20, -1e300]), sorted(["", "a", "\0", "a\0", "a\0b", "ab"]))
for bad in (lambda: [1, "a"].sort(), lambda: [(1,), (1, 2), ("a",)].sort(), lambda: [1].sort(lambda a, b: 0), lambda: [1].sort(key=1), lambda: sorted([1], 1), lambda: sorted(1), lambda: sorted(), lambda: [1j, 2j].sort(),
            lambda: [1, 2].sort(key=lambda x: 1 / 0), lambda: [{}, {}].sort(), lambda: [None, None].sort(), lambda: [None].sort(), lambda: [1].sort(kee=1), lambda: sorted([2, 1], reverse="x")):
    show(bad)
# What comparisons and keys may do.
l = [3, 1, 2]
def key(x):
    l.append(9); return x
show(l.sort, key=key); print(l)
l = [3, 1, 2]; show(l.sort, key=lambda x: l.clear()); print(l)
l = [3, 1, 2]; show(l.sort, key=lambda x: (len(l), x)); print(l)
class C:
    def __init__(self, n): self.n = n
    def __lt__(self, o):
        if fail and self.n == 3: raise ZeroDivisionError("lt")
        if grow: l.append(1)
        return self.n < o.n
    def __repr__(self): return f"C{self.n}"
fail, grow = True, False
l = [C(i) for i in (5, 3, 4, 1, 2)]; show(l.sort); print(sorted(x.n for x in l))
fail, grow = False, True
l = [C(i) for i in (5, 3, 4, 1, 2)]; show(l.sort); print(l)
grow = False
l = [C(i) for i in (5, 3, 4, 1, 2)]; l.sort(); print(l); l.sort(reverse=True); print(l); print(min(l), max(l, key=lambda c: -c.n), sorted(l, key=lambda c: c.n % 2))
class OnlyGt:
    def __init__(self, n): self.n = n
    def __gt__(self, o): return self.n > o.n
    def __repr__(self): return f"G{self.n}"
print(sorted([OnlyGt(2), OnlyGt(1)]))
class S(str):
    def __lt__(self, o): return len(self) < len(o)
print(sorted([S("aaa"), S("b"), S("cc")]), sorted([S("bb"), "a", S("ccc")]))
class I(int):
    def __lt__(self, o): return int(self) > int(o)
print(sorted([I(1), I(3), I(2)]), sorted([1, I(5), 3]))
class NoBool:
    def __lt__(self, o): return self
    def __bool__(self): raise TypeError("no truth")
show(sorted, [NoBool(), NoBool()])
count = 0
class Count(int):
    def __lt__(self, o):
        global count; count += 1; return int.__lt__(self, o)
for shape in (range(1000), range(999, -1, -1), [0] * 1000, list(range(500)) * 2):
    count = 0; sorted(map(Count, shape)); print(count < 2000, end=" ")
count = 0; sorted(map(Count, random.sample(range(1000), 1000))); print(8000 < count < 9000)
nans = [float("nan"), 1.0, 0.5, float("nan"), 0.1]; print(len(sorted(nans)))
l = list(range(100000)); random.shuffle(l); l.sort(); print(l == list(range(100000))); random.shuffle(l); l.sort(key=str); print(l[:5], l[-1]); l.sort(reverse=True); print(l[:3])
w = [str(x) for x in l]; random.shuffle(w); w.sort(); print(w[:4], w[-2:]); t = [(x % 10, str(x)) for x in l]; t.sort(); print(t[:2], t[-1])
