# needs: 3.14
import array as A, warnings, pickle, copy, sys, io
warnings.simplefilter('ignore')
array=A.array
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
print(A.typecodes, A.ArrayType)
for n in dir(array):
    d=getattr(array,n)
    if hasattr(d,'__text_signature__') and n[:2]!='__': print(n,d.__text_signature__)
print(array.__text_signature__)
t(array); t(array,1); t(array,'ab'); t(array,'x'); t(array,'i',1); t(array,'i',1,2); t(array,'i',x=1); t(array,'i','abc'); t(array,'i',[1,'a']); t(array,'u','abc'); t(array,'w','abc\U0001f600'); t(array,'w','abc\U0001f600'[::-1]);t(array,'i',array('u','abc')); t(array,'u',array('u','abc')); t(array,'w',array('u','ab')); t(array,'u',array('w','ab'));t(array,'i',array('d',[1.5]));t(array,'d',array('i',[1])); t(array,'b',b'abc'); t(array,'i',b'abcd'); t(array,'i',b'abc'); t(array,'i',bytearray(b'abcd')); t(array,'i',iter([1,2])); t(array,'i',(1,2)); t(array,'i',range(3)); t(array,'w',['a','bc']); t(array,'w',['a','b']);t(array,'u',['a',1]); t(array,'w',b'abcd');t(array,'w',b'\xff\xff\xff\xff'); t(array, 'i', memoryview(b'abcd')); t(array,b'i')
for c in 'bBhHiIlLqQ':
    for v in (-1,127,128,-128,-129,255,256,32767,32768,-32769,65535,65536,2**31,2**32,-2**31-1,2**63,2**64,-2**63-1,2**64-1,2**100,-2**100,1.5,'a',None,True):
        a=array(c); print(c,v,end=' '); t(a.append,v); 
        if a: print(a, a[0])
for c in 'fd':
    for v in (1,1.5,1e300,2**2000,'a',None,1j,True,float('nan'),float('inf')):
        a=array(c); print(c,end=' '); t(a.append,v); print(a)
for c in 'uw':
    for v in ('a','ab','',1,'\U0001f600',b'a'):
        a=array(c); print(c,end=' '); t(a.append,v); print(a)
a=array('i',[1,2,3,4,5])
t(lambda:a[0]); t(lambda:a[-1]); t(lambda:a[5]); t(lambda:a[-6]); t(lambda:a['a']); t(lambda:a[1.0]); t(lambda:a[2**70]); t(lambda:a[1:3]); t(lambda:a[::2]); t(lambda:a[::-1]); t(lambda:a[10:]); t(lambda:a[True])
def st(k,v):
    b=array('i',[1,2,3,4,5])
    try: b[k]=v
    except BaseException as e: print(type(e).__name__, e)
    print(b)
S=slice
st(0,9); st(-1,9); st(5,9); st('a',9); st(0,'a'); st(0,2**40); st(S(1,3),array('i',[7,8,9])); st(S(1,3),array('i')); st(S(1,3),[1]); st(S(1,3),array('b',[1])); st(S(None,None,2),array('i',[7,8,9])); st(S(None,None,2),array('i',[7,8]));st(S(None,None,-1),array('i',[7,8,9,10,11])); st(S(None,None,-2),array('i',[7,8,9])); st(S(3,1),array('i',[7])); st(S(None,None,2),array('i'));st(S(0,0),array('i',[5]));st(S(10,20),array('i',[5]))
def dl(k):
    b=array('i',[1,2,3,4,5])
    try: del b[k]
    except BaseException as e: print(type(e).__name__, e)
    print(b)
