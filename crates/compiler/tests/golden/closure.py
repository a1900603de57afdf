def outer(a):
    b = 0
    def inner(c=a, *, d=b):
        nonlocal b
        b += 1
        return a + b + c
    return inner, lambda x, y=1: x + a
