"""Context managers and decorators: with, contextlib, wrappers with state."""

from contextlib import ExitStack, contextmanager, suppress
from functools import wraps


class Transaction:
    def __init__(self, store):
        self.store = store

    def __enter__(self):
        self.saved = dict(self.store)
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            self.store.clear()
            self.store.update(self.saved)
        return kind is ValueError


@contextmanager
def indented(log, text):
    log.append("<" + text)
    try:
        yield len(log)
    finally:
        log.append(text + ">")


def counted(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def retry(times):
    def decorate(function):
        @wraps(function)
        def wrapper(*args):
            for left in reversed(range(times)):
                try:
                    return function(*args, left)
                except LookupError:
                    if not left:
                        raise

        return wrapper

    return decorate


def checked(**types):
    def decorate(function):
        def wrapper(**kwargs):
            for name, kind in types.items():
                if not isinstance(kwargs[name], kind):
                    raise TypeError(name)
            return function(**kwargs)

        return wrapper

    return decorate


@counted
def add(a, b=1, *, c=0):
    return a + b + c


@retry(3)
def unsteady(n, left):
    if (n + left) % 4:
        raise LookupError(n)
    return n


@checked(a=int, b=str)
def combine(a, b):
    return len(b) * a


class Cached:
    """A descriptor as decorator."""

    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        value = instance.__dict__[self.name] = self.function(instance)
        return value


class Circle:
    def __init__(self, r):
        self.r = r

    @Cached
    def area(self):
        return self.r * self.r * 3

    @staticmethod
    def unit():
        return Circle(1)

    @classmethod
    def of(cls, r):
        return cls(r)


def main():
    store = {"sum": 0, "n": 0}
    for n in range(150_000):
        with Transaction(store):
            store["sum"] += n
            store["n"] += 1
            if n % 3 == 0:
                raise ValueError
    print(store)
    log, depth = [], 0
    for n in range(60_000):
        with indented(log, "a") as a, indented(log, "b") as b:
            depth += b - a
        if len(log) > 1000:
            log.clear()
    print(depth, log[:4])
    total = 0
    for n in range(250_000):
        total += add(n, b=2) + add(n, 3, c=n)
    print(total, add.calls, add.__name__)
    failures = 0
    for n in range(60_000):
        try:
            unsteady(n)
        except LookupError:
            failures += 1
    print(failures)
    print(sum(combine(a=n, b="xy") for n in range(120_000)))
    print(sum(c.area + c.area + Circle.unit().r for c in map(Circle.of, range(80_000))))
    closed = []
    for n in range(15_000):
        with ExitStack() as stack:
            stack.callback(closed.append, n)
            stack.enter_context(suppress(KeyError))
            {}[n]
    print(len(closed))


main()
