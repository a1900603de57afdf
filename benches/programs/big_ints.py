"""Big integers: digits of pi, powers modulo, factorials, square roots, primes."""


def pi_digits(count):
    """One digit at a time, by an unbounded spigot."""
    digits = []
    q, r, t, k, n, l = 1, 0, 1, 1, 3, 3
    while len(digits) < count:
        if 4 * q + r - t < n * t:
            digits.append(n)
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, l = (
                q * k,
                (2 * q + r) * l,
                t * l,
                k + 1,
                (q * (7 * k + 2) + r * l) // (t * l),
                l + 2,
            )
    return "".join(map(str, digits))


def is_prime(n):
    if n < 2:
        return False
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for base in (2, 3, 5, 7, 11, 13):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def root(n):
    x = 1 << (n.bit_length() + 1) // 2
    while True:
        y = (x + n // x) // 2
        if y >= x:
            return x
        x = y


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def main():
    print(pi_digits(2500)[-30:])
    print([e for e in range(2, 700) if is_prime(2**e - 1)])
    print(sum(1 for n in range(10**40, 10**40 + 12000) if is_prime(n)))
    product = 1
    for n in range(1, 5000):
        product *= n
    print(product.bit_length(), product % 10_000_019, str(product >> 45_000)[:20])
    print(str(root(2 * 10**3900))[:40])
    print(fibonacci(100_000) % 10**30)
    print(pow(3, 2**1300 + 12345, 2**1279 - 1) % 10**20, hash(product ^ 1 << 900))
    shifted = 1
    for n in range(200_000):
        shifted = (shifted << 3 ^ shifted >> 2 ^ n) & ((1 << 400) - 1)
    print(f"{shifted:x}"[:40])


main()
