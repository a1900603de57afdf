# Generators: send, throw, close, delegation, attributes, finalization.
import gc
import sys
import warnings
import weakref


def show(f, *args):
    try:
        print("->", repr(f(*args)))
    except BaseException as e:
        print(type(e).__name__, e, "|", type(e.__cause__).__name__, type(e.__context__).__name__)


def counter(n):
    got = []
    for i in range(n):
        got.append((yield i))
    return got


g = counter(3)
print(type(g).__name__, g.__name__, g.__qualname__, repr(g).startswith("<generator object counter at 0x"))
print(iter(g) is g, g.gi_running, g.gi_suspended, g.gi_yieldfrom, g.gi_code is counter.__code__)
show(g.send, 1)
show(g.send, None)
show(g.send, "a")
print(g.gi_suspended, g.gi_frame is g.gi_frame, g.gi_frame.f_locals["got"], g.gi_frame.f_lineno - counter.__code__.co_firstlineno)
show(g.__next__)
show(g.send, "b")
show(g.send, "c")
show(next, g)
show(next, g, "default")
print(g.gi_frame, g.gi_suspended)
show(type(g))
show(setattr, g, "__name__", 1)
g.__name__ = "other"
g.__qualname__ = "q.other"
print(g.__name__, repr(g).split(" at ")[0])
show(delattr, g, "__name__")
show(setattr, g, "gi_code", 1)
print(type(g)[int].__origin__)
show(next, (x for x in ()))

# throw
def catcher():
    while True:
        try:
            got = yield "ready"
        except ValueError as e:
            got = yield f"caught {e!r}"
        print("got", got)


g = catcher()
show(g.throw, KeyError("unstarted"))
show(next, g)
g = catcher()
next(g)
show(g.throw, ValueError("x"))
show(g.send, 5)
show(g.throw, ValueError)
show(g.throw)
show(g.throw, 1, 2, 3, 4)
show(g.throw, 1)
show(g.throw, "text")
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    g = catcher()
    next(g)
    show(g.throw, ValueError, "arg")
    g = catcher()
    next(g)
    show(g.throw, ValueError, ("a", "b"), None)
    g = catcher()
    next(g)
    show(g.throw, ValueError("inst"), "separate")
    show(g.throw, ValueError, None, "no traceback")
    show(g.throw, ValueError, ValueError("same"))
    for m in w:
        print(m.category.__name__, m.message)
show(g.throw, KeyError("out"))
show(g.throw, KeyError("finished"))
show(next, g)

# the context of what is thrown
def in_handler():
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            yield 1
        except ValueError as e:
            print(type(e.__context__).__name__)
        yield sys.exception()


g = in_handler()
next(g)
print(sys.exception())
show(g.throw, ValueError("inside"))
print(sys.exception())
show(next, g)


def outside():
    yield sys.exception()
    raise KeyError("from generator")


g = outside()
try:
    raise ValueError("resumer's")
except ValueError:
    print(repr(next(g)))
try:
    raise TypeError("another")
except TypeError:
    show(next, g)


def saved():
    try:
        raise ValueError("mine")
    except ValueError:
        yield sys.exception()
        yield sys.exception()
    yield sys.exception()


g = saved()
print(repr(next(g)), sys.exception())
try:
    raise KeyError("theirs")
except KeyError:
    print(repr(next(g)), repr(sys.exception()))
    print(repr(next(g)), repr(sys.exception()))

# close
def closer(how):
    try:
        yield 1
    except GeneratorExit:
        if how == "return":
            return "value"
        if how == "raise":
            raise ValueError("in close")
        if how == "yield":
            yield 2
        raise
    finally:
        print("finally", how)


for how in ("return", "raise", "pass", "yield"):
    g = closer(how)
    next(g)
    show(g.close)
    show(g.close)
g = closer("unstarted")
show(g.close)
show(next, g)


def stops():
    yield 1
    raise StopIteration("inner")


g = stops()
next(g)
show(next, g)


def running():
    show(me.send, 1)
    show(me.throw, ValueError)
    show(me.close)
    print(me.gi_running, me.gi_suspended, me.gi_frame is sys._getframe())
    yield


me = running()
next(me)
print(me.gi_running)
del me

