# Classes, instances and long chains of them die; weak references see it.
import gc, sys, weakref, time
# classes die
def mk(i):
    class Base:
        __slots__=('a','b')
        def __init__(self): self.a=1; self.b=2
    class D(Base):
        x = i
        def m(self): return super().__init__()
        def __del__(self): pass
    d = D(); d.m(); d.z = 3; d.__dict__; d2 = D(); d2.y=1
    d2.__class__ = type('E',(Base,),{'q':lambda s:1})
    d2.w=5
    assert d2.w==5 and d2.y==1
    return weakref.ref(D), weakref.ref(d), weakref.ref(Base)
refs = [mk(i) for i in range(300)]
gc.collect(); gc.collect()
print(sum(r() is not None for rs in refs for r in rs))
# deep chain
class N:
    def __init__(self,n): self.n=n
x=None
for i in range(100000): x=N(x)
del x
x=None
for i in range(100000): x=[x]
del x
x=None
for i in range(100000): x=(x,)
w=weakref.ref(N(1)); print(w())
del x
class F:
    def __init__(self,n): self.n=n
    def __del__(self): pass
x=None
for i in range(50000): x=F(x)
del x
# resurrect
L=[]
class R:
    def __del__(self): L.append(self)
r=R(); w=weakref.ref(r); del r
print(len(L), w() is L[0]); L.clear(); print(w())
# callbacks
out=[]
class C: pass
c=C(); rs=[weakref.ref(c, lambda r,i=i: out.append(i)) for i in range(5)]
del c; print(out)
# ref cycles
c=C(); c.c=c; w=weakref.ref(c, lambda r: out.append('cyc')); del c; gc.collect(); print(out[-1], w())
# self weakref in dict
c=C(); c.w=weakref.ref(c, lambda r: out.append('self')); del c; gc.collect(); print(out[-1])
for i in range(200):
    class A: pass
    class B(A): pass
    A.f = i; B().f
    del A, B
gc.collect()
print(len(object.__subclasses__())<500, C.__subclasses__())
