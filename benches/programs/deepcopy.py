"""copy.copy and copy.deepcopy of nested, shared and cyclic structures."""

import copy


class Shape:
    def __init__(self, name, points, style):
        self.name = name
        self.points = points
        self.style = style
        self.owner = None


class Drawing:
    def __init__(self, shapes):
        self.shapes = shapes
        for shape in shapes:
            shape.owner = self

    def __deepcopy__(self, memo):
        made = Drawing.__new__(Drawing)
        memo[id(self)] = made
        made.shapes = copy.deepcopy(self.shapes, memo)
        return made


class Counter:
    __slots__ = ("value", "__weakref__")

    def __init__(self, value):
        self.value = value


def main():
    style = {"fill": "red", "line": (1, 2, [3])}
    drawing = Drawing(
        [Shape(f"s{n}", [(n + k, [k]) for k in range(6)], style) for n in range(40)]
    )
    for _ in range(250):
        drawing = copy.deepcopy(drawing)
    shared = {id(shape.style) for shape in drawing.shapes}
    print(len(shared), drawing.shapes[3].owner is drawing, drawing.shapes[7].points[2])
    data = {"list": [[n, {"n": n}] for n in range(200)], "set": {1, 2}, "text": "x" * 50}
    data["self"] = data
    for _ in range(250):
        data = copy.deepcopy(data)
    print(data["self"]["self"]["list"][5], data["self"] is data)
    total = 0
    for n in range(120_000):
        other = copy.copy(drawing.shapes[n % 40])
        total += len(other.points) + (other.style is drawing.shapes[0].style)
        total += copy.copy([n, n + 1])[1] % 3
    print(total)
    counters = [Counter(n) for n in range(300)]
    for _ in range(60):
        counters = copy.deepcopy(counters)
    print(sum(counter.value for counter in counters))


main()
