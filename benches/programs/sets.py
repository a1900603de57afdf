"""Sets: membership, algebra, flood fill and word squares."""


def flood(width, height):
    walls = {(x, y) for x in range(width) for y in range(height) if (x * 7 + y * 11) % 5 == 0}
    regions = []
    free = {(x, y) for x in range(width) for y in range(height)} - walls
    while free:
        start = min(free)
        free.discard(start)
        region, border = set(), {start}
        while border:
            region |= border
            border = {
                near
                for x, y in border
                for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
                if near in free
            }
            free -= border
        regions.append(len(region))
    return len(regions), max(regions)


def algebra(rounds):
    a = {n * n % 1013 for n in range(500)}
    b = frozenset(n * 3 % 1013 for n in range(400))
    total = 0
    for i in range(rounds):
        both = a & b
        either = a | b
        total += len(either) - len(both) + len(a ^ b) - len(a - b)
        total += both <= a and either >= b
        a.symmetric_difference_update({i % 1013, i * 7 % 1013})
    return total, len(a)


def happy(limit):
    squares = {str(d): d * d for d in range(10)}
    known = {1}
    for n in range(1, limit):
        seen = set()
        while n not in seen and n not in known:
            seen.add(n)
            n = sum(squares[digit] for digit in str(n))
        if n in known:
            known.update(seen)
    return sum(1 for n in known if n < limit)


print(flood(170, 130))
print(algebra(8000))
print(happy(30_000))
