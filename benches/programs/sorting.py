"""list.sort and sorted: keys, stability, reversal, partly ordered input."""

from functools import cmp_to_key
from operator import attrgetter, itemgetter


class Person:
    def __init__(self, name, age, city):
        self.name = name
        self.age = age
        self.city = city

    def __lt__(self, other):
        return (self.age, self.name) < (other.age, other.name)


def numbers(count, seed):
    result = []
    for _ in range(count):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        result.append(seed)
    return result


def compare(a, b):
    return (a % 1000 > b % 1000) - (a % 1000 < b % 1000)


def main():
    data = numbers(180_000, 1)
    print(sorted(data)[::15_000])
    print(sorted(data, key=lambda n: n % 1009)[::15_000])
    print(sorted(data, key=str)[::15_000])
    print(sorted(data[:20_000], key=cmp_to_key(compare))[::5000])
    floats = [n / 7 for n in data]
    floats.sort(reverse=True)
    print(floats[0], floats[-1])
    words = [f"w{n % 5003:x}" for n in data]
    print(sorted(words)[::15_000], sorted(words, key=len)[:3])
    pairs = list(zip(words, data))
    pairs.sort(key=itemgetter(1))
    pairs.sort(key=itemgetter(0))
    print(pairs[::20_000])
    people = [Person(word, n % 90, n % 11) for word, n in pairs[:25_000]]
    print([p.name for p in sorted(people)[:3]])
    people.sort(key=attrgetter("city", "age", "name"))
    print([(p.city, p.age, p.name) for p in people[::9000]])
    nearly = sorted(data)
    for i in range(0, len(nearly) - 50, 50):
        nearly[i], nearly[i + 50] = nearly[i + 50], nearly[i]
    nearly.sort()
    print(nearly == sorted(data), min(data, key=lambda n: n ^ 0x5555), max(words))


main()
