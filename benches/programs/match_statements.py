"""match: an expression simplifier, commands, shapes and JSON-like data."""

from dataclasses import dataclass


@dataclass
class Num:
    value: float


@dataclass
class Var:
    name: str


@dataclass
class Op:
    kind: str
    left: object
    right: object


def simplify(tree):
    match tree:
        case Op(kind, left, right):
            match Op(kind, simplify(left), simplify(right)):
                case Op("+", Num(0), other) | Op("+", other, Num(0)):
                    return other
                case Op("*", Num(1), other) | Op("*", other, Num(1)):
                    return other
                case Op("*", Num(0), _) | Op("*", _, Num(0)):
                    return Num(0)
                case Op("+", Num(a), Num(b)):
                    return Num(a + b)
                case Op("*", Num(a), Num(b)):
                    return Num(a * b)
                case Op("-", a, b) if a == b:
                    return Num(0)
                case other:
                    return other
        case _:
            return tree


def derive(tree, name):
    match tree:
        case Num():
            return Num(0)
        case Var(n):
            return Num(1 if n == name else 0)
        case Op("+" | "-" as kind, a, b):
            return Op(kind, derive(a, name), derive(b, name))
        case Op("*", a, b):
            return Op("+", Op("*", derive(a, name), b), Op("*", a, derive(b, name)))
    raise TypeError(tree)


def size(tree):
    match tree:
        case Op(_, a, b):
            return 1 + size(a) + size(b)
        case Num() | Var():
            return 1


def command(words, state):
    match words:
        case ["go", ("north" | "south" | "east" | "west") as direction]:
            state["at"] += {"north": 1, "south": -1, "east": 10, "west": -10}[direction]
        case ["take", item, *rest] if item not in state["items"]:
            state["items"].append(item)
            state["extra"] += len(rest)
        case ["drop", item]:
            if item in state["items"]:
                state["items"].remove(item)
        case ["look"] | ["l"]:
            state["looks"] += 1
        case [] | [_]:
            state["errors"] += 1
        case _:
            state["errors"] += 2


def area(shape):
    match shape:
        case {"type": "circle", "r": r}:
            return 3 * r * r
        case {"type": "box", "size": [w, h], **rest}:
            return w * h + len(rest)
        case {"type": "group", "parts": [first, *others]}:
            return area(first) + sum(area(other) for other in others)
        case (x, y, 0) | (x, 0, y) | (0, x, y):
            return x * y
        case int(n) | float(n):
            return n
        case str() | None:
            return 0
        case _:
            return -1


def main():
    x, y = Var("x"), Var("y")
    tree = x
    for n in range(9):
        tree = Op("+", Op("*", tree, Num(n % 3)), Op("-", y, Op("*", x, y if n % 2 else x)))
    total = 0
    for _ in range(900):
        result = simplify(derive(simplify(tree), "x"))
        total += size(result)
    print(total, size(derive(tree, "y")))
    lines = ["go north", "take lamp now please", "look", "drop lamp", "go up", "l", "", "take key",
             "go west", "drop key", "jump", "go east"]
    state = {"at": 0, "items": [], "extra": 0, "looks": 0, "errors": 0}
    words = [line.split() for line in lines]
    for n in range(600_000):
        command(words[n % 12], state)
    print(state)
    shapes = [
        {"type": "circle", "r": 2}, {"type": "box", "size": [2, 3], "color": "red"}, (2, 3, 0),
        {"type": "group", "parts": [(0, 4, 5), {"type": "circle", "r": 1}]}, 7, 2.5, "text", None,
        [1, 2], (4, 0, 5),
    ]
    print(sum(area(shapes[n % 10]) for n in range(600_000)))


main()
