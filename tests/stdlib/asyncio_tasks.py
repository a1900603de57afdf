# Futures, tasks and what the loop is told of them.
import asyncio
import contextvars
import gc
import weakref


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


class Loop:
    """Keeps what it is asked to call."""

    def __init__(self):
        self.ready = []

    def get_debug(self):
        return False

    def is_running(self):
        return False

    def call_soon(self, callback, *args, context=None):
        self.ready.append((callback, args, context))

    def call_exception_handler(self, context):
        print("handler:", {k: v if isinstance(v, str) else type(v).__name__ for k, v in context.items()})


print("== a future")
loop = Loop()
f = asyncio.Future(loop=loop)
print(f.done(), f.cancelled(), f._state, f._callbacks, f._loop is loop, f.get_loop() is loop)
print(attempt(f.exception))
order = []


def first(fut):
    order.append("first")


def second(fut):
    order.append("second")


for cb in (first, second, first):
    f.add_done_callback(cb)
print([cb.__name__ for cb, _ in f._callbacks])
print(f.remove_done_callback(first), f.remove_done_callback(print), [cb.__name__ for cb, _ in f._callbacks])
f.add_done_callback(first, context=contextvars.copy_context())
f.set_result(7)
print(f._state, f.result(), f.exception(), f._callbacks, f)
print([(cb.__name__, args == (f,)) for cb, args, _ in loop.ready])
print(attempt(f.set_result, 8), "|", attempt(f.set_exception, ValueError()))
print(f.cancel(), f.cancelled())
f.add_done_callback(second)
print(loop.ready[-1][0].__name__)

print("== exceptions")
f = asyncio.Future(loop=loop)
print(attempt(f.set_exception, 1), "|", attempt(f.set_exception, int))
f.set_exception(ValueError("no"))
print(f._log_traceback, attempt(f.result), f._log_traceback, repr(f.exception()), f)
f = asyncio.Future(loop=loop)
f.set_exception(StopIteration(1))
print(repr(f.exception()), repr(f.exception().__cause__))
f = asyncio.Future(loop=loop)
f.set_exception(KeyError)
print(attempt(setattr, f, "_log_traceback", True))
del f
gc.collect()
f = asyncio.Future(loop=loop)
f.cancel("because")
print(f, attempt(f.result), f._cancel_message, repr(f._make_cancelled_error()))

print("== iteration")
f = asyncio.Future(loop=loop)
it = f.__await__()
print(type(it).__name__, next(it) is f, f._asyncio_future_blocking, attempt(next, it))
f.set_result("r")
print(repr(attempt(it.send, None)))
f = asyncio.Future(loop=loop)
it = iter(f)
next(it)
print(attempt(it.throw, ValueError("thrown")), attempt(it.throw, 1), it.close(), list(it))

print("== a task by hand")


async def waits(on):
    print("  waits")
    try:
        return await on
    finally:
        print("  goes on")


loop = Loop()
asyncio._set_running_loop(loop)
f = asyncio.Future(loop=loop)
t = asyncio.Task(waits(f), loop=loop, name="T")
step, args, context = loop.ready.pop()
print(type(step).__name__, args, step.__self__ is t, context is t.get_context())
print(repr(t).split(" running")[0], attempt(step, 1))
step()
print(t._fut_waiter is f, f, asyncio.current_task(loop), asyncio.all_tasks(loop) == {t})
f.set_result(5)
wakeup, args, context = loop.ready.pop()
print(wakeup.__name__, wakeup.__self__ is t, args == (f,))
wakeup(*args)
print(t._state, t.result(), t._fut_waiter, asyncio.all_tasks(loop))
print(attempt(t.set_result, 1), "|", attempt(t.set_exception, 1))
t = asyncio.Task(waits(asyncio.Future(loop=loop)), loop=loop, name=12)
print(repr(t.get_name()), t.set_name(13), repr(t.get_name()), t.cancel("stop"), t._must_cancel, t.cancelling(), t.uncancel())
del t, step, wakeup, args
loop.ready.clear()
gc.collect()
asyncio._set_running_loop(None)
print(attempt(asyncio.Task, 5, loop=loop), "|", attempt(asyncio.current_task), "|", attempt(asyncio.get_running_loop))

