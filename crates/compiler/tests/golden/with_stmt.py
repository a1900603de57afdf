def f(p):
    with open(p) as a, lock:
        return a.read()
    with a as (b, c):
        pass
