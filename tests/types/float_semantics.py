# float: repr, special values, rounding, hex, comparison with int, formatting.
for x in (0.1, 1/3, 1e16, 1e15, 123456789.123, 1e-5, 0.0001, 5e-324, 1.7976931348623157e308, 100.0, 1e22, 1e23, -0.0, 2.5, 1e100, 4.35, 0.1 + 0.2, 2**-255, 2.0**257, 2.0**300, 3e-300):
    print(repr(x), x.hex(), hash(x), float.fromhex(x.hex()) == x, x.is_integer(), f"{x:.3g} {x:.3e} {x:.2f}"[:60])
inf, nan = float("inf"), float("nan")
print(inf, -inf, nan, inf - inf, inf * 0, nan == nan, nan != nan, nan < 1, inf > 10**1000, min(nan, 1) is nan, [nan] == [nan], nan in [nan])
print(0.0 == -0.0, str(-0.0), 0.0 is -0.0, -0.0 + 0, 1 / inf, -1 / inf, hash(inf), hash(-inf))
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(-7.5, 2), 2.0 ** 0.5, (-8.0) ** (1/3), 0.0 ** 0, -2.0 ** 2)
print(round(2.5), round(-2.5), round(2.675, 2), round(1e300, -299), round(5.015, 2), round(1.5), round(0.5), round(1234.5678, -2), int(-3.9), round(2.5, 0))
print((0.75).as_integer_ratio(), (1e300).as_integer_ratio()[1], float("  1_0.5e-1 "), float("-inf"), float("+nan"), float("1e400"), float("1e-400"))
print(1.0 == 1, hash(1.0) == hash(1), 1.5 < 2, 2**53 == float(2**53), 2**53 + 1 > float(2**53), 10**16 < 1e16 + 2)
print(f"{3.14159:.2f}|{3.14159:10.3f}|{3.14159:<10.1f}|{-3.14159:+.1f}|{1234567.891:,.2f}|{0.000012345:g}|{1e10:g}|{12345678.0:g}|{0.5:%}|{1.0:#.3g}|{nan:5}|{inf:f}|{1e6:_.1f}|{3.0:010.2f}|{-3.0: .1f}|{3.0: }|{2.0:z.0f}|{-0.01:z.1f}")
print("%.3f|%10.2e|%-10.1f|%+g|%05.1f|%.0f|%s|%r" % (3.14159, 31415.9, 2.55, 1e-10, 2.5, 2.5, 1.0, 0.1))
import math
print(math.floor(-2.5), math.ceil(-2.5), math.trunc(-2.5), math.fmod(-7, 3), math.copysign(1, -0.0), math.isclose(0.1 + 0.2, 0.3), math.fsum([0.1] * 10), math.frexp(10.0), math.ldexp(0.5, 4), math.modf(-2.5), math.nextafter(1.0, 2.0), math.ulp(1.0), math.hypot(3, 4), math.isqrt(17))
for bad in ("float('1e')", "float('')", "float('1 2')", "float('0x1')", "round(float('nan'))", "int(1e400)", "math.sqrt(-1)", "math.log(0)", "float.fromhex('zz')", "1.0 .__lshift__", "10.0 ** 400", "(1.5).to_bytes", "1.0 % 'a'"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__)
class F(float): pass
print(F(1.5) + 1, type(F(1.5) + 1), F(2), repr(F(2.5)), F("1.5"), abs(F(-1)), -F(1))
total = 0.0
for i in range(1000): total += 0.1
print(total, sum([0.1] * 1000), 1e308 * 10, -1e308 * 10, 5e-324 / 2, 1e16 + 1, 9007199254740993.0)
