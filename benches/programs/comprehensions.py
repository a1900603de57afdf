"""List, dict, set and generator comprehensions, nested and filtered."""


def triples(limit):
    return [
        (a, b, c)
        for c in range(5, limit)
        for b in range(c // 2, c)
        for a in [int((c * c - b * b) ** 0.5)]
        if 0 < a < b and a * a + b * b == c * c
    ]


def transpose(matrix):
    return [[row[i] for row in matrix] for i in range(len(matrix[0]))]


def multiply(a, b):
    columns = transpose(b)
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def main():
    found = triples(1500)
    print(len(found), found[-1])
    matrix = [[(i * j + i) % 11 for j in range(60)] for i in range(60)]
    power = matrix
    for _ in range(20):
        power = [[x % 1009 for x in row] for row in multiply(power, matrix)]
    print(sum(map(sum, power)))
    total = 0
    for n in range(9000):
        squares = [x * x for x in range(60) if x % 3]
        table = {x: x % 7 for x in squares if x & 1}
        kinds = {value + n for value in table.values()}
        total += len(kinds) + sum(x for x in squares if x not in table) % 100
    print(total)
    flat = [cell for row in power for cell in row if cell % 2 == 0]
    print(len(flat), any(cell == 1000 for cell in flat), all(cell < 1009 for cell in flat))
    print(sum(len([y for y in range(x % 12)]) for x in range(500_000)))


main()
