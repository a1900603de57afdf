# Lists, sets, dicts, generators; conditions, nesting, scope, walrus.
print([x * x for x in range(5)], {x % 3 for x in range(10)}, {x: str(x) for x in range(3)})
print([x for x in range(20) if x % 2 if x % 3], [(x, y) for x in range(3) for y in range(x)])
print([[j for j in range(i)] for i in range(4)], [x for row in [[1, 2], [3]] for x in row])
print([a + b for a, b in [(1, 2), (3, 4)]], [first for first, *_ in ["abc", "de"]])
print([(last := x) for x in range(3)], last)
print([y for x in "ab" if (y := x.upper())], y)
x = "outside"
[x for x in range(3)]
print(x)
class C:
    items = [1, 2, 3]
    doubled = [i * 2 for i in items]
print(C.doubled)
try:
    class D:
        k = 2
        bad = [i * k for i in range(2)]
except NameError as error:
    print(error)
print(sorted({k: v for k, v in zip("abc", range(3))}.items()), dict([(1, 2)]), {**{"a": 1}, "b": 2})
print(any(x > 3 for x in range(5)), all([]), max(x % 7 for x in range(20)))
print([f() for f in [lambda: i for i in range(3)]])
print([*range(3), *"ab"], {*[1, 2], 3}, (*[1], 2), [*[]])
def nested(n):
    return [[(i, j, n) for j in range(2)] for i in range(2)]
print(nested(9))
try: [1 / z for z in (1, 0)]
except ZeroDivisionError as e: print(type(e))
print([x if x else -1 for x in (0, 1)], [not x for x in (0, 1)])
print([lambda: 0 for _ in range(1)][0].__qualname__)
