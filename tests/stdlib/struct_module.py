# needs: 3.14
import struct
def t(f,*a,**k):
    try: print(repr(f(*a,**k)).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
for e in '@','=','<','>','!':
    for c in 'bBhHiIlLqQnNP':
        for v in (2**200, -2**200, 2**63,2**64,-2**63-1,-1,2**31,2**32,256,65536,-129,-32769,1.5,'a',None):
            print(e,c,end=' ');t(struct.pack,e+c,v)
for c in 'efdFDsp?c':
    for v in (2**2000,1e300,-1e300,70000,65520,65519,1j,'a',b'a',b'abc',bytearray(b'x'),None,1.5,float('nan'),float('inf')):
        print(c,end=' ');t(struct.pack,c,v)
        print(c,end=' ');t(struct.pack,'>'+c,v)
for f in ('','x','3x','z','3','i3','1 2i','i i','2 i','<n','a\0','é',1,b'ii',bytearray(b'i'),'99999999999999999999i','9223372036854775807s','9223372036854775807i','9223372036854775807x1s','iQ','bQb','0i','b0q','@b0q','3s','0s','p','0p','300p','?0i','<>i','i<','e','2e','=F','F','D','bF','bD'):
    print(f,end=' ');t(struct.calcsize,f)
    t(struct.Struct,f)
t(struct.pack); t(struct.pack,'i'); t(struct.pack,'i',1,2); t(struct.pack,'0i'); t(struct.pack,'3s',b'abcdef'); t(struct.pack,'3p',b'abcdef'); t(struct.pack,'1p',b'abcdef'); t(struct.pack,'0p',b'abcdef'); t(struct.pack,'300p',b'a'*300)
t(struct.unpack,'3p',b'\x09abc'[:3]);t(struct.unpack,'0p',b'');t(struct.unpack,'1p',b'\5')
t(struct.unpack); t(struct.unpack,'i'); t(struct.unpack,'i',b'123'); t(struct.unpack,'i',1); t(struct.unpack,'i','abcd'); t(struct.unpack,format='i',buffer=b'abcd')
t(struct.unpack_from,'i',b'abcd',1); t(struct.unpack_from,'i',b'abcdefgh',-4);t(struct.unpack_from,'i',b'abcdefgh',-3);t(struct.unpack_from,'i',b'abcdefgh',-9);t(struct.unpack_from,'i',b'abcdefgh',9);t(struct.unpack_from,'i',buffer=b'abcdefgh',offset=2);t(struct.unpack_from,'i',b'abcdefgh',2**70);t(struct.unpack_from,'i',b'abcdefgh',2**63-1)
b=bytearray(8)
t(struct.pack_into); t(struct.pack_into,'i'); t(struct.pack_into,'i',b); t(struct.pack_into,'i',b,0); t(struct.pack_into,'i',b,0,1,2); t(struct.pack_into,'i',b,-2,1);t(struct.pack_into,'i',b,-9,1);t(struct.pack_into,'i',b,9,1);t(struct.pack_into,'i',b,6,1);t(struct.pack_into,'i',b,'a',1);t(struct.pack_into,'i',b'abcd',0,1);t(struct.pack_into,'i',b,-4,1); print(b)
t(struct.pack_into,'i',b,2**63-1,1);t(struct.pack_into,'i',b,2**70,1);t(struct.pack_into,'i',b,1.0,1);t(struct.pack_into,'i','abc',0,1)
s=struct.Struct('<ih')
t(s.pack); t(s.pack,1); t(s.pack,1,2,3); t(s.pack_into,b,0,1); t(s.unpack,b'1'); t(s.unpack,buffer=b'123456'); t(s.unpack_from,b'1'); t(s.iter_unpack,b'1'); t(s.pack_into); t(s.pack_into,b); t(s.pack_into,b,7,1,2)
t(struct.iter_unpack,'',b''); t(struct.iter_unpack,'i',b''); 
i=struct.iter_unpack('h',b'abcdef'); print(type(i)); t(next,i); t(i.__length_hint__); t(list,i); t(i.__length_hint__)
t(type(i))
print(s.size,s.format,s,s.__sizeof__()>0)
s.__init__('h'); t(s.pack,1)
t(s.__init__,'$'); t(s.pack,1)
t(setattr,s,'size',1)
t(setattr,s,'format',1)
t(s.pack_into,bytearray(2),0,1)
class I:
    def __index__(s): return 7
t(struct.pack,'h',I()); t(struct.pack,'?',I()); t(struct.pack,'d',I())
class F:
    def __float__(s): return 7.5
t(struct.pack,'d',F()); t(struct.pack,'f',F())
class BI:
    def __index__(s): return 'a'
class BX:
    def __index__(s): raise OSError('x')
    def __float__(s): raise OSError('x')
    def __bool__(s): raise OSError('x')
    def __complex__(s): raise OSError('x')
for c in 'hd?': t(struct.pack,c,BI()); t(struct.pack,c,BX())
print(struct.error.__module__,struct.error.__mro__)
for n in ('pack','pack_into','unpack','unpack_from','iter_unpack','calcsize','_clearcache'): print(n,getattr(struct,n).__text_signature__)
for n in ('pack','pack_into','unpack','unpack_from','iter_unpack'): print(n,getattr(struct.Struct,n).__text_signature__)
class S(struct.Struct):
    def __init__(self): super().__init__('>h')
t(S().pack,5)
import weakref; weakref.ref(s)
t(struct.Struct); t(struct.Struct,'i','h'); t(struct.Struct,format='i')
t(struct.calcsize); t(struct._clearcache)
t(struct.unpack,'10s',b'a'*10); t(struct.unpack,'3c2x?',b'abc\0\0\2'); t(struct.unpack,'>qQlLhHbB',bytes(range(100,100+30))); t(struct.unpack,'<qQlLhHbB',bytes(range(200,200+30)));t(struct.unpack,'@qQlLhHbB',bytes(range(200,200+38)))
