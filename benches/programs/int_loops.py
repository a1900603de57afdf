"""Loops over small integers: sieve, Collatz, digit sums, gcd, bit tricks."""


def sieve(limit):
    composite = [False] * (limit + 1)
    count = 0
    for n in range(2, limit + 1):
        if not composite[n]:
            count += 1
            for multiple in range(n * n, limit + 1, n):
                composite[multiple] = True
    return count


def collatz(limit):
    best = best_start = 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n >> 1 if n & 1 == 0 else 3 * n + 1
            steps += 1
        if steps > best:
            best, best_start = steps, start
    return best, best_start


def digit_sums(limit):
    total = 0
    for n in range(limit):
        while n:
            total += n % 10
            n //= 10
    return total


def coprimes(limit):
    count = 0
    for a in range(1, limit):
        for b in range(1, a):
            x, y = a, b
            while y:
                x, y = y, x % y
            count += x == 1
    return count


def shuffle_bits(rounds):
    state = 0x12345678
    for i in range(rounds):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        state = (state + i) & 0xFFFFFFFF
    return state


print(sieve(1_200_000))
print(collatz(20_000))
print(digit_sums(400_000))
print(coprimes(800))
print(shuffle_bits(1_000_000))
