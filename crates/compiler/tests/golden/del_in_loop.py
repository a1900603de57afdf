def f(xs):
    x = 1
    for i in xs:
        print(x)
        del x
        x = i
