# C data and C functions, as far as every Linux has them.
import time
from ctypes import *
print(c_int(5), c_int(-1).value, c_uint(-1).value, c_char(b'x'), c_double(1.5), c_bool(3).value, sizeof(c_long))
A=c_int*4; a=A(1,2,3); print(list(a), a[1:3], len(a), sizeof(a))
class P(Structure): _fields_=[('x',c_int),('y',c_double),('n',c_char*8)]
p=P(3,4.5,b'hey'); print(p.x, p.y, p.n, sizeof(P), P.x.offset, P.y.offset, P.y.size)
class U(Union): _fields_=[('i',c_uint),('b',c_ubyte*4)]
u=U(0x01020304); print(list(u.b))
class B(Structure): _fields_=[('a',c_uint,3),('b',c_uint,5)]
b=B(5,17); print(b.a,b.b)
pp=pointer(p); pp.contents.x=9; print(p.x, pp[0].x)
libc=CDLL(None); print(libc.strlen(b'hello'), libc.abs(-5))
libm=CDLL('libm.so.6'); libm.pow.restype=c_double; libm.pow.argtypes=[c_double,c_double]; print(libm.pow(2,10))
CMP=CFUNCTYPE(c_int,POINTER(c_int),POINTER(c_int))
arr=(c_int*5)(5,1,4,2,3)
libc.qsort.restype=None
libc.qsort(arr,len(arr),sizeof(c_int),CMP(lambda x,y: x[0]-y[0])); print(list(arr))
buf=create_string_buffer(32); libc.snprintf(buf, sizeof(buf), b'%d %s %.2f', 42, b'abc', c_double(2.5)); print(buf.value)
print(string_at(b'abc'), cast(b'xyz', c_char_p).value, wstring_at('wide'))
x=py_object([1,2]); print(x.value)
d=memoryview(arr); print(d.format,d.shape,d.tolist() if d.format!='<i' else list(arr))
libc.getenv.restype=c_char_p; print(libc.getenv(b'HOME') is not None)
try: libc.strlen(1.5)
except ArgumentError as e: print(e)
try: c_int('x')
except TypeError as e: print(e)
memset(buf, 65, 3); print(buf.value)
ba=bytearray(8); v=c_uint32.from_buffer(ba); v.value=7; print(ba)
print(POINTER(c_int).__name__, addressof(v) % 4)
class BE(BigEndianStructure): _fields_=[('a',c_uint16)]
print(bytes(BE(1)))
cdll2=CDLL(None,use_errno=True); print(cdll2.close(-1), get_errno())
t = libc.time; t.restype=c_long; print(abs(t(None)-time.time())<2)
