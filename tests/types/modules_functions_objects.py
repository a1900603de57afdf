# Function, method, code, cell, frame, module objects.
import sys, types
def f(a, b=1, *c, d=2, **e):
    "doc"
    x = a
    return lambda: x
print(f.__code__.co_name, f.__code__.co_varnames, f.__code__.co_cellvars, f.__code__.co_argcount, f.__code__.co_kwonlyargcount, f.__code__.co_firstlineno, f.__code__.co_flags & 0x0F, f.__defaults__, f.__kwdefaults__, f.__closure__, f(1).__closure__[0].cell_contents, f(1).__code__.co_freevars)
f.__defaults__ = (5,); f.__kwdefaults__ = {"d": 6}; f.__doc__ = "new"; f.__name__ = "g"
def g(a, b=0): return (a, b)
h = types.FunctionType(g.__code__, {}, "h", (9,)); print(h(1), h.__name__, g.__code__ == h.__code__, g.__globals__ is globals(), f.__name__, f.__qualname__, f.__module__)
g.__code__ = (lambda a, b=0: "swapped").__code__; print(g(1))
class C:
    def m(self, x): return (self, x)
c = C(); m = c.m; print(m.__self__ is c, m.__func__ is C.m, m == c.m, m is c.m, m.__name__, hash(m) == hash(c.m), types.MethodType(lambda s, y: y, 1)(5))
fr = sys._getframe(); print(fr.f_code.co_name, fr.f_lineno, fr.f_back, fr.f_globals is globals(), fr.f_locals is not None)
def caller(): return sys._getframe(1).f_code.co_name
def outer(): return caller()
print(outer())
mod = types.ModuleType("mod", "mdoc"); mod.x = 1; print(mod.__name__, mod.__doc__, mod.x, "x" in vars(mod), repr(mod))
try: mod.nope
except AttributeError as e: print(e)
exec("def __getattr__(n): return 'dyn ' + n", mod.__dict__); print(mod.anything)
code = compile("x = 1\ny = x + 1", "name", "exec"); ns = {}; exec(code, ns); print(ns["y"], code.co_filename, code.co_names, code.co_name, code.replace(co_name="other").co_name)
cell = types.CellType(5); print(cell.cell_contents, repr(cell)[:9]); cell.cell_contents = 6; print(cell.cell_contents, types.CellType(1) < types.CellType(2))
try: types.CellType().cell_contents
except ValueError as e: print(e)
import inspect
print(inspect.signature(f), inspect.getdoc(C), inspect.isfunction(f), inspect.getsource(outer), [p.kind.name for p in inspect.signature(f).parameters.values()], inspect.signature(C.m), inspect.getmro(C)[-1])
print(eval("__name__"), eval("1+1", {"__builtins__": {}}), sys.getrecursionlimit() > 100, sys.maxsize == 2**63 - 1, sys.byteorder, sys.version_info[0], sys.implementation.name in ("taipan", "cpython"))
try: eval("len([])", {"__builtins__": {}})
except NameError as e: print(e)
