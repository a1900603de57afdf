# Containers changed while they are compared, sorted, iterated, printed, hashed.
import functools, itertools
class Evil:
    def __init__(self, act, value=True): self.act, self.value = act, value
    def __eq__(self, o): self.act(); return self.value
    def __lt__(self, o): self.act(); return self.value
    def __hash__(self): return 1
    def __repr__(self): self.act(); return "evil"
    def __index__(self): self.act(); return 0
    def __len__(self): self.act(); return 1
    def __iter__(self): self.act(); return iter([1])
def attempt(name, f):
    try: r = f(); print(name, "ok")
    except (RuntimeError, ValueError, IndexError, TypeError, KeyError, BufferError) as e: print(name, type(e).__name__)
def sorting():
    l = [Evil(lambda: l.clear()) for _ in range(50)]; l.sort()
attempt("sort clear", sorting)
def sorting2():
    l = [Evil(lambda: l.append(1)) for _ in range(50)]; l.sort()
attempt("sort append", sorting2)
def compare():
    a = [Evil(lambda: a.clear()), 1, 2, 3]; b = [0, 1, 2, 3]; a == b; a = [Evil(lambda: (a.clear(), b.clear()), False)] * 9; b = [1] * 9; a < b
attempt("compare", compare)
def index():
    l = [Evil(lambda: l.clear(), False)] * 20; l.index(5)
attempt("index", index)
def remove():
    l = [Evil(lambda: l.clear(), True)] * 20; l.remove(5)
attempt("remove", remove)
def count():
    l = [Evil(lambda: l.clear(), True)] * 20; l.count(5)
attempt("count", count)
def rep():
    l = [Evil(lambda: l.clear()) for _ in range(5)]; repr(l); d = {1: Evil(lambda: d.clear()), 2: 3}; repr(d); s = {Evil(lambda: s.clear())}; repr(s)
attempt("repr", rep)
def dicts():
    d = {}
    for i in range(5): d[Evil(lambda: d.clear(), False)] = i
    d[Evil(lambda: d.update({i: i for i in range(2, 100)}), False)] = 1; d.get(Evil(lambda: d.clear(), True)); d.pop(Evil(lambda: d.clear(), True), None)
attempt("dict look-up", dicts)
def dict_eq():
    d = {1: Evil(lambda: d.clear()), 2: 2}; d == {1: 1, 2: 2}
attempt("dict eq", dict_eq)
def sets():
    s = set(); s.add(Evil(lambda: s.clear(), False)); s.add(Evil(lambda: None, False)); s & {Evil(lambda: s.clear(), False)}; s == {Evil(lambda: s.clear())}; s.update([Evil(lambda: s.clear(), False)])
attempt("sets", sets)
def grow():
    d = {1: 1}
    for k in d: d[k + 1] = 1
attempt("dict grow", grow)
def shrink():
    d = {1: 1, 2: 2}
    for k in d: del d[k]
attempt("dict shrink", shrink)
def slicing():
    l = [1, 2, 3]; l[Evil(lambda: l.clear())]
attempt("index clears", slicing)
def assign():
    l = list(range(10)); l[Evil(lambda: l.clear())] = 5
attempt("assign clears", assign)
def sliced():
    l = list(range(10)); l[1:3] = Evil(lambda: l.clear()); l[Evil(lambda: l.clear()):5] = [1]; del l[Evil(lambda: l.clear()):]
attempt("slice clears", sliced)
def extend():
    l = [1]; l.extend(Evil(lambda: l.clear())); l.extend(x for x in [1, 2] if not l.clear()); l += (l.append(0) or i for i in range(3)); l.extend(l); l[:] = l; l[1:1] = l
attempt("extend", extend)
def key():
    l = [3, 1, 2]; l.sort(key=lambda x: l.append(1) or x)
attempt("sort key", key)
def key_raises():
    l = [3, 1]; l.sort(key=lambda x: 1 / 0 if x == 1 else x)
try: key_raises()
except ZeroDivisionError: print("key raises")
def buffers():
    b = bytearray(100); m = memoryview(b); b.clear()
attempt("buffer", buffers)
def buffer_index():
    b = bytearray(b"abc" * 100); b[Evil(lambda: b.clear())] = 5
attempt("bytearray index", buffer_index)
def join():
    l = ["a", "b"]; "".join(x for x in l if not (l.append("c") if len(l) < 100 else None))
attempt("join", join)
def cmp_deque():
    from collections import deque
    d = deque([Evil(lambda: d.clear())] * 5); d.count(1); d = deque([1, 2, 3])
    for x in d: d.append(x)
attempt("deque", cmp_deque)
def heap():
    import heapq
    h = [Evil(lambda: h.clear()) for _ in range(9)]; heapq.heapify(h)
attempt("heapq", heap)
def bis():
    import bisect
    l = [Evil(lambda: l.clear()) for _ in range(9)]; bisect.bisect(l, Evil(lambda: l.clear()))
attempt("bisect", bis)
def zip_list():
    l = [1, 2, 3]; list(zip(l, (l.clear() for _ in range(3)))); list(map(lambda x: l.append(x) if len(l) < 50 else None, l)); [l.pop() for _ in l]
attempt("zip map", zip_list)
def reduce_():
    functools.reduce(lambda a, b: [a].clear(), [1, 2, 3]); t = itertools.tee(iter([1, 2, 3])); list(zip(*t)); c = itertools.chain.from_iterable(x for x in [[1], [2]]); list(c)
attempt("reduce", reduce_)
class Del:
    def __del__(self): l.clear()
l = [Del() for _ in range(10)]; l[2:5] = []; print(len(l)); l = [Del() for _ in range(10)]; l[0] = 1; print(len(l)); l = [Del()]; l.pop(); l = [Del() for _ in range(5)]; l.clear(); print(len(l))
class Meta(type):
    def __eq__(self, o): return True
    __hash__ = type.__hash__
class Shifty(metaclass=Meta):
    def __getattr__(self, n): del type(self).__getattr__; raise AttributeError(n)
try: Shifty().x
except AttributeError: print("AttributeError")
