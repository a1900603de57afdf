"""Two solvers: n queens by backtracking, the knapsack and edit distance by tables."""


def queens(n):
    """With sets, so that the search is made of membership tests."""
    columns, up, down = set(), set(), set()
    solutions = 0

    def place(row):
        nonlocal solutions
        if row == n:
            solutions += 1
            return
        for column in range(n):
            if column in columns or row + column in up or row - column in down:
                continue
            columns.add(column)
            up.add(row + column)
            down.add(row - column)
            place(row + 1)
            columns.remove(column)
            up.remove(row + column)
            down.remove(row - column)

    place(0)
    return solutions


def queens_bits(n):
    everything = (1 << n) - 1

    def place(columns, left, right):
        if columns == everything:
            return 1
        count = 0
        free = everything & ~(columns | left | right)
        while free:
            bit = free & -free
            free ^= bit
            count += place(columns | bit, (left | bit) << 1, (right | bit) >> 1)
        return count

    return place(0, 0, 0)


def knapsack(items, capacity):
    best = [0] * (capacity + 1)
    for weight, value in items:
        for room in range(capacity, weight - 1, -1):
            candidate = best[room - weight] + value
            if candidate > best[room]:
                best[room] = candidate
    return best[capacity]


def distance(a, b):
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(
                min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            )
        previous = current
    return previous[-1]


def common(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a)):
        for j in range(len(b)):
            if a[i] == b[j]:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def main():
    print(queens(9), queens_bits(11))
    items = [(n * 37 % 61 + 3, n * 53 % 97 + 1) for n in range(250)]
    print(knapsack(items, 10_000))
    a = "".join(chr(97 + n * n % 13) for n in range(1100))
    b = "".join(chr(97 + n * n * n % 11) for n in range(1000))
    print(distance(a, b), common(a, b))


main()
