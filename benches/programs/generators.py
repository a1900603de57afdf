"""Generators: pipelines, send, throw, yield from, recursive generators."""


def integers(start):
    while True:
        yield start
        start += 1


def take(count, items):
    for _, item in zip(range(count), items):
        yield item


def primes():
    """One filter upon another, as many as there are primes so far."""

    def without(prime, items):
        for n in items:
            if n % prime:
                yield n

    numbers = integers(2)
    while True:
        prime = next(numbers)
        yield prime
        numbers = without(prime, numbers)


def averager():
    total = count = 0
    average = None
    while True:
        try:
            value = yield average
        except ValueError:
            total = count = 0
            average = None
            continue
        total += value
        count += 1
        average = total / count


def permutations(items):
    if not items:
        yield ()
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield (item, *rest)


def walk(tree):
    if tree:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)


def build(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return build(low, middle), middle, build(middle + 1, high)


def summing(parts):
    total = 0
    for part in parts:
        total += yield from counted(part)
    return total


def counted(items):
    n = 0
    for n, item in enumerate(items, 1):
        yield item
    return n


def main():
    print(list(take(10, primes())), sum(take(700, primes())))
    average = averager()
    next(average)
    for n in range(1_200_000):
        last = average.send(n * 7 % 101)
        if n % 1000 == 999:
            average.throw(ValueError)
    print(last)
    print(sum(1 for p in permutations(tuple(range(9))) if p[0] < p[-1]))
    tree = build(0, 60_000)
    print(sum(i * n for i, n in enumerate(walk(tree))))
    generator = summing([range(n % 50) for n in range(40_000)])
    items = 0
    try:
        while True:
            next(generator)
            items += 1
    except StopIteration as stop:
        print(items == stop.value, stop.value)


main()
