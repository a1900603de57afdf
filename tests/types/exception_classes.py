# The builtin exception classes: constructors, attributes, texts, pickling state, setters, subclassing.
import builtins, pickle, copy

def show(f):
    try:
        r = f()
        print(type(r).__name__, r if isinstance(r, (str, int, tuple, list, dict, type(None))) else repr(r))
    except BaseException as e:
        print("raises", type(e).__name__, e)

for name in sorted(vars(builtins)):
    c = getattr(builtins, name)
    if isinstance(c, type) and issubclass(c, BaseException):
        print(name, c.__name__, c.__module__, [b.__name__ for b in c.__mro__])

for c in (BaseException, Exception, ValueError, KeyError, OSError, StopIteration, SystemExit, ImportError, NameError, AttributeError, MemoryError):
    for args in ((), (1,), ("a",), ("a", "b"), (("t", "u"),), ("",)):
        e = c(*args)
        print(c.__name__, repr(e), str(e), e.args, e.__reduce__())
    show(lambda: c(a=1))
    e = c("x")
    e.extra = 1
    print(e.__reduce__()[2], e.__dict__, sorted(vars(e)))

e = ValueError("x")
for a, v in [("args", 5), ("args", "ab"), ("args", [1, 2]), ("__traceback__", 5), ("__traceback__", None), ("__context__", 5), ("__context__", KeyError(1)),
             ("__cause__", 5), ("__cause__", KeyError(2)), ("__cause__", None), ("__suppress_context__", 1), ("__suppress_context__", False), ("__dict__", 5), ("__dict__", {"q": 1})]:
    show(lambda: setattr(e, a, v))
    print(a, repr(getattr(e, a)), e.__suppress_context__)
for a in ("args", "__traceback__", "__context__", "__cause__", "__suppress_context__", "q"):
    show(lambda: delattr(e, a))
show(lambda: e.with_traceback(5))
show(lambda: e.with_traceback(None) is e)
show(lambda: e.__setstate__(5)); show(lambda: e.__setstate__(None)); show(lambda: e.__setstate__({"w": 3})); print(e.w)
show(lambda: e.__setstate__({1: 3}))
show(lambda: e.add_note(5)); show(lambda: e.add_note("n1")); e.add_note("n2"); print(e.__notes__)
e.__notes__ = 7
show(lambda: e.add_note("x"))

# names
e = ImportError("m", name="n", path="p"); print(e.msg, e.name, e.path, e.name_from, e.__reduce__())
e = ModuleNotFoundError("a", "b", name="x"); print(e, e.msg, e.args, pickle.loads(pickle.dumps(e)).name)
show(lambda: ImportError("a", bad=1)); show(lambda: ImportError("a", a=1, b=2, c=3, d=4)); show(lambda: NameError("a", name=1, obj=2)); show(lambda: AttributeError("a", x=1))
e = AttributeError("t", name="n", obj=[1]); print(e.name, e.obj, e.__reduce__(), e.__getstate__(), copy.copy(e).name)
e = UnboundLocalError("t", name="q"); print(e.name, e.args)
class IE(ImportError):
    def __init__(self, x): super().__init__("fixed", name=x)
print(repr(IE("z")), IE("z").name)
e.name = 5; del e.name; print(e.name)

# values
for args in ((), (1,), (1, 2), (None,)):
    print(StopIteration(*args).value, SystemExit(*args).code, StopAsyncIteration(*args).args)
def gen():
    return 5
    yield
try: next(gen())
except StopIteration as e: print(e.value, e.args)

# OSError
for args in ((2,), (2, "t"), (2, "t", "f"), (2, "t", "f", None, "g"), (2, "t", "f", 0, None), (2, "t", None), (2, "t", "f", 0, "g", "h"), ("a", "b"), (99999, "x"), (True, "x")):
    e = OSError(*args); print(type(e).__name__, e, repr(e), e.errno, e.strerror, e.filename, e.filename2, e.args, e.__reduce__())
for n in (1, 2, 3, 4, 10, 11, 13, 17, 20, 21, 32, 103, 104, 108, 110, 111, 114, 115):
    print(n, type(OSError(n, "")).__name__, type(IOError(n, "", "f")).__name__, type(EnvironmentError(n)).__name__)
class SubOS(OSError): pass
print(type(SubOS(2, "x")).__name__, SubOS(2, "x", "f"))
class InitOS(OSError):
    def __init__(self, a, b=0): self.a = a
e = InitOS(2, b=3); print(repr(e), e.args, e.errno, e.a)
class InitOS2(OSError):
    def __init__(self, a): super().__init__(a, "text", "file")
e = InitOS2(13); print(repr(e), e, type(e).__name__, e.filename)
class NewOS(OSError):
    def __new__(cls, *a, **k): return super().__new__(cls, *a)
