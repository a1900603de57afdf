# itertools, functools, operator.
from itertools import *
import functools, operator
print(list(accumulate([1, 2, 3], initial=10)), list(batched("abcde", 2)), list(chain("ab", [1])), list(combinations("abc", 2)), list(combinations_with_replacement("ab", 2)), list(compress("abc", [1, 0, 1])), list(islice(count(5, 2), 3)), list(islice(cycle("ab"), 5)), list(dropwhile(lambda x: x < 2, [1, 2, 1])), list(filterfalse(None, [0, 1])), [(k, list(g)) for k, g in groupby("aabc")], list(islice("abcdef", 1, None, 2)), list(pairwise("abc")), list(permutations("abc", 2)), list(product("ab", repeat=2)), list(repeat(1, 2)), list(starmap(pow, [(2, 3)])), list(takewhile(lambda x: x < 2, [1, 2, 1])), [list(t) for t in tee("ab", 2)], list(zip_longest("ab", "c", fillvalue=0)), list(chain.from_iterable([[1], [2]])))
for bad in ("islice([], -1)", "combinations('a', -1)", "batched('a', 0)", "repeat()", "tee([], -1)", "permutations(1)"):
    try: exec(bad)
    except (TypeError, ValueError) as e: print(type(e).__name__)
print(functools.reduce(operator.add, [1, 2], 3), functools.partial(int, base=2)("101"), functools.partial(print, 1), functools.cmp_to_key(lambda a, b: b - a)(1) < functools.cmp_to_key(lambda a, b: b - a)(0))
class A:
    @functools.cached_property
    def c(self): print("once"); return 1
    @functools.singledispatchmethod
    def d(self, x): return "other"
    @d.register
    def _(self, x: int): return "int"
    m = functools.partialmethod(lambda self, a, b: (a, b), 1)
a = A(); print(a.c, a.c, a.d(1), a.d("x"), a.m(2))
@functools.lru_cache(maxsize=2)
def f(x): print("f", x); return x
f(1); f(2); f(1); f(3); f(2); print(f.cache_info()); f.cache_clear()
print(operator.itemgetter(1, "a".__len__())([5, 6]), operator.attrgetter("real", "imag")(1j), operator.methodcaller("upper")("a"), operator.index(5), operator.concat([1], [2]), operator.is_not(1, 2), operator.setitem(d := {}, 1, 2), d)
@functools.total_ordering
class T:
    def __init__(s, v): s.v = v
    def __eq__(s, o): return s.v == o.v
    def __lt__(s, o): return s.v < o.v
print(T(1) <= T(1), T(2) > T(1), T(1) >= T(2))
