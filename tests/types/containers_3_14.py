# needs: 3.14
# What is new in containers: the text for values without a hash, map(strict=True).
class U:
    __hash__ = None
class H:
    def __hash__(self): raise TypeError("my own")
class S(TypeError): pass
class H2:
    def __hash__(self): raise S("subclass")
class H3:
    def __hash__(self): raise ValueError("value")
def show(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
for f in (lambda: {[]: 1}, lambda: {}[[]], lambda: {}.get({}), lambda: {}.setdefault([]), lambda: {1: 1}.pop([]), lambda: [] in {}, lambda: {}.__setitem__([], 1), lambda: {}.__delitem__([]),
          lambda: dict([([], 1)]), lambda: dict.fromkeys([[]]), lambda: {([],): 1}, lambda: {U(): 1}, lambda: {H(): 1}, lambda: {H2(): 1}, lambda: {H3(): 1}, lambda: {{1}: 1},
          lambda: {[]}, lambda: set([[]]), lambda: frozenset([{}]), lambda: {1}.add([]), lambda: [] in {1}, lambda: {1}.discard([]), lambda: {1}.remove({}), lambda: {1} | {2}.union([[]]), lambda: {1}.isdisjoint([[]]),
          lambda: {1}.issuperset([[]]), lambda: {1}.intersection([[]]), lambda: {1}.symmetric_difference([[]]), lambda: {U()}, lambda: {H()}, lambda: {H2()}, lambda: {H3()}, lambda: {1} in {1}, lambda: {1}.difference([[]]),
          lambda: hash([]), lambda: hash(([],))):
    show(f)
print(list(map(lambda a, b: a + b, [1, 2], [3, 4], strict=True)), list(map(str, [], strict=True)), list(map(pow, [2], [3, 4], strict=False)))
for f in (lambda: list(map(pow, [1], [], strict=True)), lambda: list(map(pow, [], [1], strict=True)), lambda: list(map(pow, [1], [1], [], strict=True)), lambda: list(map(pow, [1], [1], [1, 2], strict=True)), lambda: map(str, [], x=1), lambda: map(strict=True)):
    show(f)
m = map(pow, [1, 2], [1], strict=True)
print(len(m.__reduce__()), m.__reduce__()[2], len(map(str, []).__reduce__())); n = map(pow, [1, 2], [1]); n.__setstate__(1); show(lambda: list(n))
