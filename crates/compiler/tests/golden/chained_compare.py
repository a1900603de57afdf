def f(a, b, c):
    return a < g() < c
def h(a, c):
    if a < g() < h() < c:
        return 1
