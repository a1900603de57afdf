# Stability, keys, reverse, comparisons that fail, lists changed while sorted.
people = [("bob", 3), ("al", 1), ("cy", 3), ("di", 1), ("ed", 2)]
print(sorted(people, key=lambda p: p[1]), sorted(people, key=lambda p: p[1], reverse=True))
print(sorted("bCaD"), sorted("bCaD", key=str.lower), sorted([3, -1, 2], key=abs), sorted({3: 1, 1: 2}))
print(sorted([True, 0, 2, 1.5]), sorted([(1, "b"), (1, "a"), (0, "z")]), sorted([[2], [1, 5], [1]]))
l = [5, 3, 4]; print(l.sort(), l)
try: sorted([1, "a"])
except TypeError as e: print(e)
class K:
    count = 0
    def __init__(self, v): self.v = v
    def __lt__(self, o): K.count += 1; return self.v < o.v
ks = [K(i) for i in range(100)]; ks.sort(); print(K.count)
l = [3, 1, 2]
def key(x):
    l.append(9)
    return x
try: l.sort(key=key)
except ValueError as e: print(e)
def failing(x):
    if x == 2: raise KeyError(x)
    return x
l = [3, 2, 1]
try: l.sort(key=failing)
except KeyError: print(l)
seed, data = 1, []
for i in range(5000):
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    data.append((seed % 50, i))
s = sorted(data, key=lambda t: t[0])
print(all(a[0] < b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(s, s[1:])))
r = sorted(data, key=lambda t: t[0], reverse=True)
print(all(a[0] > b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(r, r[1:])))
print(sorted(range(100), key=lambda x: (x % 3, -x))[:5], sorted([float("inf"), -0.0, 0, 1e300, -5])[0])
try: [].sort(lambda x: x)
except TypeError as e: print(e)
