def f(xs):
    a = [x * 2 for x in xs if x]
    b = {x: y for x, y in xs}
    c = {x for y in xs for x in y}
    d = (x for x in xs)
    e = [lambda: x for x in xs]
    f = [y for x in xs for y in [x + 1]]
    g = [(last := x) for x in xs]
    return [[x for x in y] for y in xs]
m = [i for i in range(3)]
class C:
    n = [k for k in m]
