# Assignment targets: tuples, stars, nesting, swaps, errors.
# needs: 3.14
a, b = 1, 2
a, b = b, a
print(a, b)
first, *middle, last = range(6)
print(first, middle, last)
*start, end = "abc"
print(start, end)
(x, (y, *z)), w = (1, (2, 3, 4)), 5
print(x, y, z, w)
[p, q] = {"k": 1, "l": 2}
print(p, q)
i, data = 0, [10, 20, 30]
i, data[i] = 2, 99
print(i, data)
data[0], data[1] = data[1], data[0]
print(data)
class O: pass
o = O()
o.a, o.b = "AB"
print(o.a, o.b)
for n, (m, *r) in enumerate([(1, 2, 3), (4,)]):
    print(n, m, r)
for text in ("a, b = 1", "a, b = 1, 2, 3", "a, b = [1]", "a, *b, c = [1]", "a, b = 'x'", "() = [1]", "a, b = range(100)"):
    try:
        exec(text)
    except (TypeError, ValueError) as error:
        print(text, "->", type(error).__name__, error)
() = []
print(*[1, 2], *"ab", sep="-", end="!\n")
def f(*args): return args
print(f(*range(2), 9, *[]), [*{}, *{1: 2}], {**{}, "a": 1, **{"a": 2}})
t = 1,
print(t, (), (1,), (1, 2))
a = [1, 2, 3, 4, 5]
a[1:3], a[0] = ["x"], "y"
print(a)
del a[0], a[-1]
print(a)
x = y = 5
x += (y := 2)
print(x, y)
def gen():
    yield from (1, 2, 3)
a, *b = gen()
print(a, b)
print((lambda *a, **k: (a, k))(*(1, 2), **dict(z=1)))
