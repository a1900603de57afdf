# object and type: attributes, repr, comparison defaults, dir, copying, pickling basics.
class A:
    "doc"
    x: int = 1
    def m(self): "mdoc"
a = A()
print(A.__name__, A.__qualname__, A.__module__, A.__doc__, A.m.__doc__, A.__dict__["x"], A.__annotations__, A.__bases__, A.__base__, A.__class__, a.__class__, a.__doc__)
print(a == a, a == A(), a != A(), hash(a) == hash(a), repr(a).startswith("<__main__.A object at 0x"), str(a) == repr(a), bool(a), a.__eq__(1), a.__ne__(a), object().__lt__(1))
print(sorted(n for n in dir(a) if not n.startswith("__")), "__weakref__" in dir(A), A.__dict__.__class__.__name__, type(A.__dict__["m"]).__name__)
try: A.__dict__["y"] = 1
except TypeError as e: print(e)
A.y = 2; print(a.y, "y" in A.__dict__); A.__name__ = "Renamed"; print(A.__name__, A.__qualname__)
for bad in ("int.x = 1", "del int.real", "A.__name__ = 1", "type('X', (), {}, 1)", "type(1, 2)", "type()", "object.__new__()", "object.__new__(1)", "object.__new__(int)", "a.__class__ = int", "A.__bases__ = ()", "int.__new__(str)", "None.x = 1", "a.m = 1; a.m()", "type('a', (int, str), {})", "type('a\\0', (), {})"):
    try: exec(bad); print(bad, "ok")
    except Exception as e: print(bad, type(e).__name__, e)
class E: pass
class F(E): pass
class G: pass
F.__bases__ = (G,) if False else (E,)
print(F.__mro__ == (F, E, object), issubclass(F, E), E.__subclasses__() == [F])
print(isinstance(type, object), isinstance(object, type), type(type) is type, issubclass(type, object), object.__bases__, object.__base__)
print(int.__doc__[:7], len.__name__, len.__self__.__name__, [].append.__name__, str.upper.__qualname__, str.upper.__objclass__, list.__len__([1]), type(list.__len__).__name__)
print(format(a, "").startswith("<"), a.__format__("")[:5], a.__sizeof__() > 0, a.__reduce_ex__(2)[0].__name__, a.__dir__().__class__, A.__subclasshook__(1), a.__init_subclass__())
try: format(a, "x")
except TypeError as e: print(e)
class WithDict:
    def __init__(self): self.b, self.a = 1, 2
w = WithDict(); print(vars(w), list(w.__dict__)); w.__dict__["c"] = 3; print(w.c); w.__dict__ = {"z": 1}; print(vars(w), hasattr(w, "a"))
import copy, pickle
print(copy.copy(w).z, copy.deepcopy([w])[0].z, pickle.loads(pickle.dumps(w)).z, type(None)() is None, type(...)() is ..., type(NotImplemented)() is NotImplemented)
import types
print(types.SimpleNamespace(a=1, b="x"), types.MappingProxyType({1: 2}), types.FunctionType.__name__, types.ModuleType("m").__name__, isinstance(print, types.BuiltinFunctionType), types.new_class("N", (A,)).y, types.NoneType)
