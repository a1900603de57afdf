# Data and non-data descriptors, __set_name__, slots, precedence.
class Data:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name); self.name = name
    def __get__(self, obj, owner=None):
        if obj is None: return f"class access by {owner.__name__}"
        return obj.__dict__.get(self.name, "default")
    def __set__(self, obj, value): obj.__dict__[self.name] = f"set {value}"
    def __delete__(self, obj): print("delete"); obj.__dict__.pop(self.name, None)
class NonData:
    def __get__(self, obj, owner): return "nondata"
class C:
    d = Data()
    n = NonData()
c = C()
print(C.d, c.d, c.n)
c.d = 1; c.n = "own"
print(c.d, c.n, c.__dict__)
del c.d; print(c.d)
c.__dict__["d"] = "raw"; print(c.d)

class S:
    __slots__ = ("a", "b")
s = S(); s.a = 1
print(s.a, S.a, hasattr(s, "__dict__"))
try: s.b
except AttributeError as e: print(e)
try: s.c = 1
except AttributeError as e: print(e)
class T(S):
    __slots__ = ("c", "__dict__")
t = T(); t.a, t.c, t.z = 1, 2, 3
print(t.a, t.c, t.z, t.__dict__)
try:
    class Bad:
        __slots__ = ("x",); x = 1
except ValueError as e: print(e)
class Lazy:
    def __init__(self, f): self.f = f
    def __get__(self, o, t):
        v = o.__dict__[self.f.__name__] = self.f(o); print("computed"); return v
class L:
    @Lazy
    def v(self): return 5
l = L(); print(l.v, l.v)
print(type(C.__dict__["n"]).__name__, C.__dict__["d"].__get__(None, C))
f = L.__init__
print(type(f).__name__, type("".join).__name__, type(str.join).__name__, type(dict.fromkeys).__name__)
class M:
    def m(self): return self
print(M.__dict__["m"].__get__(7, int)(), M.m.__qualname__)
class Meta(type):
    @property
    def mp(cls): return "meta prop of " + cls.__name__
class WithMeta(metaclass=Meta): pass
print(WithMeta.mp)
try: WithMeta().mp
except AttributeError as e: print(e)
print(super(WithMeta, WithMeta()).__thisclass__.__name__)