e = NewOS(2, "n"); print(repr(e), e)
show(lambda: OSError(1, 2, a=3)); show(lambda: InitOS2(1, 2))
e = BlockingIOError(11, "t", 5); print(e.characters_written, e.filename, e.args, e)
show(lambda: BlockingIOError(11, "t", 2**70)); show(lambda: OSError(1, "t").characters_written)
e = OSError(); e.characters_written = 7; print(e.characters_written); del e.characters_written
show(lambda: e.characters_written); show(lambda: delattr(e, "characters_written")); show(lambda: setattr(e, "characters_written", "x"))
e = FileNotFoundError(2, "gone", "f"); e.filename = None; print(e); del e.filename; print(e); e.strerror = "new"; print(e, e.args)
e2 = pickle.loads(pickle.dumps(OSError(2, "s", "f", None, "g"))); print(repr(e2), e2.filename2)
try: open("/nonexistent/file")
except FileNotFoundError as e: print(e, e.errno, e.filename, e.args)

# SyntaxError
loc = ("f.py", 3, 4, "text\n")
for args in (("m",), ("m", loc), ("m", loc + (5, 6)), ("m", ("a/b/f.py", None, 1, "x")), ("m", (None, 3, 1, "x")), ("m", (None, None, None, None)), (), ("m", loc, 3)):
    e = SyntaxError(*args); print(str(e), repr(e), e.msg, e.filename, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset, e.print_file_and_line)
for bad in ((1, 2, 3), (1, 2, 3, 4, 5), 5, "abc", "abcd"):
    show(lambda: SyntaxError("m", bad))
e = IndentationError("m", loc); e.filename = "other"; e.lineno = 2**100; e.msg = 5; print(e, TabError.__mro__[1].__name__)

# Unicode
for f in (lambda: UnicodeEncodeError("ascii", "a\xe4b", 1, 2, "r"), lambda: UnicodeEncodeError("ascii", "\u1234b", 0, 1, "r"), lambda: UnicodeEncodeError("ascii", "\U00012345b", 0, 1, "r"),
          lambda: UnicodeEncodeError("ascii", "abc", 0, 2, "r"), lambda: UnicodeEncodeError("ascii", "abc", 7, 8, "r"), lambda: UnicodeDecodeError("x", b"a\xff", 1, 2, "r"), lambda: UnicodeDecodeError("x", bytearray(b"abc"), 0, 2, "r"),
          lambda: UnicodeTranslateError("a\xe4", 1, 2, "r"), lambda: UnicodeTranslateError("abc", 0, 3, "r"),
          lambda: UnicodeEncodeError(), lambda: UnicodeEncodeError(1, 2, 3, 4, 5), lambda: UnicodeDecodeError("a", "b", 1, 2, "r"), lambda: UnicodeTranslateError("a", 1.0, 2, "r"),
          lambda: UnicodeEncodeError("a", "b", 2**80, 2, "r"), lambda: UnicodeTranslateError("a", 1, 2), lambda: UnicodeTranslateError("a", 1, 2, b"r")):
    show(f); show(lambda: str(f()))
e = UnicodeEncodeError("ascii", "abcd", 0, 1, "r"); print(e.encoding, e.object, e.start, e.end, e.reason, e.args)
e.start, e.end, e.encoding, e.reason, e.object = 1, 3, "enc", 5, "\u20acuro"; print(e)
show(lambda: setattr(e, "start", "x")); show(lambda: setattr(e, "end", 2**80)); show(lambda: delattr(e, "start"))
e2 = UnicodeEncodeError.__new__(UnicodeEncodeError); print(repr(str(e2)), e2.object, e2.start)

# layout and inheritance
class Both(ValueError, KeyError): pass
print(repr(Both("x")), str(Both("x")))
for bases in ((OSError, SyntaxError), (ImportError, OSError), (OSError, ValueError), (ValueError, OSError), (int, ValueError), (dict, Exception), (UnicodeError, OSError)):
    try: print(type("T", bases, {}).__mro__[1].__name__)
    except TypeError as x: print(x)
class Slots(ValueError):
    __slots__ = ("a",)
    def __init__(self, a): self.a = a
s = Slots(5); print(s.a, s.args, repr(s)); s.b = 1; print(s.__dict__)
class Named(Exception):
    def __init__(self, name): self.name = name
n = Named("v"); print(n.args, n.name, str(n), repr(n), copy.copy(n).name)
class NoSuper(Exception):
    def __init__(self, *a, **k): pass
print(repr(NoSuper(1, 2, k=3)), NoSuper(1).args)
show(lambda: BaseException.__new__(int)); show(lambda: BaseException.__new__(ValueError, 1))
show(lambda: BaseException.__init__(5)); show(lambda: ValueError.args)
ValueErrorSub = type("ValueErrorSub", (ValueError,), {"__module__": "m.n"}); print(repr(ValueErrorSub("x")), ValueErrorSub)
print(issubclass(EncodingWarning, Warning), PythonFinalizationError.__base__.__name__, WindowsError if "WindowsError" in vars(builtins) else None)
import gc
e = ValueError(); e.me = e; e.__context__ = KeyError(); e.__context__.__context__ = e; del e; print(gc.collect() > 0)
