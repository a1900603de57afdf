def f(a, b):
    x = a + b
    x = x
    y = z = g(x)
    a, b = b, a
    a, b = b, a + b
    p, q = pair
    first, *rest = x
    o.attr = x
    o[a] = b
    o[a:b] = x
    o[1:2] = x
    [m, n] = x, y
