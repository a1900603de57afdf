# Text streams.
import io
import sys

def t(f):
    try:
        r = f()
        print('ok', repr(r))
    except BaseException as e:
        notes = getattr(e, '__notes__', None)
        print(type(e).__module__ + '.' + type(e).__name__, e, notes or '')
T=io.TextIOWrapper
B=io.BytesIO
t(lambda: T())
t(lambda: T(B(),5))
t(lambda: T(B(),'utf-8',5))
t(lambda: T(B(),'utf-8','strict',5))
t(lambda: T(B(),'utf-8','strict','q'))
t(lambda: T(5))
t(lambda: T(B(),'rot13'))
t(lambda: T(B(),'zz'))
t(lambda: T(B(),line_buffering=2).line_buffering)
t(lambda: T(B(),line_buffering='a').line_buffering)
w=T(B(b'abc\ndef\n'),'ascii')
t(lambda: repr(w))
t(lambda: w.name)
t(lambda: w.mode)
t(lambda: w.write(5))
t(lambda: w.write(b''))
t(lambda: w.read('a'))
t(lambda: w.read(1.5))
t(lambda: w.read(None))
t(lambda: w.readline('a'))
t(lambda: w.seek(-1))
t(lambda: w.seek(1,1))
t(lambda: w.seek(1,2))
t(lambda: w.seek(0,9))
t(lambda: w.seek(2**200))
t(lambda: w.fileno())
t(lambda: w._CHUNK_SIZE)
t(lambda: setattr(w,'_CHUNK_SIZE',0))
t(lambda: setattr(w,'_CHUNK_SIZE','a'))
t(lambda: delattr(w,'_CHUNK_SIZE'))
t(lambda: w.truncate(3))
t(lambda: w.buffer.getvalue())
t(lambda: w.reconfigure(encoding=5))
t(lambda: w.reconfigure(errors=5))
t(lambda: w.reconfigure(newline=5))
t(lambda: w.reconfigure(newline='q'))
t(lambda: w.reconfigure(line_buffering='a'))
t(lambda: w.reconfigure(encoding='zz'))
w=T(B(b'abc\ndef\n'),'ascii')
w.read(1)
t(lambda: w.reconfigure(encoding='utf-8'))
t(lambda: w.reconfigure(newline=None))
t(lambda: w.reconfigure(line_buffering=True))
t(lambda: w.line_buffering)
t(lambda: w.tell())
next(w)
t(lambda: w.tell())
d=w.detach()
for n in 'read readline write tell flush isatty readable writable seekable fileno close __iter__ __next__ __enter__ detach name encoding errors newlines closed line_buffering write_through mode _CHUNK_SIZE'.split():
    def f():
        a=getattr(w,n)
        return a() if callable(a) else a
    print(n,end=' '); t(f)
t(lambda: repr(w))
w=T.__new__(T)
for n in 'read readline write tell flush isatty readable writable seekable fileno close __iter__ __next__ __enter__ detach name encoding errors newlines closed line_buffering write_through mode _CHUNK_SIZE'.split():
    def f():
        a=getattr(w,n)
        return a() if callable(a) else a
    print(n,end=' '); t(f)
t(lambda: repr(w))
w=T(B())
w.close()
for n in 'read readline flush tell isatty readable writable seekable fileno close __iter__ __next__ __enter__ detach truncate'.split():
    print(n,end=' '); t(lambda: getattr(w,n)())
t(lambda: w.write(''))
t(lambda: w.seek(0))
t(lambda: w.writelines([]))
class R(io.RawIOBase):
    def readable(self): return True
    def readinto(self,b): return None
class NR(io.BufferedIOBase):
    def writable(self): return False
    def readable(self): return True
    def read(self,n=-1): return 5
    def seekable(self): return False
    def flush(self): pass
t(lambda: T(NR()).read(1))
t(lambda: T(NR()).write('a'))
t(lambda: T(NR()).tell())
t(lambda: T(NR()).seek(0))
t(lambda: T(io.BufferedReader(R())).read(1))
t(lambda: T(io.BufferedReader(R())).readline())
class NW(io.BufferedIOBase):
    def writable(self): return True
    def write(self,b): print('w',type(b),b); return 1
t(lambda: T(NW()).read())
t(lambda: T(NW()).read(1))
t(lambda: T(NW()).readline())
t(lambda: T(NW()).write('aé\n'))
w=T(NW(),newline='\r\n',write_through=True)
t(lambda: w.write('a\nb\n'))
t(lambda: w.flush())
x=T(NW(),encoding='utf-16')
x.write('a')
x.flush()
x.write('b')
x.flush()
t(lambda: next(T(B(b'a\r\nb'),newline='')))
t(lambda: T(B(b'a\r\nb\rc\n'),newline='\r').readlines())
w=T(B(b'a\r\nb\rc\n'))
w.readlines()
t(lambda: w.newlines)
w=open('io_text.tmp','w+')
w.write('abc')
t(lambda: w.tell())
w.seek(0)
t(lambda: w.read(2))
t(lambda: w.tell())
t(lambda: w.write('X'))
w.seek(0)
t(lambda: w.read())
t(lambda: w.buffer)
t(lambda: w.buffer.raw)
class S(str): pass
t(lambda: w.write(S('abc')))
t(lambda: w.writelines([1]))
t(lambda: T(B(b'\xff')).read())
t(lambda: T(B(b'\xff'),errors='replace').read())
t(lambda: T(B(b'\xff'),errors='zz').read())
t(lambda: T(B(),'ascii').write('\xe9'))
t(lambda: T(B(),'ascii',errors='zz').write('\xe9'))
