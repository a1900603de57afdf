# Which special method is called for what, and how classes are made.
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
# binary op dispatch
class A:
    def __add__(s,o): return 'A+'
    def __radd__(s,o): return 'A r+'
    def __eq__(s,o): return NotImplemented
    __hash__=None
class B(A):
    def __radd__(s,o): return 'B r+'
class C(A): pass
t(lambda: A()+B()); t(lambda: A()+C()); t(lambda: 1+A()); t(lambda: A()+1); t(lambda:B()+A()); t(lambda: A()==A()); t(lambda: A()!=A()); t(lambda:A()<A()); t(lambda: A()-1); t(lambda: [] + A()); t(lambda: A()*[1]); t(lambda: [1]*A())
class I(int):
    def __radd__(s,o): return 'I r+'
t(lambda: 1+I(2)); t(lambda: I(1)+1); t(lambda: I(1)+I(1)); t(lambda: True+I(1))
class L(list):
    def __radd__(s,o): return 'L r+'
t(lambda: [1]+L()); t(lambda: L([1])+[2]); t(lambda: (1,)+L())
class M(list):
    def __add__(s,o): return 'M+'
    def __iadd__(s,o): return 'M+='
    def __mul__(s,o): return 'M*'
t(lambda: M()+1); t(lambda: M()*2); t(lambda: 2*M([1])); 
def f():
    m=M(); m+=1; return m
t(f)
class N:
    __add__=None; __radd__=None; __lt__=None; __eq__=None; __contains__=None; __iter__=None; __len__=None; __bool__=None; __getitem__=None; __call__=None; __hash__=None; __index__=None
for e in ("N()+1","1+N()","N()<1","N()==1","1 in N()","iter(N())","len(N())","bool(N())","N()[0]","N()()","hash(N())","range(N())","N()!=1","1>N()", "list(N())"): t(lambda: eval(e))
class O:
    def __getattr__(s,n): return n
    def __len__(s): return -1
    def __bool__(s): return 1
    def __iter__(s): return 1
    def __index__(s): return 'x'
    def __repr__(s): return 1
    def __str__(s): return 2
    def __format__(s,f): return 3
    def __init__(s,*a): return a or None
    def __contains__(s,x): return 'yes'
    def __next__(s): raise StopIteration(5)
    def __int__(s): return 'i'
    def __float__(s): return 'f'
    def __complex__(s): return 'c'
    def __bytes__(s): return 'b'
    def __dir__(s): return 5
    def __reversed__(s): return 'rev'
    def __round__(s,n=None): return ('r',n)
    def __trunc__(s): return 1
    def __length_hint__(s): return 'h'
    def __enter__(s): return 'e'
    def __abs__(s): return 'abs'
    def __invert__(s): return 'inv'
    def __divmod__(s,o): return 'dm'
    def __pow__(s,o,m=None): return ('pow',m)
    def __rpow__(s,o,m=None): return ('rpow',m)
    def __ipow__(s,o): return 'ipow'
    def __matmul__(s,o): return '@'
    def __getitem__(s,k): return k
    def __setitem__(s,k,v): print('set',k,v)
    def __delitem__(s,k): print('del',k)
    def __call__(s,*a,**k): return a,k
for e in ("len(O())","bool(O())","range(O())","repr(O())","str(O())","format(O())","O(1)","3 in O()","next(O())","int(O())","float(O())","complex(O())","bytes(O())","dir(O())","reversed(O())","round(O())","round(O(),2)","abs(O())","~O()","divmod(O(),1)","O()**2","2**O()","pow(O(),1,2)","O()@1","O()[1:2,...]","O()[1]","O()(1,a=2)","O().zz","'%s'%O()","f'{O()}'","O().__class__", "-O()", "+O()", "O()+1", "O()//1","O()>>1"): t(lambda: eval(e))
def g():
    o=O(); o[1]=2; del o[1]; o[1:2]=3; o **= 2; return o
t(g)
class D:
    def __get__(s,o,t=None): return ('get', o is None, t.__name__ if t else t)
    def __set__(s,o,v): print('set',v)
    def __delete__(s,o): print('delete')
    def __set_name__(s,o,n): print('name',o.__name__,n)
class E:
    d=D()
    def __init__(s): s.__dict__['d']=5
    def __getattribute__(s,n):
        if n=='boom': raise AttributeError('boom!')
        return object.__getattribute__(s,n)
    def __getattr__(s,n): return 'ga '+n
    def __setattr__(s,n,v): print('sa',n); object.__setattr__(s,n,v)
    def __delattr__(s,n): print('da',n); object.__delattr__(s,n)
def h():
    e=E(); print(e.d, E.d, e.boom, e.nope); e.d=1; e.q=3; print(e.q); del e.q; del e.d; print(e.q)
    try: del e.zzz
    except AttributeError as x: print(x)
t(h)
class ND:
    def __set__(s,o,v): print('set')
class F: x=ND()
def k():
    f=F(); print(type(f.x).__name__); f.x=1; f.__dict__['x']=2; print(f.x)
    try: del f.x
    except AttributeError as e: print(e)
t(k)
class G:
    __slots__=('a','__dict__')
def l():
    g=G(); g.b=1; print(g.__dict__)
    try: g.a
    except AttributeError as e: print(e)
    g.a=2; print(g.a); del g.a
    try: del g.a
    except AttributeError as e: print(e)
    print(G.a)
t(l)
class X:
    def __init_subclass__(cls, **k): print('is',cls.__name__,k)
    def __class_getitem__(cls,k): return (cls.__name__,k)
class Y(X, a=1): pass
print(Y[3])
class MT(type):
    def __new__(m,n,b,ns,**k): print('new',n,b,sorted(ns),k); return super().__new__(m,n,b,ns)
    def __init__(c,n,b,ns,**k): print('init',k); super().__init__(n,b,ns)
    @classmethod
    def __prepare__(m,n,b,**k): print('prep',m.__name__,n,b,k); return {'pre':1}
    def __call__(c,*a,**k): print('call',a,k); return super().__call__(*a,**k)
class Z(metaclass=MT, kw=3):
    def __init__(s,*a): print('zinit',a)
    def me(self): return __class__
print(Z(1).me(), Z.pre)
class Z2(Z, kw=4): pass
Z2(5)
t(lambda: type('Q',(Z,),{}))
class Ent:
    def __mro_entries__(s,b): return (list,)
class W(Ent()): pass
print(W.__bases__, type(W.__orig_bases__[0]).__name__)
t(lambda: type('q',(Ent(),),{}))
def bad():
    class Q(Ent, metaclass=lambda n,b,ns: 5): pass
    return Q
t(bad)
class SN:
    def __set_name__(self,o,n): 1/0
try:
    class T: a=SN()
except ZeroDivisionError as e: print(e, e.__notes__)
class Cell(type):
    def __new__(m,n,b,ns): 
        ns.pop('__classcell__',None); return super().__new__(m,n,b,ns)
try:
    class V(metaclass=Cell):
        def f(self): return __class__
except RuntimeError as e: print(e)
try:
    class V2(metaclass=lambda *a: type('x',(),a[2]) and type('y',(),{})):
        def f(self): return __class__
except TypeError as e: print(e)
