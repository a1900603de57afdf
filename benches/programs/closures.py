"""Closures, nonlocal, lambdas and functions that make functions."""


def counter(step):
    count = 0

    def next_count():
        nonlocal count
        count += step
        return count

    return next_count


def compose(*functions):
    def composed(value):
        for function in functions:
            value = function(value)
        return value

    return composed


def adder(n):
    return lambda x: x + n


def memoized(function):
    known = {}

    def look_up(*key):
        if key not in known:
            known[key] = function(*key)
        return known[key]

    look_up.known = known
    return look_up


@memoized
def paths(x, y):
    return 1 if x == 0 or y == 0 else paths(x - 1, y) + paths(x, y - 1)


def church(n):
    """The number n as a function applied n times."""

    def apply(f):
        def applied(x):
            for _ in range(n):
                x = f(x)
            return x

        return applied

    return apply


def curry(a):
    def with_b(b):
        def with_c(c, scale=2):
            return a * b + c * scale

        return with_c

    return with_b


def main():
    counters = [counter(n) for n in range(1, 30)]
    for i in range(2_000_000):
        counters[i % 29]()
    print(sum(c() for c in counters))
    pipeline = compose(adder(3), lambda x: x * 2, adder(-1), lambda x: x % 10_007)
    value = 1
    for _ in range(400_000):
        value = pipeline(value)
    print(value)
    print(paths(150, 150) % 1_000_007, len(paths.known))
    increment = lambda x: x + 1
    print(church(80)(church(90)(church(70)(increment)))(0))
    print(sum(curry(i)(i + 1)(i + 2) + curry(1)(i)(2, scale=i) for i in range(300_000)))


main()