# delegation
class Manual:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 2:
            raise StopIteration("manual result")
        return self.n

    def send(self, v):
        return ("sent", v)

    def throw(self, *args):
        print("throw", [getattr(a, "__name__", a) for a in args])
        if args[0] is KeyError:
            raise StopIteration("ended by throw")
        if args[0] is TypeError:
            raise ZeroDivisionError("other")
        return "thrown"

    def close(self):
        print("closed", outer.gi_running, outer.gi_suspended)


def delegator(to):
    try:
        r = yield from to
    except BaseException as e:
        print("outer sees", repr(e))
        raise
    print("result", r)
    yield "after"
    return "end"


outer = delegator(Manual())
show(next, outer)
print(type(outer.gi_yieldfrom).__name__)
show(outer.send, "x")
show(outer.throw, ValueError)
show(outer.throw, KeyError)
print(outer.gi_yieldfrom)
show(next, outer)
outer = delegator(Manual())
next(outer)
show(outer.throw, TypeError)
outer = delegator(Manual())
next(outer)
show(outer.close)
outer = delegator(Manual())
next(outer)
show(outer.throw, GeneratorExit)
outer = delegator([1, 2])
show(next, outer)
show(outer.send, "no send")
outer = delegator(iter([1, 2]))
next(outer)
show(outer.throw, ValueError("no throw"))
show(delegator(5).send, None)


def inner():
    try:
        x = yield 1
        print("inner got", x)
        yield 2
    except ValueError as e:
        print("inner caught", e, len(list(frames())))
        yield 3
    return "inner result"


def frames():
    f = sys._getframe(1)
    while f:
        if f.f_code.co_name in ("inner", "delegator", "frames"):
            yield f.f_code.co_name
        f = f.f_back


outer = delegator(delegator(inner()))
show(next, outer)
show(outer.send, "v")
show(outer.throw, ValueError("deep"))
show(next, outer)
show(next, outer)
show(next, outer)
outer = delegator(delegator(inner()))
next(outer)
show(outer.throw, LookupError("unhandled"))
outer = delegator(delegator(inner()))
next(outer)
show(outer.close)


def tb_names(e):
    tb, names = e.__traceback__, []
    while tb:
        names.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    return names


def raiser():
    yield 1
    raise OSError("at the bottom")


outer = delegator(delegator(raiser()))
next(outer)
try:
    next(outer)
except OSError as e:
    print(tb_names(e))
outer = delegator(delegator(raiser()))
next(outer)
try:
    outer.throw(RuntimeError("thrown"))
except RuntimeError as e:
    print(tb_names(e))


def busy():
    yield from helper()


def helper():
    try:
        yield 1
    finally:
        show(next, b)
        print(b.gi_running, b.gi_frame is not None)


b = busy()
next(b)
show(b.close)

# values of StopIteration
def returns(v):
    return v
    yield


for v in (None, 1, (1, 2), StopIteration(3), ValueError("v")):
    try:
        next(returns(v))
    except StopIteration as e:
        print(e.args, repr(e.value))


def take(v):
    print("took", repr((yield from returns(v))))


for v in (None, (), (1,), StopIteration("x")):
    list(take(v))


def mapped():
    r = yield from map(str, returns("through map"))
    print(r)
    r = yield from [list(returns("lost"))]
    print(r)


print(list(mapped()))

# finalization
def noisy(name):
    try:
        yield name
    finally:
        print("finalized", name)


g = noisy("a")
next(g)
r = weakref.ref(g)
del g
print(r())
for x in noisy("b"):
    break
g = noisy("never started")
del g
g = noisy("cycle")
next(g)
box = [g]
g.gi_frame.f_locals
box.append(box)
del g, box
gc.collect()


def unraisable(u):
    print("unraisable", type(u.exc_value).__name__, u.exc_value)


sys.unraisablehook = unraisable
g = closer("yield")
next(g)
del g
g = closer("raise")
next(g)
del g
g = closer("return")
next(g)
del g

keep = []
def resurrect():
    try:
        yield 1
    finally:
        keep.append(sys._getframe())


g = resurrect()
next(g)
del g
print(len(keep), keep[0].f_code.co_name, keep[0].f_locals)

# frames
g = counter(2)
f = g.gi_frame
print(f.f_back, f.f_lineno - counter.__code__.co_firstlineno)
next(g)
print(f is g.gi_frame, f.f_back, f.f_locals["i"])
list(g)
print(g.gi_frame, f.f_locals["i"], f.f_back is sys._getframe())
for f in (counter(1).send, counter(1).throw):
    show(f)
show(type(g))
show(lambda: type(g)())
