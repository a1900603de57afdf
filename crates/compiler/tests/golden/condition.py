def f(a, b, c):
    if a < b and (a > 3 or not b):
        return 1
    if a is None or b is not None:
        return 2
    if a < b < c:
        return 3
    if a in b:
        return 4
    x = a and b or c
    y = a if b else c
    return a == b, a < b <= c, a is not b, a not in b, x, y
