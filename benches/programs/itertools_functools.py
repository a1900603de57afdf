"""Pipelines of itertools and functools, map, filter, zip and reduce."""

import operator
from functools import lru_cache, partial, reduce, singledispatch, total_ordering
from itertools import (
    accumulate, chain, combinations, compress, count, cycle, dropwhile, groupby, islice,
    pairwise, permutations, product, repeat, starmap, takewhile, tee, zip_longest,
)


@lru_cache(maxsize=None)
def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - k, k) for k in range(1, min(n, largest) + 1))


@lru_cache(maxsize=64)
def expensive(n):
    return n * n


@singledispatch
def describe(value):
    return 1


@describe.register
def _(value: int):
    return 2


@describe.register
def _(value: list):
    return sum(map(describe, value))


@total_ordering
class Card:
    def __init__(self, rank, suit):
        self.rank, self.suit = rank, suit

    def __eq__(self, other):
        return self.rank == other.rank

    def __lt__(self, other):
        return self.rank < other.rank


def main():
    print(sum(1 for c in combinations(range(32), 5) if sum(c) % 7 == 0))
    print(sum(p[0] * p[-1] for p in permutations(range(9))))
    print(sum(a * b - c for a, b, c in product(range(110), repeat=3)))
    data = [n * 7919 % 1009 for n in range(400_000)]
    print(reduce(operator.xor, accumulate(data)), list(accumulate(data, max))[-1])
    groups = [(key, len(list(items))) for key, items in groupby(sorted(data), lambda n: n // 100)]
    print(groups)
    print(sum(map(operator.mul, data, islice(data, 1, None))))
    print(sum(a < b for a, b in pairwise(data)), sum(compress(data, cycle([1, 0, 1]))))
    print(sum(starmap(pow, zip(range(20_000), repeat(2)))))
    print(sum(takewhile(lambda n: n < 60_000, count(3, 2))))
    print(next(dropwhile(lambda n: n < 90_000, chain(range(100), range(200_000)))))
    first, second = tee(data)
    print(sum(x - y for x, y in zip(first, islice(second, 5, None))))
    print(len(list(zip_longest(data, range(50), fillvalue=0))))
    print(sum(filter(lambda n: n % 3 == 0, map(partial(operator.add, 5), data))))
    print(partitions(110, 110), partitions.cache_info().misses)
    print(sum(expensive(n * n % 90) for n in range(600_000)), expensive.cache_info())
    print(describe([1, "a", [2, 3.0, [4]]] * 30_000))
    cards = [Card(n % 13, n % 4) for n in range(700)]
    print(sum(a >= b for a in cards for b in cards[:150]), max(cards).rank)


main()
