def f(a, o):
    a += 1
    a -= g(a)
    o.count += a
    o[a] *= 2
    o[1:a] += a
    return a
x += 1
