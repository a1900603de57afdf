# type.__call__, __prepare__, __new__, __init_subclass__, keywords, conflicts.
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, kw); return {"injected": 1}
    def __new__(mcs, name, bases, ns, **kw):
        print("new", name, sorted(k for k in ns if not k.startswith("__")))
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw); super().__init__(name, bases, ns)
    def __call__(cls, *args):
        print("call", cls.__name__, args); return super().__call__(*args)
    def __len__(cls): return 42
    def __getitem__(cls, k): return (cls.__name__, k)
    def __contains__(cls, x): return x == 1
    def __iter__(cls): return iter("xyz")
    def __instancecheck__(cls, o): return o == 5
    def __subclasscheck__(cls, o): return o is int
class A(metaclass=Meta, flag=1):
    def __init__(self, x=0): self.x = x
class B(A): y = 2
print(B(3).x, A.injected, len(A), A["k"], 1 in A, list(A), isinstance(5, A), isinstance(6, A), issubclass(int, A))
print(type(B), type(type(B)))

class Base:
    registry = []
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw); cls.registry.append((cls.__name__, tag))
class P(Base, tag="p"): pass
class Q(P): pass
print(Base.registry)
try:
    class R(Base, nope=1): pass
except TypeError as e: print(e)
class M1(type): pass
class M2(type): pass
class X1(metaclass=M1): pass
class X2(metaclass=M2): pass
try:
    class X3(X1, X2): pass
except TypeError as e: print(e)
print(type("Dyn", (), {}), type(5), type(type))
class Mro(type):
    def mro(cls): return [cls, object]
class Z(metaclass=Mro): pass
print(Z.__mro__)
def meta_function(name, bases, ns): return (name, sorted(set(ns) - {"__firstlineno__", "__static_attributes__"}))
class F(metaclass=meta_function): a = 1
print(F)
class Entries:
    def __mro_entries__(self, bases): return (dict,)
class E(Entries()): pass
print(E.__bases__, E.__orig_bases__[0].__class__.__name__)
try:
    class Final(bool): pass
except TypeError as e: print(e)
try:
    class Num(1): pass
except TypeError as e: print(e)
print([c.__name__ for c in Base.__subclasses__()], type.mro(int))
class Gen:
    def __class_getitem__(cls, item): return f"{cls.__name__}[{item}]"
print(Gen[int])
