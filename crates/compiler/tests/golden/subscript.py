def f(a, i, j):
    return a[0], a[i], a[-1], a[i:j], a[:i], a[1:2], a[i:j:2], a[i, j], a[...]