for k in (0,-1,5,'a',S(1,3),S(None,None,2),S(None,None,-2),S(3,1),S(None)): dl(k)
t(lambda:a+a); t(lambda:a+array('b')); t(lambda:a+[1]); t(lambda:a*2); t(lambda:2*a); t(lambda:a*-1); t(lambda:a*'a'); t(lambda:a*2**62); t(lambda:a*2**70)
b=a; b+=array('i',[9]); print(b is a,a); t(lambda:a.__iadd__([1])); t(lambda:a.__iadd__(array('b',[1]))); a*=2; print(a); a*=0; print(a); t(lambda: a.__imul__(2**62))
a=array('i',[1,2,3,2,1])
t(a.append); t(a.append,1,2); t(a.extend,[5,6]); t(a.extend,array('b',[1])); t(a.extend,array('i',[1])); t(a.extend,1); t(a.extend,['a']); t(a.extend,a); print(a)
t(a.index,2); t(a.index,99); t(a.index,2,2); t(a.index,2,-3); t(a.index,2,0,1); t(a.index,'a'); t(a.index,2.0); t(a.index); t(a.index,2,2**70); t(a.count,2); t(a.count,'x'); t(lambda:2 in a); t(lambda:'x' in a); t(a.remove,3); t(a.remove,99); t(a.insert,0,7); t(a.insert,-1,8); t(a.insert,100,9); t(a.insert,'a',9); t(a.insert,0,'a'); t(a.insert,0); t(a.pop); t(a.pop,0); t(a.pop,-1); t(a.pop,100); t(a.pop,'a'); t(array('i').pop); print(a)
t(a.reverse); print(a); t(a.byteswap); print(a); t(a.byteswap); t(array('b',[1]).byteswap); t(array('h',[1]).byteswap); t(array('d',[1]).byteswap)
t(a.tolist); t(a.tobytes); t(a.tounicode); t(array('u','abc').tounicode); t(array('w','abc\U0001f600').tounicode); t(a.fromunicode,'abc'); t(array('u').fromunicode,1); x=array('w','a'); t(x.fromunicode,'bc'); print(x); t(array('w',b'\xff\xff\xff\xff').tounicode); t(repr,array('w',b'\0\xd8\0\0')); t(lambda: array('w',b'\xff\xff\xff\xff')[0])
t(a.fromlist,[1,'a']); print(a); t(a.fromlist,[1,2]); t(a.fromlist,(1,2)); t(a.fromlist,1); print(a); t(a.frombytes,b'abcd'); t(a.frombytes,b'abc'); t(a.frombytes,'abcd'); t(a.frombytes,array('i',[3])); t(a.frombytes,1); print(a)
f=io.BytesIO(); t(a.tofile,f); t(f.getvalue); f=io.BytesIO(f.getvalue()); c=array('i'); t(c.fromfile,f,3); print(c); t(c.fromfile,f,300); print(c); t(c.fromfile,f,-1); t(c.fromfile,1,1); t(c.fromfile,f,'a'); t(c.tofile,1); 
class BadF:
    def read(s,n): return 'abc'
t(c.fromfile,BadF(),1); 
print(len(a.buffer_info()),a.buffer_info()[1]); t(a.__sizeof__); t(lambda:a.itemsize); t(lambda:a.typecode); t(setattr,a,'itemsize',1); t(a.clear) if hasattr(a,'clear') else None; print(a)
for c in 'bBhHiIlLqQfduw':
    a=array(c,'ab' if c in 'uw' else [1,2,3]); print(a.itemsize,a.tolist(),repr(a),a.tobytes())
    for p in range(5): print(pickle.loads(pickle.dumps(a,p))==a, a.__reduce_ex__(p))
    print(copy.copy(a)==a,copy.deepcopy(a)==a)
    m=memoryview(a); print(m.format,m.itemsize,m.shape,m.nbytes,m.readonly)
    t(a.append,a[0]); t(a.extend,a); t(a.pop); t(a.insert,0,a[0]); t(a.frombytes,b'12345678'); t(lambda: a.__delitem__(0)); t(a.__imul__,2); t(a.__imul__,1); t(a.byteswap); t(a.clear) if hasattr(a,'clear') else None; t(a.reverse)
    def f(): a[0:1]=a[0:2]
    t(f)
    m.release()
