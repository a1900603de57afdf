"""pickle: containers, classes, shared references, __reduce__ and __getstate__."""

import io
import pickle
from collections import OrderedDict
from fractions import Fraction


class Node:
    def __init__(self, name):
        self.name = name
        self.children = []
        self.parent = None

    def add(self, child):
        child.parent = self
        self.children.append(child)
        return child


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __getstate__(self):
        return self.a, self.b

    def __setstate__(self, state):
        self.a, self.b = state


class Interval:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def __reduce__(self):
        return Interval, (self.low, self.high)


def tree(depth, name="root"):
    node = Node(name)
    if depth:
        for n in range(4):
            node.add(tree(depth - 1, f"{name}.{n}"))
    return node


def count(node):
    return 1 + sum(count(child) for child in node.children)


def main():
    data = {
        "numbers": list(range(3000)),
        "floats": [n / 3 for n in range(2000)],
        "text": [f"string number {n}" for n in range(2000)],
        "nested": [{"a": (n, [n, {n}]), "b": frozenset([n])} for n in range(700)],
        "big": [3**n for n in range(200)],
        "bytes": [bytes([n % 256]) * 5 for n in range(500)],
        "ordered": OrderedDict((n, str(n)) for n in range(300)),
    }
    for protocol in (2, 4, 5):
        for _ in range(80):
            packed = pickle.dumps(data, protocol)
            back = pickle.loads(packed)
        print(protocol, len(packed), back == data)
    root = tree(5)
    for _ in range(20):
        root = pickle.loads(pickle.dumps(root))
    print(count(root), root.children[2].children[1].parent is root.children[2])
    objects = [Slotted(n, str(n)) for n in range(4000)] + [Interval(n, n + 1) for n in range(4000)]
    for _ in range(15):
        objects = pickle.loads(pickle.dumps(objects))
    print(objects[17].b, objects[-1].high)
    fractions = [Fraction(n, n + 1) for n in range(1, 3000)]
    print(sum(pickle.loads(pickle.dumps(fractions))[:20]))
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, 4)
    for n in range(30_000):
        pickler.dump((n, "x" * (n % 20)))
        pickler.clear_memo()
    stream.seek(0)
    unpickler = pickle.Unpickler(stream)
    print(sum(unpickler.load()[0] for _ in range(30_000)))


main()
