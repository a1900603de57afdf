def f(x):
    match x:
        case {"k": v, m.key: 1, **rest}:
            return v, rest
        case {}:
            return 1
