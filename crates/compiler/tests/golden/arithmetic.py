def f(a, b):
    return a + 1, a - 1, a * 3, a // 2, a % 7, a & 1, a << 2, a >> 2, -a, ~a, not a, a @ b, a ** b, 1 + a, a + 100000
