def f(x):
    match x:
        case Point(x=0, y=yy) if yy > 3:
            return yy
        case Point(a, b) as p:
            return p, a
        case int(n) | [int(n), _]:
            return n
