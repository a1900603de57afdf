# Coroutines and asynchronous generators, driven by hand.
import gc
import sys
import types
import warnings


def show(f, *args):
    try:
        print("->", repr(f(*args)))
    except BaseException as e:
        print(type(e).__name__, e, "|", type(e.__cause__).__name__, type(e.__context__).__name__)


@types.coroutine
def pause(v):
    return (yield v)


async def work(v):
    try:
        got = await pause(v)
    except ValueError as e:
        return f"caught {e}"
    return got


async def outer(v):
    return [await work(v)]


c = work(1)
print(type(c).__name__, c.__name__, c.__qualname__, repr(c).startswith("<coroutine object work at 0x"))
print(c.cr_running, c.cr_suspended, c.cr_await, c.cr_origin, c.cr_code is work.__code__, c.cr_frame is not None)
show(c.send, 5)
show(c.send, None)
print(c.cr_running, c.cr_suspended, type(c.cr_await).__name__)
show(c.send, "result")
show(c.send, None)
show(c.throw, ValueError)
print(c.close(), c.cr_frame)
c = work(1)
show(iter, c)
show(lambda: [x for x in c])
c.close()
show(type(c))

c = outer(2)
show(c.send, None)
show(c.throw, ValueError("deep"))
c = outer(2)
c.send(None)
show(c.throw, KeyError("not caught"))
c = outer(2)
c.send(None)
show(c.close)
show(c.send, None)

w = work(3).__await__()
print(type(w).__name__, iter(w) is w)
show(next, w)
show(w.send, "via wrapper")
show(next, w)
w = work(3).__await__()
next(w)
show(w.throw, ValueError("w"))
show(w.close)


async def awaits(x):
    return await x


class Await:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        return self.v


def run(c):
    try:
        while True:
            print("yielded", repr(c.send(None)))
    except StopIteration as e:
        return e.value


show(run, awaits(Await(iter([1, 2]))))
show(run, awaits(Await((yield_ for yield_ in "ab"))))


def kind(f, *args):
    # The texts differ between 3.13 and 3.14.
    try:
        f(*args)
    except BaseException as e:
        print(type(e).__name__)


kind(run, awaits(Await(5)))
inner = work(1)
kind(run, awaits(Await(inner)))
inner.close()
inner = work(1)
inner.send(None)
first = awaits(inner)
show(first.send, None)
second = awaits(inner)
show(second.send, None)
inner.close()
show(first.close)


def plain():
    yield 1


show(run, awaits(types.coroutine(plain)()))


async def stops():
    raise StopIteration("x")


show(run, stops())


def not_a_coroutine():
    yield from work(1)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    show(list, not_a_coroutine())
    gc.collect()


# never awaited
def hook(message, category, filename, lineno, file=None, line=None):
    print(category.__name__, message)


warnings.showwarning = hook
warnings.simplefilter("always")
work(1)
c = work(1)
c.close()
del c


def made():
    return work(1)


sys.set_coroutine_origin_tracking_depth(2)
print(sys.get_coroutine_origin_tracking_depth())
c = made()
print([(f.rsplit("/")[-1], line - made.__code__.co_firstlineno, name) for f, line, name in c.cr_origin])
c.close()
sys.set_coroutine_origin_tracking_depth(0)


# asynchronous generators
async def numbers(n):
    for i in range(n):
        try:
            got = yield i
            if got is not None:
                print("got", got)
        except ValueError as e:
            print("caught", e)
        if i == 1:
            await pause("inside")


def step(awaitable):
    try:
        while True:
            print("   waits", repr(awaitable.send(None)))
    except BaseException as e:
        print(type(e).__name__, e)


g = numbers(4)
print(type(g).__name__, g.__name__, g.__qualname__, repr(g).startswith("<async_generator object numbers at 0x"))
print(g.ag_running, g.ag_suspended, g.ag_await, g.ag_code is numbers.__code__, g.ag_frame is not None)
print(g.__aiter__() is g, hasattr(g, "__iter__"), hasattr(g, "__await__"))
step(g.asend("early"))
step(g.__anext__())
print(g.ag_suspended)
step(g.asend("value"))
step(g.athrow(ValueError("thrown")))
step(g.__anext__())
step(g.aclose())
step(g.__anext__())
step(g.aclose())
step(g.athrow(KeyError))
print(g.ag_frame)

