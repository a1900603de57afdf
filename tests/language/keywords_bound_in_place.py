"""Named arguments in every mixture, right and wrong."""


def f(a, b=1, *, c=2, d, **k):
    return a, b, c, d, k


def g(a, /, b, **k):
    return a, b, k


def h(*a, k=1, **r):
    return a, k, r


class C:
    def m(self, x, y=2, **k):
        return x, y, k

    def __init__(self, *a, **k):
        self.z = a, k


def t(fn, *a, **k):
    try:
        return fn(*a, **k)
    except TypeError as e:
        return str(e)


c = C()
for i in range(3):
    print(t(f, 1, d=3), t(f, 1, 2, 3, d=1), t(f, d=1, a=2, zz=3), t(f), t(f, 1), t(f, 1, a=2, d=1), t(f, 1, d=1, **{"x y": 2}))
    print(t(g, 1, 2, a=3), t(g, 1, b=2, a=4), t(g, a=1, b=2), t(g, 1))
    print(t(h, 1, 2, k=3, z=4), t(h, k=2), t(h, 1, 2), h(1, k=5, q=2), f(1, d=4, c=5, q=6), g(1, b=3, a=9))
    print(c.m(1, y=3, z=4), t(c.m, 1, y=5), t(c.m), t(c.m, 1, x=2), C(1, a=2).z, t(c.m, **{"x": 1, "self": 2}))
    print(t(f, 1, d=2, **{"k%d" % i: i for i in range(20)}))
    for bad in ({1: 2}, {"d": 2}):
        try:
            f(1, d=1, **bad)
        except TypeError as e:
            print(e)
