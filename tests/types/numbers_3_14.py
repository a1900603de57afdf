# needs: 3.14
# What is new in 3.14 about numbers: messages, complex with real, from_number, what int() takes.
def show(text):
    try: result = repr(eval(text))
    except Exception as e: result = f"{type(e).__name__}: {e}"
    print(text, "->", result)
class T:
    def __trunc__(self): return 5
class C:
    def __complex__(self): return 1+2j
class X:
    def __index__(self): return 7
class F(float): pass
class Z(complex): pass
import warnings; warnings.simplefilter("error")
for line in r"""
1//0
1%0
divmod(1,0)
10**30//0
10**30%0
1.0/0
1.0//0
1.0%0
divmod(1.0,0)
0**-1
0.0**-1
0**-1.5
1j/0
0j**-1
0j**1j
complex([])
complex(1,'x')
complex('1','1')
complex(1,[])
(1e200+1e200j)**2
1/complex('inf+infj')
complex('1e300+1j')*complex('nan+infj')
complex(1,-0.0)+0
1-complex(0,0.0)
(1e300+1e300j)**3
(-0.0)**-3
complex(b'1')
complex(None)
complex(1,None)
int(T())
~True
complex(1+0j, 2)
complex(1, 2j)
complex(C(), 1)
complex(C())
complex(X(), X())
complex("1", 2)
complex(real="1")
float.from_number(5)
float.from_number(X())
float.from_number("5")
type(F.from_number(1.5)), F.from_number(1.5)
complex.from_number(5)
complex.from_number(C())
complex.from_number("5")
type(Z.from_number(1)), Z.from_number(1j)
1j + -0.0, complex(1, -0.0) + 2, 2 + complex(1, -0.0)
-0.0 - complex(0.0, 0.0), complex(-0.0, -0.0) - 0
float("inf") * 1j, complex(0, -0.0) * 3, 3 * complex(0, -0.0)
complex(float("inf"), 1) / 2, 2 / complex(float("inf"), 1), 1 / complex(0, float("inf"))
complex("infj") * complex("1+1j"), complex("inf") * complex("inf")
(1).__round__(None), round(15, None)
f"{1234567.1234567:,.6_f}"
bool.__doc__ is not None, (5).__class__.__mro__
""".strip().split("\n"): show(line)
