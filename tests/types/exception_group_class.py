# BaseExceptionGroup and ExceptionGroup: construction, split, subgroup, derive, except*.
def show(f):
    try: print(repr(f()))
    except BaseException as e: print("raises", type(e).__name__, e)

V, T, K = ValueError(1), TypeError("t"), KeyboardInterrupt(2)
show(lambda: ExceptionGroup("m", [V, T])); show(lambda: BaseExceptionGroup("m", [V, T])); show(lambda: BaseExceptionGroup("m", (V, K)))
show(lambda: str(ExceptionGroup("m", [V]))); show(lambda: str(ExceptionGroup("m", [V, T])))
for args in ((), ("m",), ("m", [V], 1), (1, [V]), (None, [V]), ("m", 5), ("m", []), ("m", [1]), ("m", [V, ValueError]), ("m", {V}), ("m", {V: 1}), ("m", [K])):
    show(lambda: ExceptionGroup(*args)); show(lambda: BaseExceptionGroup(*args))
show(lambda: ExceptionGroup("m", [V], a=1))
e = ExceptionGroup("m", [V, T]); print(e.message, e.exceptions, e.args, e.__reduce__())
show(lambda: setattr(e, "message", 1)); show(lambda: setattr(e, "exceptions", 1))
print(ExceptionGroup.__mro__, ExceptionGroup.__bases__, ExceptionGroup.__base__, ExceptionGroup[int], isinstance(e, Exception))

nested = ExceptionGroup("root", [ValueError(1), ExceptionGroup("in", [TypeError(2), ValueError(3), ExceptionGroup("deep", [KeyError(4)])]), OSError(5)])
def tree(e):
    if e is None: return None
    if isinstance(e, BaseExceptionGroup): return (type(e).__name__, e.message, [tree(x) for x in e.exceptions])
    return repr(e)
for m in (ValueError, (KeyError, TypeError), Exception, ExceptionGroup, RuntimeError, lambda x: isinstance(x, OSError), lambda x: isinstance(x, ExceptionGroup) and x.message == "deep", lambda x: True, lambda x: False):
    a, b = nested.split(m); print(tree(a), "|", tree(b)); print(tree(nested.subgroup(m)))
print(nested.subgroup(Exception) is nested)
for m in (5, "x", None, int, (ValueError, int), (ValueError, 5), [ValueError]):
    show(lambda: nested.split(m)); show(lambda: nested.subgroup(m))
show(lambda: nested.split()); show(lambda: nested.subgroup(1, 2)); show(lambda: nested.derive()); show(lambda: nested.derive([V])); show(lambda: nested.derive([K])); show(lambda: nested.derive([]))
show(lambda: nested.split(lambda e: 1 / 0))

class Own(ExceptionGroup):
    def __new__(cls, message, excs, code=0):
        self = super().__new__(Own, message, excs); self.code = code; return self
    def derive(self, excs): return Own(self.message, excs, self.code)
    def __init__(self, *a, **k): pass
o = Own("own", [V, T, ExceptionGroup("x", [ValueError(9)])], code=7)
try:
    try: raise o
    except BaseException as x: raise x from KeyError("cause")
except BaseException as x: o = x
o.add_note("a note")
a, b = o.split(ValueError)
print(tree(a), tree(b), a.code, b.code, a.__notes__, a.__cause__, a.__notes__ is o.__notes__, a.__traceback__ is o.__traceback__, a.__suppress_context__)
class Bad(ExceptionGroup):
    def derive(self, excs): return 5
show(lambda: Bad("b", [V, T]).split(ValueError))
class NoBase(ExceptionGroup): pass
show(lambda: NoBase("m", [K]))

def run(e, *kinds):
    out = []
    try:
        try:
            raise e
        except* ValueError as g:
            out.append(("V", tree(g)))
            if "raise" in kinds: raise RuntimeError("new")
            if "again" in kinds: raise
        except* (TypeError, KeyError) as g:
            out.append(("TK", tree(g)))
            if "again" in kinds: raise
        else: out.append("else")
        finally: out.append("finally")
    except BaseException as x:
        out.append(("left", tree(x), repr(x.__context__ and tree(x.__context__))))
    return out
for e in (ValueError(1), TypeError(2), OSError(3), nested, ExceptionGroup("v", [ValueError(1)])):
    for kinds in ((), ("raise",), ("again",), ("raise", "again")):
        print(*run(e, *kinds), sep="\n  ")
try:
    try: raise ValueError(1)
    except* 5: pass
except BaseException as x: print(type(x).__name__, x.args if not isinstance(x, BaseExceptionGroup) else tree(x))
for c in (ExceptionGroup, (ValueError, ExceptionGroup), int):
    try:
        try: raise ValueError(1)
        except* c: pass
    except TypeError as x: print(x)
try:
    try: 1 / 0
    except 5: pass
except TypeError as x: print(x, repr(x.__context__))
deep = ValueError(0)
for i in range(50): deep = ExceptionGroup(str(i), [deep])
m, r = deep.split(ValueError); print(m is deep or tree(m) == tree(deep), r)
