# needs: 3.14
# collections: namedtuple, Counter, deque, defaultdict, OrderedDict, ChainMap, User types.
from collections import *
P = namedtuple("P", "x y", defaults=[5]); p = P(1); print(p, p._asdict(), p._replace(x=9), P._fields, p == (1, 5), P._make([3, 4]), p.x, p[1], P.__doc__)
for bad in ("P()", "P(1, 2, 3)", "namedtuple('a', 'x x')", "namedtuple('a', 'class')", "p.x = 1"):
    try: exec(bad)
    except (TypeError, ValueError, AttributeError) as e: print(type(e).__name__, e)
c = Counter("mississippi"); print(c, c.most_common(2), c["z"], c + Counter("mi"), c - Counter("ssss"), c & Counter("sip"), sorted(c.elements())[:3], c.total(), -Counter(a=-1)); c.subtract("mm"); print(c["m"]); c.update(i=5); print(c["i"])
d = deque([1, 2, 3], maxlen=4); d.append(4); d.append(5); d.appendleft(0); d.rotate(1); print(d, d.pop(), d.popleft(), d.maxlen, d.index(2), d.count(2), list(reversed(d)), d == deque([0, 2]) , d.copy(), deque("ab") + deque("c"), deque("ab") * 2); d.extendleft("xy"); d.remove("x"); d.insert(1, "i"); d.reverse(); print(d, d[0], d[-1])
for bad in ("deque().pop()", "deque([1])[5]", "deque().remove(1)", "deque(maxlen=-1)", "deque([1], 1).insert(0, 2)"):
    try: exec(bad)
    except Exception as e: print(type(e).__name__, e)
dd = defaultdict(list); dd["a"].append(1); print(dd, dd["b"], dd.get("c"), dd.default_factory, defaultdict(int, x=1) | {"y": 2})
o = OrderedDict(a=1, b=2, c=3); o.move_to_end("a"); o.move_to_end("c", last=False); print(o, o.popitem(False), list(reversed(o)), OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {"a": 1})
m = ChainMap({"a": 1}, {"a": 2, "b": 3}); print(m["a"], m["b"], m.new_child({"b": 0})["b"], m.parents, len(m), dict(m)); m["b"] = 9; print(m.maps)
class U(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k, v * 2)
print(U(a=1), UserList([1]) + [2], UserString("ab").upper())
