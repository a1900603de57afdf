# Definition, inheritance, MRO, super, class and static methods, attributes.
class A:
    """Doc."""
    kind = "a"
    def __init__(self, x=1):
        self.x = x
    def hello(self):
        return f"A.hello {self.x}"
    @classmethod
    def make(cls, *args):
        return cls(*args)
    @staticmethod
    def double(n):
        return n * 2
    def __repr__(self):
        return f"{type(self).__name__}({self.x})"

class B(A):
    kind = "b"
    def hello(self):
        return "B then " + super().hello()

a, b = A(), B.make(5)
print(a, b, a.hello(), b.hello(), A.double(4), b.double(3))
print(a.kind, b.kind, B.__mro__, B.__bases__, A.__doc__, B.__doc__)
a.kind = "own"
print(a.kind, A.kind, a.__dict__, vars(b))
del a.kind
print(a.kind)

class D1(A):
    def hello(self): return "D1 " + super().hello()
class D2(A):
    def hello(self): return "D2 " + super().hello()
class D(D1, D2):
    def hello(self): return "D " + super().hello()
print(D(7).hello(), [c.__name__ for c in D.__mro__])
try:
    class Bad(A, B): pass
except TypeError as error:
    print(str(error).split("\n")[0])

print(isinstance(b, A), issubclass(B, (int, A)), isinstance(1, (str, int)), type(b) is B)
for name in ("nope",):
    try:
        a.nope
    except AttributeError as error:
        print(error, error.name, error.obj is a)
try:
    A.nope
except AttributeError as error:
    print(error)
try:
    A(1, 2, 3)
except TypeError as error:
    print(error)
try:
    object().x = 1
except AttributeError as error:
    print(error)
try:
    object(1)
except TypeError as error:
    print(error)

class Hooks:
    def __getattr__(self, name):
        return "missing " + name
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2)
    def __delattr__(self, name):
        print("del", name)
        super().__delattr__(name)
h = Hooks()
h.v = 4
print(h.v, h.other)
del h.v
print(h.v, getattr(h, "q"), hasattr(a, "q"), getattr(a, "q", 9))

class Get:
    def __getattribute__(self, name):
        return "all " + name
print(Get().anything)

bound = b.hello
print(bound.__self__ is b, bound.__func__ is B.hello, bound())
print(A.hello(b))
b.__class__ = D
print(type(b), b.hello())
T = type("T", (A,), {"extra": 5, "m": lambda self: self.x + 1})
print(T(2).m(), T.extra, T.__name__, T.__module__)
class Outer:
    class Inner:
        def f(self): pass
print(Outer.Inner.__qualname__, Outer.Inner.f.__qualname__)
class Priv:
    def __init__(self): self.__x = 1
    def get(self): return self.__x
print(Priv().get(), list(vars(Priv())))
class Init:
    def __init__(self): return 5
try: Init()
except TypeError as e: print(e)
class New:
    def __new__(cls, x):
        self = super().__new__(cls)
        self.made = x
        return self
    def __init__(self, x): self.init = x + 1
n = New(1); print(n.made, n.init)
class NewOther:
    def __new__(cls): return 42
    def __init__(self): print("not called")
print(NewOther())
