"""Dicts with int, str and tuple keys: counting, grouping, merging, deleting."""


def count_pairs(rounds):
    counts = {}
    x, y = 1, 1
    for _ in range(rounds):
        x, y = y, (x * 3 + y) % 1009
        key = (x % 31, y % 29)
        counts[key] = counts.get(key, 0) + 1
    return len(counts), max(counts.items(), key=lambda item: (item[1], item[0]))


def group(rounds):
    groups = {}
    for n in range(rounds):
        groups.setdefault("group%d" % (n * 7919 % 997), []).append(n)
    return sum(len(members) * members[0] for members in groups.values())


def cache(rounds, capacity):
    """Least recently used, by the order of insertion."""
    entries, hits = {}, 0
    n = 7
    for _ in range(rounds):
        n = (n * n + 12345) % 100_003
        key = n % 700 if n % 3 else n % 97
        if key in entries:
            hits += 1
            entries[key] = entries.pop(key) + 1
        else:
            if len(entries) >= capacity:
                del entries[next(iter(entries))]
            entries[key] = 0
    return hits


def invert(rounds):
    table = {str(n): n * n % 1000 for n in range(1000)}
    total = 0
    for i in range(rounds):
        inverse = {value: key for key, value in table.items()}
        merged = {**inverse, i: "new"} | {-i: "old"}
        total += len(merged) + len(merged.keys() & {1, 4, 9, i})
    return total


print(count_pairs(900_000))
print(group(900_000))
print(cache(900_000, 200))
print(invert(1200))
