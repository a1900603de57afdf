# yield, send, throw, close, yield from, return values, laziness.
def simple():
    print("start")
    x = yield 1
    print("got", x)
    try:
        y = yield 2
        print("y", y)
    except ValueError as error:
        print("caught", error)
        yield "recovered"
    finally:
        print("cleanup")
    return "done"

g = simple()
print(next(g), g.send("a"), g.throw(ValueError("v")))
try:
    next(g)
except StopIteration as stop:
    print(stop.value)
print(next(g, "exhausted"))

g = simple()
next(g); g.send(0)
g.close()
g.close()

def inner():
    got = yield "i1"
    print("inner got", got)
    yield "i2"
    return "result"
def outer():
    value = yield from inner()
    print("value", value)
    yield from [10, 20]
    yield from (x * x for x in range(3))
g = outer()
print(next(g), g.send("hey"), list(g))

def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
print(list(itertools.islice(fib(), 12)))
print(sum(x for x in range(10) if x % 2), list(x + y for x in "ab" for y in "cd"))

def raises():
    yield 1
    raise StopIteration("inside")
try:
    list(raises())
except RuntimeError as error:
    print(error, repr(error.__cause__))

g = simple()
try:
    g.send(1)
except TypeError as error:
    print(error)
def reenter():
    yield next(me)
me = reenter()
try:
    next(me)
except ValueError as error:
    print(error)
def stubborn():
    try:
        yield
    except GeneratorExit:
        yield
g = stubborn(); next(g)
try:
    g.close()
except RuntimeError as error:
    print(error)
def closing():
    try: yield 1
    except GeneratorExit: return 7
g = closing(); next(g); print(g.close())
print(type(g).__name__, g.__name__, g.gi_running, g.gi_frame)
def throw_in():
    try:
        yield from inner_t()
    except KeyError as e:
        yield ("outer", e.args)
def inner_t():
    try: yield 1
    except ValueError as e: raise KeyError("k") from e
g = throw_in(); next(g); print(g.throw(ValueError()))
def gen_args(*a, **k): yield a, k
print(next(gen_args(1, x=2)))
x = (print("lazy") or i for i in [1])
print("before"); next(x)
def walk(t):
    if isinstance(t, list):
        for s in t: yield from walk(s)
    else: yield t
print(list(walk([1, [2, [3, [4]], 5]])))
