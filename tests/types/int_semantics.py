# int: size, bits, conversion, division by every sign, limits of text conversion.
for a in (0, 1, -1, 7, -7, 2**62, -2**62, 2**63 - 1, 2**63, -2**63, 2**64, 10**30, -10**30):
    print(a, a.bit_length(), a.bit_count(), hash(a), a // 3, a % 3, a // -3, a % -3, ~a, -a, a >> 5, a << 3, a & 0xFF, a ^ -1)
edge = 2**62
for delta in (-2, -1, 0, 1, 2):
    n = edge + delta
    print(n, n + n, n - 1, n * 2, -n - 1, n * n, n // 2 * 2 == n, n % 1000)
n = 1
for _ in range(70): n *= 3
print(n, n // 3**60, n % 10**9, n.to_bytes(16, "big"), int.from_bytes(n.to_bytes(16, "little"), "little") == n)
print((-5).to_bytes(2, "big", signed=True), int.from_bytes(b"\xff\xfe", signed=True), (3).as_integer_ratio(), (5).conjugate(), (5).numerator)
print(f"{10**20:,} {-255:x} {2**100:b} {10**15:_} {12:08b} {-12:+09d} {5:<6}| {5:^6}| {65:c} {7:.2f} {10**25:.3e} {123:n}")
print(10**400 % 97, pow(10**50, 10**20, 10**9 + 7), pow(7, -1, 10**9 + 7), (10**50) ** 2 == 10**100, 10**18 * 10**18)
print(int("9" * 40), int("-" + "f" * 20, 16), str(-(2**200)), hex(2**70), oct(-(2**70)))
try: int("1" * 5000)
except ValueError as e: print(str(e)[:60])
try: str(10**5000)
except ValueError as e: print(str(e)[:60])
print(len(hex(10**5000)), 10**5000 // 10**4999)
import math
print(math.isqrt(10**40 + 1), math.gcd(2**100, 6**50), math.comb(100, 50), math.factorial(30), math.lcm(4, 6))
print(2**1000 == 2.0**1000, 2**53 + 1 == float(2**53 + 1), 10**400 > 1e308, float(2**100), int(1e25), (2**64) / 3, 2**1023 * 1.0)
for bad in ("float(10**400)", "10**400 / 3.0", "int(float('nan'))", "int(float('inf'))", "1 << 10**25", "pow(2, -1, 4)", "(300).to_bytes(1)", "(-1).to_bytes(1)"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
class I(int):
    def __add__(self, o): return "I add"
print(I(5) + 1, I(5) * 2, type(I(5) * 2), I(5), repr(I(7)), 1 + I(5), isinstance(I(1), int), I("12") == 12)
print(7 .__floordiv__(2), (7).__radd__(1), int.__add__(1, 2.0), (1).__eq__("x"), 0 == -0, True + 1, True & False, True ^ True, ~True if False else -2)
print(round(12345, -2), round(15, -1), round(25, -1), round(-15, -1), round(10**30 + 5, -1), int(True), (10).is_integer())
