# needs: 3.14
import heapq as h, bisect as b
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
import _heapq
for n in dir(_heapq):
    if n[0]!='_' or n.startswith('_h'): print(n, getattr(_heapq,n).__text_signature__)
for n in ('heappush','heappop','heapify','heapreplace','heappushpop','heappush_max','heappop_max','heapify_max','heapreplace_max','heappushpop_max'):
    if not hasattr(h,n): continue
    f=getattr(h,n)
    t(f); t(f,1); t(f,1,2); t(f,(1,),2); t(f,[]); t(f,[],2);t(f,[3]);t(f,[3],1); t(f,[3],5); t(f,[3,1,2]); t(f,[3,'a']); t(f,[3,4,'a',5]); t(f,[1,3],'x')
    class L(list): pass
    t(f,L([3,2,1])); t(f,L([3,2,1]),7)
import random
random.seed(3)
for mk in (lambda: random.randrange(100), lambda: random.random(), lambda: str(random.randrange(1000)), lambda: (random.randrange(4),random.random()), lambda: random.choice([1,2.5,True])):
    a=[mk() for i in range(200)]
    x=a[:]; h.heapify(x); print(x[:10]); r=[h.heappop(x) for _ in range(150)]; print(r==sorted(a)[:150], x)
    x=[]
    for v in a: h.heappush(x,v)
    print(x[:20]); print(h.heapreplace(x,a[0]), h.heappushpop(x,a[5]), x[:5])
    if hasattr(h,'heapify_max'):
        x=a[:]; h.heapify_max(x); print(x[:10]); r=[h.heappop_max(x) for _ in range(150)]; print(r==sorted(a,reverse=True)[:150])
        x=[]
        for v in a: h.heappush_max(x,v)
        print(x[:10]); print(h.heapreplace_max(x,a[0]), h.heappushpop_max(x,a[5]), x[:5])
    print(h.nsmallest(5,a), h.nlargest(5,a), h.nsmallest(3,a,key=lambda x:str(x)), list(h.merge(sorted(a)[:5],sorted(a)[2:4])))
class E:
    def __init__(s,x): s.x=x
    def __lt__(s,o): raise OSError('cmp')
    def __gt__(s,o): print('gt'); return False
t(h.heapify,[E(1),E(2)]); t(h.heappush,[E(1)],E(2)); t(h.heappop,[E(1),E(2),E(3)])
class M:
    def __init__(s,x): s.x=x
    def __lt__(s,o): heap.clear(); return True
heap=[M(i) for i in range(10)]; t(h.heapify,heap)
heap=[M(i) for i in range(10)]; t(h.heappop,heap)
heap=[M(i) for i in range(10)]; t(h.heappush,heap,M(3))
heap=[M(i) for i in range(10)]; t(h.heapreplace,heap,M(3))
heap=[M(i) for i in range(10)]; t(h.heappushpop,heap,M(3))
import _bisect
for n in dir(_bisect):
    if n[0]!='_': print(n, getattr(_bisect,n).__text_signature__)
for n in ('bisect_left','bisect_right','insort_left','insort_right','bisect','insort'):
    f=getattr(b,n); t(f); t(f,[1]); t(f,1,2); t(f,[1,2,3],2); t(f,[1,2,3],2,-1); t(f,[1,2,3],2,1,2); t(f,[1,2,3],2,hi=1); t(f,[1,2,3],2,hi=None); t(f,[1,2,3],2,hi='a'); t(f,[1,2,3],2,hi=10); t(f,[1,2,3],'a'); t(f,[1,2,3],2,key=lambda x:-x); t(f,[1,2,3],2,lo=2,hi=1); t(f,(1,2,3),2); t(f,range(10),4); t(f,[1,2,3],2.5,0,2**70); t(f,[1,2,3],2,2**70); t(f,[1,2,3],2,0,-1); t(f,[1,2,3],2,0,-5); t(f,[1,2],1,x=1); t(f,[1,2],1,1.5); t(f,a=[1,2,3],x=2); t(f,[1.5,2.5],2); t(f,['a','b'],'b'); t(f,[(1,),(2,)],(1,)); t(f,[1,2,3],2,key=None); t(f,[1,2,3],2,key=5)
a=[1,3]; b.insort(a,2); b.insort_left(a,2,key=lambda x:x); print(a)
class LL(list):
    def insert(s,i,x): print('ins',i,x); list.insert(s,i,x)
a=LL([1,2]); b.insort(a,1); b.insort_left(a,2); print(a)
class G:
    def __getitem__(s,i):
        if i>100: raise IndexError(i)
        return i
    def __len__(s): return 50
t(b.bisect,G(),20); t(b.bisect,G(),20,0,200); t(b.bisect,G(),20.5,0,500)
