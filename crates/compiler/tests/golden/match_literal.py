def f(x):
    match x:
        case 1 | 2:
            return "small"
        case "a":
            return "a"
        case None | True:
            return "single"
        case m.C:
            return "value"
        case _:
            return "other"
