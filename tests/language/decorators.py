# Decorators on functions, methods, classes; order; with arguments.
def trace(name):
    print("make", name)
    def decorate(f):
        print("apply", name, f.__name__)
        def wrapper(*a, **k):
            print("call", name)
            return f(*a, **k)
        wrapper.__name__ = f.__name__
        return wrapper
    return decorate

@trace("outer")
@trace("inner")
def add(a, b):
    return a + b
print(add(1, b=2))

def tag(cls):
    cls.tagged = True
    return cls
@tag
class C:
    @staticmethod
    def s(): return "s"
    @classmethod
    def c(cls): return cls.__name__
    @property
    def p(self): return self._p
    @p.setter
    def p(self, v): self._p = v * 2
    @p.deleter
    def p(self): print("deleting"); del self._p
print(C.tagged, C.s(), C.c(), C().s())
c = C(); c.p = 4; print(c.p); del c.p
try: c.p
except AttributeError as e: print(e)
class RO:
    @property
    def x(self): "doc of x"; return 1
try: RO().x = 1
except AttributeError as e: print(e)
try: del RO().x
except AttributeError as e: print(e)
print(RO.x.__doc__, RO.x.fget(RO()))
table = {"d": lambda f: f() * 2}
@table["d"]
def value(): return 21
print(value)
@(lambda f: [f])
def boxed(): pass
print(len(boxed))
class Counting:
    def __init__(self, f): self.f, self.n = f, 0
    def __call__(self, *a): self.n += 1; return self.f(*a)
@Counting
def sq(x): return x * x
print(sq(3), sq(4), sq.n)
import functools
@functools.wraps(add)
def w(): "w"
print(w.__name__, w.__wrapped__ is add)
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(60), fib.cache_info().hits)
