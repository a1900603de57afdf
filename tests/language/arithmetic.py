# Numbers and operators, from the most basic on.
print(1 + 2, 7 - 10, 6 * 7, 7 / 2, 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10)
print(2 ** -1, 0 ** 0, (-2) ** 3, -2 ** 2, 2 ** 3 ** 2)
print(1 + 2 * 3 - 4 / 2, (1 + 2) * 3, 10 - 2 - 3, 2 * 3 % 4)
print(0b101, 0o17, 0xff, 1_000_000, 1e3, 1.5e-3, .5, 5., 3j)
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, 1024 >> 3, -1 >> 1)
print(1 < 2 < 3, 1 < 2 > 3, 1 == 1.0, 1 != 2, 3 >= 3, "a" < "b", [1, 2] < [1, 3])
print(not 0, not [], 1 and 2, 0 and 2, 1 or 2, 0 or "x", None or 0)
print(True + True, True == 1, False < True, isinstance(True, int))
print(divmod(17, 5), divmod(-17, 5), divmod(17.5, 5), abs(-3), round(2.5), round(3.5), round(2.675, 2), round(1234, -2))
print(1 if True else 2, 1 if [] else 2)
x = 5
x += 2; x -= 1; x *= 3; x //= 2; x **= 2; x %= 50; x <<= 2; x >>= 1; x |= 1; x &= 0xff; x ^= 3
print(x)
y = 7
y /= 2
print(y)
for bad in ("1 / 0", "1 // 0", "1 % 0", "1.0 / 0", "0 ** -1", "1 + 'a'", "'a' + 1", "-'a'", "1 << -1", "[] < 1"):
    try:
        print(eval(bad))
    except Exception as error:
        # The words for a division by zero changed in 3.14.
        zero = isinstance(error, ZeroDivisionError)
        print(bad, "->", type(error).__name__, "" if zero else error)
