"""Plain recursive functions: Fibonacci, Ackermann, Takeuchi, Hanoi."""


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def hanoi(n, source, target, spare, moves):
    if n:
        hanoi(n - 1, source, spare, target, moves)
        moves[source + target] = moves.get(source + target, 0) + 1
        hanoi(n - 1, spare, target, source, moves)


def main():
    print([fib(n) for n in range(20, 32)])
    print([ackermann(2, n) for n in range(100, 300, 10)])
    print([tak(n, 9, 3) for n in range(14, 20)])
    moves = {}
    hanoi(18, "a", "c", "b", moves)
    print(sorted(moves.items()))


main()
