def f(xs):
    for x in xs:
        try:
            if x:
                return g(x)
            if h(x):
                break
        finally:
            cleanup()