print("== in a loop")
var = contextvars.ContextVar("var", default=0)


async def nested(n):
    var.set(n)
    if n:
        await asyncio.create_task(nested(n - 1))
    await asyncio.sleep(0)
    return var.get(), asyncio.current_task().get_name()


class Sub(asyncio.Task):
    pass


class Awaitable:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        for _ in range(self.n):
            yield
        return self.n


async def bad(what):
    class Yields:
        def __await__(self):
            yield what

    try:
        await Yields()
    except RuntimeError as e:
        return str(e).split(" <")[0].split(" in task")[0]


async def itself():
    try:
        await asyncio.current_task()
    except RuntimeError as e:
        return str(e).split(":")[0]


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, coro, **kw: Sub(coro, loop=loop, **kw))
    t = loop.create_task(nested(3), name="outer")
    print(await t, type(t).__name__, isinstance(t, asyncio.Future), var.get())
    loop.set_task_factory(None)
    print(await Awaitable(3), await asyncio.gather(*(asyncio.sleep(0, i) for i in range(5))))
    print(await bad(7), "|", await asyncio.create_task(itself()))
    # Cancellation: caught, refused, and during a wait.
    async def stubborn():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError as e:
            print("  refused", e.args, asyncio.current_task().cancelling(), asyncio.current_task().uncancel())
        return "stayed"

    t = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    print(t.cancel("please"), await t, t.cancelled())
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    t.cancel("now")
    try:
        await t
    except asyncio.CancelledError as e:
        print("cancelled", e.args, t.cancelled(), t.cancelling())
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(10)
    except TimeoutError as e:
        print(repr(e), repr(e.__cause__))
    # Errors of one in a group.
    async def fails():
        await asyncio.sleep(0)
        raise ValueError("inside")

    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(fails())
            other = g.create_task(asyncio.sleep(10))
    except* ValueError as e:
        print([repr(x) for x in e.exceptions], other.cancelled())
    # Eager tasks.
    loop.set_task_factory(asyncio.eager_task_factory)

    async def at_once():
        return asyncio.current_task().get_name()

    t = loop.create_task(at_once())
    print(t.done(), t.result() is not None, t._coro, asyncio.current_task() in asyncio.all_tasks())
    loop.set_task_factory(None)
    # A queue between two.
    q, back = asyncio.Queue(1), asyncio.Queue(1)

    async def server():
        for _ in range(1000):
            await back.put(await q.get() * 2)

    async def client():
        total = 0
        for i in range(1000):
            await q.put(i)
            total += await back.get()
        return total

    print((await asyncio.gather(server(), client()))[1])
    # Stack, weak references, callbacks that fail.
    t = asyncio.create_task(asyncio.sleep(0.001))
    await asyncio.sleep(0)
    print(len(t.get_stack()), t.get_stack()[0].f_code.co_name)
    r = weakref.ref(t)
    await t
    del t
    await asyncio.sleep(0)
    print(r())
    loop.set_exception_handler(lambda loop, context: print("  handler:", context["message"].split(" at ")[0].split("(")[0]))
    f = loop.create_future()
    f.add_done_callback(lambda f: 1 / 0)
    f.set_result(None)
    await asyncio.sleep(0)
    var.set("explicit")
    f = loop.create_future()
    f.add_done_callback(lambda f: print("  context:", var.get()), context=None)
    f.set_result(None)
    await asyncio.sleep(0)
    patched = []
    plain = loop.call_soon
    loop.call_soon = lambda *a, **kw: patched.append(a) or plain(*a, **kw)
    await asyncio.sleep(0)
    del loop.call_soon
    await asyncio.sleep(0)
    print(len(patched), asyncio.Future[int], asyncio.Task.__class_getitem__(str))


asyncio.run(main())
