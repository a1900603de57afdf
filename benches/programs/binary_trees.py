"""Many small objects that live and die: trees of objects and of tuples."""


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def check(self):
        if self.left is None:
            return 1
        return 1 + self.left.check() + self.right.check()


def make(depth):
    if depth == 0:
        return Node(None, None)
    return Node(make(depth - 1), make(depth - 1))


def make_tuple(depth):
    return (make_tuple(depth - 1), make_tuple(depth - 1)) if depth else ()


def check_tuple(tree):
    return 1 + sum(check_tuple(part) for part in tree)


def main(largest=15):
    long_lived = make(largest)
    for depth in range(4, largest + 1, 4):
        count = 1 << (largest - depth + 3)
        total = 0
        for _ in range(count):
            total += make(depth).check()
        print(count, "trees of depth", depth, "check", total)
    print("long lived", long_lived.check())
    print("tuples", sum(check_tuple(make_tuple(10)) for _ in range(40)))


main()
