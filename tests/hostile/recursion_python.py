# timeout: 60
# Endless recursion in Python code of every kind ends in RecursionError.
import sys
def plain(): return plain()
def two(): return three()
def three(): return two()
class C:
    def __getattr__(self, n): return getattr(self, n + "x")
    def __call__(self): return self()
    def __eq__(self, o): return self == o
    def __repr__(self): return repr(self)
    def __str__(self): return str(self)
    def __hash__(self): return hash(self)
    def __len__(self): return len(self)
    def __bool__(self): return bool(self)
    def __iter__(self): return iter(self)
    def __getitem__(self, i): return self[i]
    def __contains__(self, x): return x in self
    def __add__(self, o): return self + o
    def __lt__(self, o): return self < o
    def __format__(self, s): return format(self, s)
    def __index__(self): return [1][self]
    def __enter__(self):
        with self: pass
    def __exit__(self, *a): pass
    def __instancecheck__(self, o): return isinstance(o, self)
    @property
    def p(self): return self.p
    def __setattr__(self, n, v): setattr(self, n, v)
    def __next__(self): return next(self)
def gen(): yield from gen()
async def co(): await co()
def deco(f): return deco(f)
c = C()
cases = dict(plain=plain, two=two, getattr=lambda: c.q, call=c, eq=lambda: c == 1, repr=lambda: repr(c), str=lambda: str(c), hash=lambda: hash(c), len=lambda: len(c), bool=lambda: bool(c), iter=lambda: iter(c), item=lambda: c[0], contains=lambda: 1 in c, add=lambda: c + 1, lt=lambda: c < 1, format=lambda: f"{c}", index=lambda: [1][c], enter=lambda: c.__enter__(), instance=lambda: isinstance(1, c), prop=lambda: c.p, setattr=lambda: setattr(c, "a", 1), next=lambda: next(c), gen=lambda: list(gen()), co=lambda: co().send(None), deco=lambda: deco(1), lam=lambda: (lambda f: f(f))(lambda f: f(f)), sort=lambda: sorted([c, c]), map=lambda: list(map(lambda x: plain(), [1])), key=lambda: {c: 1}, exec=lambda: exec(src, {"src": src}), evals=lambda: eval("f()", {"f": plain}), comp=lambda: [plain() for _ in [1]], cls=lambda: meta())
src = "exec(src, {'src': src})"
def meta():
    class X: meta()
for name, f in cases.items():
    try: f(); print(name, "no error")
    except RecursionError: print(name, "RecursionError")
def depth(n): return n if n == 0 else depth(n - 1)
print(depth(800)); sys.setrecursionlimit(20_000); print(depth(15_000))
def handler():
    try: handler()
    except RecursionError: raise
try: handler()
except RecursionError: print("through handlers")
