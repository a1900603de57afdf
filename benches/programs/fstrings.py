"""f-strings: plain, nested, with conversions and format specifications."""


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __format__(self, spec):
        return f"{self.amount:{spec or '.2f'}} EUR"

    def __repr__(self):
        return f"Money({self.amount!r})"


def table(rows):
    size = 0
    for n in range(rows):
        name, price = f"item{n % 100}", n * 1.25
        line = f"{n:>6}|{name:<10}|{price:10.2f}|{n * n:,}|{n % 7 / 7:.1%}|{name!r:^12}|{n:#x}"
        size += len(line)
    return size, line


def nested(rounds):
    size = 0
    for n in range(rounds):
        width, digits = n % 9 + 8, n % 4
        size += len(f"{n / 3:{width}.{digits}f}{f'<{n}>':*^{width}}")
    return size


def plain(rounds):
    pieces = []
    for n in range(rounds):
        pieces.append(f"key{n}={n}&{'odd' if n % 2 else 'even'};")
    return len("".join(pieces))


def objects(rounds):
    size = 0
    for n in range(rounds):
        money = Money(n / 4)
        size += len(f"{money} {money:>12.3f} {money!r} {[n, n + 1]} {n=}")
    return size


print(table(130_000))
print(nested(180_000))
print(plain(450_000))
print(objects(80_000))
