# complex numbers.
z = 3 + 4j
print(z, z.real, z.imag, abs(z), z.conjugate(), -z, z * z, z / (1 - 1j), z ** 2, z ** 0.5, 2 ** z, z + 1, 1 - z, z == 3 + 4j, z != 3)
print(1j, -1j, 0j, complex(1), complex(1, 2), complex("1+2j"), complex("-3.5j"), complex(" 1e3-2e-2j "), complex("inf"), complex(1, float("nan")), repr(-0j), complex(-0.0, -0.0))
print(hash(1 + 0j) == hash(1), hash(3 + 4j), bool(0j), 1j ** 2, complex(1, 2) * 2.5, f"{z:.2f} {z} {z:>12}", "%s" % z, (1 + 2j).__pow__(0))
for bad in ("1j < 2", "1j // 1", "1j % 2", "int(1j)", "float(1j)", "complex('1+')", "complex('a')", "divmod(1j, 1)", "complex(1, 'a')", "round(1j)"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__)
import cmath
print(cmath.sqrt(-1), cmath.phase(1j), cmath.polar(1j), round(cmath.exp(1j * cmath.pi).real, 5), cmath.isnan(complex("nan")))
class C:
    def __complex__(self): return 2 + 1j
print(complex(C()), 1j.imag.is_integer(), sum([1j, 2]), max([1, 2j], key=abs))
