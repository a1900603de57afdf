def f(xs):
    if (n := len(xs)) > 3:
        return n
    return n + (n := 2), (y := 1) and y
