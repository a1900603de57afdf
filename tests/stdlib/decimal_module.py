# decimal: arithmetic, rounding, contexts, conversions, formats
import copy
import pickle
from decimal import *
from fractions import Fraction

D = Decimal


def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, e)


# construction and text
for text in ['1.50', '-0', '1e-7', '123E+5', '0E3', ' 1_000.5 ', 'NaN12', '-sNaN', 'inf', '\u0661\u0662', '']:
    attempt(D, text)
for v in [0.1, 2**70, True, (1, (1, 2, 3), -2), [0, [0], 'F'], None, (1, 2), (2, (1,), 0), (0, (10,), 0)]:
    attempt(D, v)
print(D('1234.5678').as_tuple(), D('123e4').to_eng_string(), D('-0.00').adjusted())
print(D('0.75').as_integer_ratio(), D('1e3').as_integer_ratio(), D('-0.001').as_integer_ratio())
print(int(D('-3.99')), float(D('0.1')), round(D('2.5')), round(D('2.675'), 2), D('2.5').__ceil__(), complex(D('1.5')))

# operators
a, b = D('12.345'), D('-6.7')
print(a + b, a - b, a * b, a / b, a // b, a % b, divmod(a, b), a ** 3, a ** D('0.5'), -a, abs(b), +a)
print(1 + a, 3 - a, 2 * a, 100 / a, 7 // b, 7 % b, 2 ** a, pow(D(7), 20, 11))
attempt(lambda: a + 1.5)
attempt(lambda: a / 0)
attempt(lambda: D(0) / 0)
attempt(lambda: D('inf') - D('inf'))
attempt(lambda: D('sNaN') + 1)
attempt(lambda: D(10) ** 10 ** 8)

# comparison and hashes
print(D('1.0') == 1 == D(1), D('0.5') == 0.5, D('0.1') == 0.1, D('0.1') < 0.1, D('1.5') == Fraction(3, 2), D(2) == 2 + 0j)
print(hash(D('1e20')) == hash(10**20), hash(D('0.5')) == hash(0.5), hash(D('0.1')) == hash(Fraction(1, 10)))
print(D('nan') == D('nan'), D('-0') == 0, D('1.0').compare_total(D('1')), D(3).compare(D('nan')), D(5).max(7), D(-5).max_mag(3))
attempt(lambda: D('nan') < 1)
attempt(hash, D('sNaN'))

# contexts
with localcontext(prec=9, rounding=ROUND_DOWN) as c:
    print(D(2).sqrt(), D(1).exp(), D(10).ln(), D(2).log10(), D(1) / 3, c)
for r in [ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_05UP]:
    print(r, [str(D(x).quantize(D('1'), rounding=r)) for x in ['2.5', '-2.5', '3.5', '1.1', '5.01', '-0.9']])
c = Context(prec=3, Emin=-5, Emax=5, traps=[])
for x in ['123456', '999.9', '999999', '0.00001234', '1e-9', '1e9', '-1e9']:
    print(c.create_decimal(x), [s.__name__ for s in c.flags if c.flags[s]])
    c.clear_flags()
print(c.Etiny(), c.Etop(), c.next_plus(D('1')), c.next_minus(D('1')), c.next_toward(D('1'), D('-inf')), c.number_class(D('1e-6')))
print(c.rotate(123, 1), c.shift(123, -1), c.scaleb(7, 2), c.logb(250), c.logical_xor(D(1101), D(1011)), c.logical_invert(D(101)))
attempt(Context, prec=0)
attempt(setattr, c, 'rounding', 'x')
attempt(c.flags.__getitem__, 3)
print(Context(flags=[Inexact]).flags == {s: s is Inexact for s in c.flags}, sorted(s.__name__ for s in getcontext().traps if getcontext().traps[s]))
print(issubclass(DivisionByZero, ZeroDivisionError), issubclass(Underflow, Inexact), InvalidOperation.__mro__[1].__name__)

# long numbers
with localcontext(prec=1200):
    x = D(2).sqrt()
    print(str(x)[-30:], str(x * x - 2)[:12], str(D(7) ** 1000)[-30:], str((D(10) ** 1100 + 1) / (D(10) ** 600 + 7))[-20:])
    print(str(D(3).ln())[-30:], str(D(-1).exp())[-30:], str(D(1) / 998001)[:60])
with localcontext(prec=60000):
    x = D(3) ** 100000
    print(x == 3 ** 100000, x // 3 ** 60000 == 3 ** 40000, x % 10 ** 9)

# formats
for spec in ['', '.2f', ',.3f', '+.1e', '.3g', '010.2f', '*^15', '<8', '.0%', ' ,', '.5', 'E', '020,.1f']:
    print(spec, [format(D(x), spec) for x in ['1234567.891', '-0.05', '1e20', 'NaN']])
attempt(format, D(1), 'x')
print(format(D('-0.001'), 'z.1f'), f'{D("3.14159"):>10.3}', '{:n}'.format(D('1234.5')))

# copies and pickles
x = D('1.20')
print(copy.copy(x) is x, copy.deepcopy(x) is x, pickle.loads(pickle.dumps(x)), pickle.loads(pickle.dumps(c)).prec)


class Money(Decimal):
    def __repr__(self):
        return 'Money(%s)' % self


m = Money('1.5')
print(repr(m), repr(m + 1), repr(Money.from_float(0.5)), type(m + m).__name__, pickle.loads(pickle.dumps(D('NaN'))))
