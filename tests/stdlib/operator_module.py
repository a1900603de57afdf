# needs: 3.14
import operator as o, sys, pickle, copy
import _operator
print(o.itemgetter.__module__, o.add.__module__, o.add.__doc__)
def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
for n in sorted(o.__all__): print(n, getattr(o,n).__doc__ is not None)
t(o.itemgetter); t(o.itemgetter,1,x=2); t(o.itemgetter(1)); t(o.itemgetter(1),[1],2); t(o.itemgetter(1),[1,2],a=1)
t(o.itemgetter(1,2),[1,2,3]); t(o.itemgetter(1,2,0),[1,2,3]); t(o.itemgetter(1,2,0,-1),[1,2,3]); t(o.itemgetter(7),[1]); t(o.itemgetter('a'),{'a':3}); t(o.itemgetter('a'),{'b':3})
t(repr,o.itemgetter(1,'x')); t(repr,o.attrgetter('a.b','c')); t(repr,o.methodcaller('f',1,b=2)); t(repr, o.itemgetter(1))
t(o.attrgetter); t(o.attrgetter,1); t(o.attrgetter('real.imag','imag'),3); t(o.attrgetter('x'),3); t(o.attrgetter('.x'),3); t(o.attrgetter('real..x'),3)
t(o.methodcaller); t(o.methodcaller,1); t(o.methodcaller('upper'),'abc'); t(o.methodcaller('split',',',maxsplit=1),'a,b,c'); t(o.methodcaller('foo'),'abc');t(o.methodcaller('upper'));t(o.methodcaller('upper'),1,2)
for g in (o.itemgetter(1,2),o.attrgetter('a.b','c'),o.methodcaller('f',1,b=2),o.methodcaller('f',1)):
    print(g.__reduce__()); print(copy.copy(g))
    
    t(lambda: pickle.loads(pickle.dumps(g)))
t(o.add,1,2); t(o.add,2**62-1,1);t(o.mul,2**40,2**40); t(o.sub,-2**62,1); t(o.add,1,'a'); t(o.iadd,1,'a'); t(o.add,True,1); t(o.and_,True,False); t(o.and_,6,3)
t(o.concat,[1],[2]); t(o.concat,1,2); t(o.concat,'a',1); t(o.iconcat,[1],[2]); t(o.iconcat,1,2); t(o.iconcat,[1],(2,)); t(o.concat,[1],(2,))
class C(list):
    def __add__(s,x): return 'add'
    def __getitem__(s,i): return 1
class D:
    def __add__(s,x): return 'dadd'
    def __getitem__(s,i): return 1
t(o.concat,C(),C()); t(o.concat,D(),D()); t(o.concat,D(),1); t(o.iconcat,D(),D())
t(o.indexOf,[1,2,3],3); t(o.indexOf,[1,2,3],4); t(o.indexOf,1,4); t(o.countOf,[1,1,2],1); t(o.countOf,1,1); t(o.contains,[1],1); t(o.contains,1,1)
t(o.length_hint,[1,2]); t(o.length_hint,1); t(o.length_hint,1,5); t(o.length_hint,1,-5); t(o.length_hint,1,'a'); t(o.length_hint,iter([1,2,3]),7); t(o.length_hint,1,2.0);t(o.length_hint)
class H:
    def __init__(s,v): s.v=v
    def __length_hint__(s):
        if isinstance(s.v,type): raise s.v
        return s.v
for v in (2,NotImplemented,TypeError,'abc',-2,LookupError,2**100): t(o.length_hint,H(v),4)
t(o.call,lambda *a,**k:(a,k),1,2,x=3); t(o.call)
t(_operator._compare_digest,'a','a'); t(_operator._compare_digest,'a','b'); t(_operator._compare_digest,b'a',b'a'); t(_operator._compare_digest,b'a','a'); t(_operator._compare_digest,'é','a'); t(_operator._compare_digest,1,2); t(_operator._compare_digest,b'ab',bytearray(b'ab')); t(_operator._compare_digest,b'ab',b'abc');t(_operator._compare_digest,memoryview(b'abcd')[::2],b'ac')
t(o.index,True); t(o.index,1.5); t(o.truth); t(o.truth,1,2); t(o.truth,[]); t(o.not_,[]); t(o.is_,1,1); t(o.is_not,1,1); 
t(o.getitem,None,3); t(o.setitem,None,1,2); t(o.delitem,None,1); t(o.delitem,[1],3); t(o.setitem,[1],0,5); t(o.neg,'a'); t(o.inv,1.5); t(o.pow,2,'a'); t(o.pow,2,3); t(o.abs,'a'); t(o.lshift,1,-1); t(o.matmul,1,2); t(o.imatmul,1,2); t(o.ipow,2,'a'); t(o.mod,1,0); t(o.mod,'%d',1)
t(o.lt,1,'a'); t(o.eq,1,1.0)
import inspect
for n in ('itemgetter','attrgetter','methodcaller','add','length_hint','call'):
    print(n, getattr(o,n).__text_signature__)
