# needs: 3.14
import functools as f, pickle, copy, sys
from functools import partial, cmp_to_key, reduce, lru_cache
try: from functools import Placeholder as _, _PlaceholderType as PT
except ImportError: _=PT=None
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
def cap(*a,**k): return a,k
t(partial); t(partial,1); t(partial,cap); t(partial(cap,1,a=2),3,b=4,a=5); t(lambda: partial(cap,1,a=2).args); t(lambda: partial(cap,1,a=2).keywords); t(lambda: partial(cap,1,a=2).func is cap)
p=partial(cap,1,a=2)
for n in ('func','args','keywords'):
    t(setattr,p,n,1); t(delattr,p,n)
t(lambda: p.__dict__); p.x=3; t(lambda: p.__dict__); t(delattr,p,'__dict__'); t(setattr,p,'__dict__',3)
p2=partial(p,7,b=1); t(lambda: (p2.func is p,p2.args,p2.keywords))
p3=partial(partial(cap,1,a=2),7,b=1,a=9); t(lambda: (p3.func is cap,p3.args,p3.keywords))
t(p.__reduce__); t(p.__setstate__,1); t(p.__setstate__,(1,2)); t(p.__setstate__,(cap,2,3,4)); t(p.__setstate__,(cap,(1,),None,None)); t(p); t(lambda:p.__dict__);t(p.__setstate__,(cap,(1,),{'q':3},{'z':4}));t(p);t(lambda:p.__dict__); t(p.__setstate__,(cap,(1,),{'q':3},[]));t(p.__setstate__,[cap,(1,),{},{}])
t(repr,partial(int,base=2)); t(partial(int,base=2),'101')
class P(partial): pass
t(repr,P(cap,1)); t(lambda:P(P(cap,1),2).func); t(lambda: type(partial(P(cap,1),2).func))
class Q(partial):
    def __call__(self,*a): return 'q'
t(lambda:partial(Q(cap,1),2).func)
x=partial(cap); x.__setstate__((x,(),{},{})); t(repr,x); x.__setstate__((cap,(x,),{},{})); t(repr,x);x.__setstate__((cap,(),{'a':x},{})); t(repr,x); x.__setstate__((cap,(),{},{}))
t(lambda:partial.__class_getitem__(int)); t(partial[int])
class C:
    m=partial(cap,1)
t(C().m,2); t(C.m,2)
if PT:
    t(PT); t(PT() is _); t(PT,1); t(repr,_); t(_.__reduce__); t(lambda:type('X',(PT,),{})); t(lambda:pickle.loads(pickle.dumps(_)) is _); t(copy.copy,_); t(setattr,_,'a',1)
    t(partial,cap,_); t(partial,cap,1,_); t(partial,cap,_,1); t(partial,cap,a=_); t(partial(cap,_,1)); t(partial(cap,_,1),0); t(partial(cap,_,1),0,5,x=3); t(partial(cap,_,1,_,2),0)
    q=partial(cap,_,1,_,2,k=1); t(lambda:partial(q,5).args);t(lambda:partial(q,5,6).args);t(lambda:partial(q,5,6,7).args);t(lambda:partial(q).args);t(partial,q,_); t(lambda:partial(q,_,6).args);t(lambda:partial(q,_,6)(1)); t(q,1,2,3,k=9,z=0)
    t(q.__setstate__,(cap,(1,_),{},{})); t(q.__setstate__,(cap,(_,1),{},{})); t(q,3)
    t(repr,partial(cap,_,1)); print(PT.__module__,PT.__doc__)
t(cmp_to_key); t(cmp_to_key,1); k=cmp_to_key(lambda a,b:(a>b)-(a<b)); t(k); t(type(k)); t(k,3); t(k(3).__class__); t(lambda:k(3)<k(4)); t(lambda:k(3)==k(3)); t(lambda:k(3)<3); t(hash,k(3)); t(lambda:k(3).obj); t(k,obj=3); t(k,3,4); t(lambda:k<k); t(lambda:sorted([3,1,2],key=k)); t(cmp_to_key,mycmp=1); t(cmp_to_key(1),2); t(lambda:cmp_to_key(1)(2)<cmp_to_key(1)(2)); 
kk=k(3); kk.obj=5; t(lambda:kk.obj); t(lambda: kk.foo); t(lambda: k.obj)
del kk.obj; t(lambda:kk<k(3)); t(lambda: kk.obj)
t(lambda: cmp_to_key(lambda a,b:'x')(1)<k(2))
t(reduce); t(reduce,1); t(reduce,1,2); t(reduce,1,[]); t(reduce,1,[],5); t(reduce,lambda a,b:a+b,[1,2,3]); t(reduce,lambda a,b:a+b,[1,2,3],10); t(reduce,1,[1]); t(reduce,1,[1,2]); t(reduce,lambda a,b:a+b,'abc','z'); t(reduce,lambda a,b:a+b,[1],initial=4); t(reduce, lambda a,b:a+b, iter([1,2,3]),1,2)
def fn(*a,**k): return a,k
L=f._lru_cache_wrapper
t(L); t(L,1,2,3,4); t(L,fn,'a',False,tuple); t(L,fn,1,False,1)
for ms in (0,None,2,-1,3):
  for typed in (False,True):
    c=lru_cache(maxsize=ms,typed=typed)(fn)
    t(c,1);t(c,1);t(c,1.0);t(c,True);t(c,'a');t(c,1,2);t(c,1,2);t(c,a=1);t(c,a=1);t(c,b=2,a=1);t(c,1,a=1);t(c,1,a=1.0);t(c);t(c);t(c.cache_info);t(c,[1]);t(c,1,x=[]);t(c.cache_clear);t(c.cache_info); t(c,(1,2)); t(c,1,2); t(c.cache_info)
t(c); t(copy.copy(c) is c); t(copy.deepcopy(c) is c); t(c.__reduce__); t(lambda:c.__wrapped__); t(type(c)); t(lambda:c.__dict__.keys()); t(c.cache_parameters); t(lambda: type(c).__get__(c,None)); t(c.__get__(3),4); t(c.cache_info, 1); 
class X:
    @lru_cache(3)
    def m(self,a): return a*2
x=X(); t(x.m,3); t(x.m,3); t(X.m.cache_info); t(x.m.cache_info)
@lru_cache(maxsize=20)
def orig(x,y): return 3*x+y
import random; random.seed(5)
for i in range(1000): orig(random.randrange(5),random.randrange(5))
t(orig.cache_info)
class Exp(Exception): pass
@lru_cache(3)
def r(x):
    if x<0: raise Exp(x)
    return x
t(r,-1);t(r,1);t(r,-1);t(r.cache_info)
print([ (n, getattr(f,n).__text_signature__) for n in ('partial','cmp_to_key','reduce','_lru_cache_wrapper')])
print(f.partial.__module__, L.__module__, L.__name__, type(k).__module__)
t(lambda: type(k)())
t(lambda: L.__get__)
