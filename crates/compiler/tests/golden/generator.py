def f(xs):
    y = yield 1
    for x in xs:
        yield x
    z = yield from xs
    return (yield)
