# Special methods: binary, reflected, in-place, comparison, hash, bool, call, containers.
class N:
    def __init__(self, v): self.v = v
    def __repr__(self): return f"N({self.v})"
def op(name, symbol):
    def normal(self, other):
        return f"{self}{symbol}{other}" if isinstance(other, (N, int)) else NotImplemented
    def reflected(self, other): return f"{other}{symbol}{self} r"
    setattr(N, f"__{name}__", normal); setattr(N, f"__r{name}__", reflected)
for name, symbol in dict(add="+", sub="-", mul="*", truediv="/", floordiv="//", mod="%", pow="**", matmul="@",
                         lshift="<<", rshift=">>", xor="^", divmod="dm").items():
    op(name, symbol)
setattr(N, "__and__", lambda s, o: "and"); setattr(N, "__or__", lambda s, o: "or")
a, b = N(1), N(2)
print(a + b, a - 1, 1 * a, a / b, 5 // a, a % b, a ** b, 2 ** a, a @ b, a << b, 1 >> a, a ^ b, divmod(a, b), a & b, a | b)
try: a + "x"
except TypeError as e: print(e)
try: b & 1, 1 & b
except TypeError as e: print(e)
class I:
    def __init__(self): self.log = []
    def __iadd__(self, o): self.log.append(o); return self
i = I(); j = i; i += 1; i += 2
print(j.log, i is j)
class U:
    def __neg__(self): return "neg"
    def __pos__(self): return "pos"
    def __invert__(self): return "inv"
    def __abs__(self): return "abs"
    def __round__(self, n=None): return ("round", n)
    def __int__(self): return 3
    def __float__(self): return 2.5
    def __complex__(self): return 1j
    def __index__(self): return 4
    def __trunc__(self): return 9
    def __floor__(self): return "floor"
u = U()
import math
print(-u, +u, ~u, abs(u), round(u), round(u, 2), int(u), float(u), complex(u), hex(u), math.floor(u), [0] * u)
class Cmp:
    def __init__(self, v): self.v = v
    def __eq__(self, o): print("eq"); return NotImplemented if not isinstance(o, Cmp) else self.v == o.v
    def __lt__(self, o): print("lt"); return self.v < o.v
    def __hash__(self): return hash(self.v)
print(Cmp(1) == Cmp(1), Cmp(1) != Cmp(2), Cmp(1) < Cmp(2), Cmp(1) > Cmp(2), Cmp(1) == 1, len({Cmp(1), Cmp(1)}))
class Sub(N):
    def __radd__(self, o): return "sub radd"
print(a + Sub(3))
class NoHash:
    def __eq__(self, o): return True
try: hash(NoHash())
except TypeError as e: print(e)
class L:
    def __len__(self): return 0
    def __call__(self, *a, **k): return a, k
    def __contains__(self, x): return x == 3
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * 10
    def __reversed__(self): return "rev"
l = L()
print(bool(l), l(1, k=2), 3 in l, 4 in l, list(l), reversed(l), 20 in iter(l))
class B:
    def __bool__(self): return 5
try: bool(B())
except TypeError as e: print(e)
class Neg:
    def __len__(self): return -1
try: len(Neg())
except ValueError as e: print(e)
class S:
    def __str__(self): return 5
try: str(S())
except TypeError as e: print(e)
class Str:
    def __repr__(self): return "r"
print(str(Str()), [Str()], "%s %r" % (Str(), Str()), f"{Str()}")
class Mut:
    def __eq__(self, o): return "truthy string"
print(Mut() == 1, [Mut()] == [1], Mut() in [1])
print(pow(N(1), 2), sum([1, 2], N(0)) if False else "", N.__add__(a, "x"))