for x,y in ((array('i',[1,2]),array('i',[1,3])),(array('i',[1,2]),array('d',[1,2])),(array('i',[1,2]),array('i',[1])),(array('i',[1]),[1]),(array('Q',[2**64-1]),array('q',[-1])),(array('u','a'),array('w','a')),(array('d',[float('nan')]),array('d',[float('nan')])),(array('f',[1.5]),array('d',[1.5])),(array('B',[200]),array('b',[-56]))):
    print([op(x,y) for op in (lambda a,b:a==b,lambda a,b:a!=b)], end=' ')
    t(lambda:[x<y,x<=y,x>y,x>=y])
it=iter(array('i',[1,2,3])); t(it); t(next,it); t(it.__reduce__); t(it.__setstate__,2); t(list,it); t(it.__reduce__); t(type(it)); t(it.__setstate__,0); t(list,it); it=iter(array('i',[1,2,3])); t(it.__setstate__,-5); t(list,it); t(it.__setstate__,'a')
print(type(it).__module__, type(it).__name__)
t(array.__class_getitem__,int); t(hash,array('i'))
class X(array): pass
x=X('i',[1]); x.foo=3; print(x, x.__reduce_ex__(3), pickle.loads(pickle.dumps(x)).foo, repr(x)); t(x.__reduce_ex__,'a'); t(x.__reduce_ex__,2)
class Y(array):
    def __init__(s,*a,**k): pass
t(Y,'i',[1],foo=2)
R=A._array_reconstructor
t(R); t(R,array,'i',1,b'a'); t(R,array,'i',8,b'abcd'); t(R,array,'b',1,b'\xff\x01'); t(R,array,'B',0,b'\xff\x01'); t(R,int,'i',8,b''); t(R,array,'i',22,b''); t(R,array,'i',-1,b''); t(R,array,'i',8,'abc'); t(R,array,'ii',8,b''); t(R,array,'x',8,b''); t(R,1,'i',8,b''); t(R,X,'i',9,b'\0\0\0\1')
import struct
for mf,fm,tc in ((2,'<H','H'),(3,'>H','H'),(4,'<h','h'),(5,'>h','l'),(6,'<I','I'),(7,'>I','L'),(8,'<i','i'),(9,'>i','q'),(10,'<Q','Q'),(11,'>Q','L'),(12,'<q','l'),(13,'>q','q'),(14,'<f','f'),(15,'>f','f'),(16,'<d','d'),(17,'>d','d'),(14,'<f','d'),(17,'>d','f'),(10,'<Q','q')):
    t(R,array,tc,mf,struct.pack(fm,5)*2)
t(R,array,'u',18,'ab'.encode('utf-16-le')); t(R,array,'u',19,'ab'.encode('utf-16-be')); t(R,array,'u',20,'ab'.encode('utf-32-le')); t(R,array,'w',20,b'abc'); t(R,array,'d',8,struct.pack('<i',5)); t(R,array,'I',8,struct.pack('<i',-5)); t(R,array,'i',6,struct.pack('<I',2**32-1)); t(R,array,'d',14,b'abc'); t(R,array,'i',6,b'abc')
import collections.abc
print(issubclass(array,collections.abc.MutableSequence))
match array('i',[1,2]):
    case [x,y]: print('seq',x,y)
a=array('i',[1,2,3]); t(lambda:bytes(a)); t(lambda:struct.unpack('3i',a)); t(lambda:sum(a)); t(lambda:list(reversed(a))); t(lambda:sorted(array('d',[3,1,2]))); t(lambda:max(a)); t(lambda:memoryview(a)[1]); m=memoryview(a); m[0]=9; print(a); del m
t(lambda:array('i')*3); t(lambda:array('i',[1]).__add__(1)); t(lambda: array('i',[1,2]).__contains__(2))
t(lambda: array.array if 0 else array('I',[1])*2); t(bytearray, array('H',[1,2])); t(lambda: b''.join([array('b',[65])]))
t(eval,repr(array('w','a\'"\n'))); t(eval,repr(array('d',[1.5,float('inf')])),{'inf':float('inf'),'array':array})
