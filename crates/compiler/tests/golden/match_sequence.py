def f(x):
    match x:
        case []:
            return 0
        case [a, b]:
            return a + b
        case [1, *rest]:
            return rest
        case [first, *_, last]:
            return first, last
