def f(a, b):
    return [a, b], [*a, b], (a, *b), {a, b}, {*a, 1}, {a: b}, {**a, "k": b}, [], {}, (), {1, 2, 3}