a = numbers(2).__anext__()
print(type(a).__name__, iter(a) is a, a.__await__() is a)
show(a.send, None)
show(a.send, None)
show(a.throw, ValueError)
show(a.close)
a = numbers(2).asend(None)
show(a.close)
show(a.send, None)
g = numbers(2)
a = g.athrow(KeyError("k"))
print(type(a).__name__)
show(a.send, 1)
show(a.send, None)
show(a.send, None)
g = numbers(2)
a = g.aclose()
show(a.throw, ValueError("into aclose"))
show(a.send, None)

# two at once
g = numbers(3)
step(g.__anext__())
step(g.__anext__())
a = g.__anext__()
show(a.send, None)
print(g.ag_running, type(g.ag_await).__name__)
for make in (g.__anext__, lambda: g.asend(1), lambda: g.athrow(ValueError), g.aclose):
    b = make()
    show(b.send, None)
    b = make()
    show(b.throw, ValueError("concurrent"))
show(a.send, None)
print(g.ag_running)


async def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
step(g.__anext__())
step(g.aclose())


async def quiet():
    try:
        yield 1
    except GeneratorExit:
        await pause("closing")
        print("closed")


g = quiet()
step(g.__anext__())
step(g.aclose())
g = quiet()
step(g.__anext__())
a = g.athrow(GeneratorExit)
step(a)


async def raises(what):
    yield 1
    raise what


for what in (StopIteration("s"), StopAsyncIteration("a"), KeyError("k")):
    g = raises(what)
    step(g.__anext__())
    step(g.__anext__())
    step(g.__anext__())


async def loop(it):
    async for x in it:
        print("item", x)
    else:
        print("else")
    return [x async for x in numbers(3) if x != 1]


show(run, loop(numbers(2)))
show(run, loop(5))


class NoAnext:
    def __aiter__(self):
        return 5


show(run, loop(NoAnext()))


class BadAnext:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 5


show(run, loop(BadAnext()))

# anext
show(run, awaits(anext(numbers(2))))
show(run, awaits(anext(numbers(0), "default")))
show(run, awaits(anext(numbers(1), "default")))
show(run, awaits(anext(numbers(0))))
show(anext, 5)
a = anext(numbers(0), 7)
print(type(a).__name__)
show(a.send, None)


class Own:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.n -= 1
        if self.n < 0:
            raise StopAsyncIteration
        return await pause(self.n)


def resend(c, v):
    try:
        c.send(None)
        while True:
            c.send(v)
    except StopIteration as e:
        return e.value


show(resend, awaits(anext(Own(1), "default")), "sent")
show(resend, awaits(anext(Own(0), "default")), "sent")
a = anext(Own(1), "default")
show(a.send, None)
show(a.throw, ValueError("through"))
a = anext(Own(1), "default")
show(a.send, None)
show(a.close)


# hooks
def first(g):
    print("first", g.__name__)


def final(g):
    print("finalizer", g.__name__)


old = sys.get_asyncgen_hooks()
print(old)
sys.set_asyncgen_hooks(first, finalizer=final)
g = numbers(3)
step(g.__anext__())
step(g.__anext__())
del g
gc.collect()
g = numbers(1)
a = g.aclose()
del a
del g
sys.set_asyncgen_hooks(*old)


class Manager:
    def __init__(self, swallow):
        self.swallow = swallow

    async def __aenter__(self):
        return await pause("enter")

    async def __aexit__(self, *exc):
        print("exit", exc[0], await pause("exit"))
        return self.swallow


async def managed(swallow):
    async with Manager(swallow) as m:
        print("in", m)
        raise ValueError("in with")
    return "swallowed"


show(run, managed(True))
show(run, managed(False))
with warnings.catch_warnings():
    warnings.simplefilter("error")
    g = numbers(1)
    sys.unraisablehook = lambda u: print("unraisable", u.exc_value)
    a = g.asend(1)
    del a
    work(1)
