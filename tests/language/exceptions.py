# try, except, else, finally, raise from, custom exceptions, attributes.
def run(kind):
    try:
        if kind == "value":
            raise ValueError("bad", 1)
        if kind == "key":
            {}["missing"]
        if kind == "own":
            raise Own("x")
        if kind == "class":
            raise KeyError
    except (ValueError, TypeError) as error:
        print("value", error.args, str(error))
    except KeyError as error:
        print("key", repr(error), str(error))
    except Exception as error:
        print("other", type(error).__name__, error)
    else:
        print("else")
    finally:
        print("finally")

class Own(Exception):
    def __str__(self):
        return "own:" + super().__str__()

for kind in ("value", "key", "own", "class", "none"):
    run(kind)

try:
    try:
        1 / 0
    except ZeroDivisionError as first:
        raise RuntimeError("second") from first
except RuntimeError as error:
    print(repr(error.__cause__), error.__suppress_context__, error.__context__ is error.__cause__)
try:
    try:
        1 / 0
    finally:
        int("x")
except ValueError as error:
    print(repr(error.__context__), error.__cause__)
try:
    try:
        raise KeyError(1)
    except KeyError:
        raise TypeError from None
except TypeError as error:
    print(error.__suppress_context__, repr(error.__context__))

try:
    try:
        raise ValueError("again")
    except ValueError:
        raise
except ValueError as error:
    print("reraised", error)
try:
    raise
except RuntimeError as error:
    print(error)
for bad in (1, "text", int):
    try:
        raise bad
    except TypeError as error:
        print(error)
try:
    try:
        1 / 0
    except "text":
        pass
except TypeError as error:
    print(error)
e = ValueError("x")
try:
    raise e
except ValueError as e:
    pass
try:
    e
except NameError as error:
    print(error)

def nested():
    try:
        try:
            return "value"
        finally:
            print("inner")
    finally:
        print("outer")
print(nested())
err = ValueError("a")
err.add_note("note one")
print(err.__notes__)
print(repr(OSError(2, "No such file", "f.txt")), OSError(2, "x").errno, type(OSError(2, "x")).__name__)
print(FileNotFoundError.__mro__[1].__name__, issubclass(KeyError, LookupError))
try:
    open("/nonexistent/file")
except OSError as error:
    print(error, error.errno, error.filename)
print(StopIteration(5).value, SystemExit(3).code, repr(BaseException()), KeyError("k"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"))
def tb():
    try: raise ValueError
    except ValueError as e: return e.__traceback__
t = tb()
print(t.tb_lineno, t.tb_frame.f_code.co_name, t.tb_next)
