def f(c):
    if c:
        x = 1
    y = x + g()
    z = x + 1
    del x
    return x
