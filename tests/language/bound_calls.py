# Calls that start in the loop itself: getters of properties, bound methods, instances with __call__.
import sys
class A:
    def __init__(self): self.n = 0
    @property
    def p(self): self.n += 1; return self.n
    @property
    def bad(self): raise ValueError('bad')
    @property
    def gen(self): yield from (1, 2)
    @property
    def deep(self): return self.deep
    @property
    def lam(self): return [x * self.n for x in range(3)]
    def m(self, a, b=2, *c, d=4, **e): return a, b, c, d, e
    def g(self, n): yield n; yield self.n
    def __call__(self, a=1, *b, c=3, **d): return a, b, c, d
    def me(self): return sys._getframe().f_code.co_name
    async def co(self): return 5
a = A()
print(a.p + a.p * a.p, [a.p, a.p], {a.p: a.p}, f'{a.p}', a.lam)
x = a
x = x.p
print(x, list(a.gen), list(map(lambda o: o.p, [a, a])))
try: a.bad
except ValueError as e: print(e.__traceback__.tb_next.tb_frame.f_code.co_name, e.__traceback__.tb_lineno, e.__traceback__.tb_next.tb_next)
y = 'kept'
try: y = a.bad
except ValueError: print(y)
try: a.deep
except RecursionError as e: print(type(e).__name__)
try: a.p = 1
except AttributeError as e: print(e)
m = a.m
print(m(1), m(1, 3), m(1, 2, 3, 4, d=5, z=6), m(b=1, a=0), m(*[1, 2], **{'q': 1}))
for bad in (lambda: m(), lambda: m(1, a=2), lambda: a(c=1, e=2, a=3, b=4), lambda: a(1, a=2)):
    try: print(bad())
    except TypeError as e: print(e)
print(a(), a(1, 2, c=4, e=5), list(m.__func__(a, 1)), list(a.g(3)), (lambda f: f())(a.me), [f(7) for f in [a, m]])
class B(A):
    def __call__(self, *a, **k): return super().__call__(*a, **k)
    @property
    def p(self): return super().p + 100
b = B(); print(b(5, c=6), b.p, b.p)
class C:
    __call__ = A()
print(C()(1, c=2))
class D:
    def __call__(self, n): return self(n - 1) if n else 0
print(D()(200))
try: D()(10**6)
except RecursionError: print('RecursionError')
class E:
    f = staticmethod(lambda *a: a)
    g = classmethod(lambda *a: len(a))
    h = print
    i = A()
e = E(); print(e.f(1), e.g(1), e.i(1), (e.f)(2), [k(3) for k in (e.f, e.g, e.i)])
class F:
    __slots__ = 'a', 'b'
    def __init__(self): self.b = 1
for i in range(3):
    f = F(); f.a = i; f.a = f.a + 1; f.b += 1; print(f.a, f.b); del f.a
    try: f.a
    except AttributeError as x: print(x)
    f.a = 5; print(f.a)
class G(F): pass
for i in range(3):
    g = G(); g.c = 1; g.a = 2; g.d = 3; g.a = 4; print(g.a, g.b, g.__dict__)
A.m = lambda self, *a: ('new', a); print(m(1), a.m(1))
del A.__call__
try: a()
except TypeError as e: print(e)
A.__call__ = 5
try: a()
except TypeError as e: print(e)
c = a.co(); 
try: c.send(None)
except StopIteration as s: print(s.value)
