# needs: 3.14
# Streams whose parts misbehave or use the stream that uses them: an exception at worst.
import io, gc, sys, codecs
def t(name, f):
    try:
        r = f()
        r = repr(r)
        print(name, 'ok', r if len(r) < 80 else len(r))
    except BaseException as e:
        print(name, type(e).__name__, str(e)[:110].replace(hex(id(e)), ''))

class Raw(io.RawIOBase):
    def __init__(self, act=None): self.act = act; self.b = None; self.n = 0
    def readable(self): return True
    def writable(self): return True
    def seekable(self): return True
    def tell(self): return 0
    def seek(self, *a): return 0
    def readinto(self, b):
        self.n += 1
        if self.act and self.b is not None: self.act(self.b)
        if self.n > 3: return 0
        b[:2] = b'xy'
        return 2
    def write(self, b):
        if self.act and self.b is not None: self.act(self.b)
        return len(b)
for cls in (io.BufferedReader, io.BufferedRandom):
    for name, act in [('read', lambda b: b.read(1)), ('init', lambda b: b.__init__(io.BytesIO(b'q'))), ('detach', lambda b: b.detach()), ('close', lambda b: b.close()), ('seek', lambda b: b.seek(0)), ('peek', lambda b: b.peek()), ('tell', lambda b: b.tell())]:
        def go(cls=cls, act=act):
            r = Raw(act); b = cls(r, 16); r.b = b
            x = b.read(5); r.b = None; return x
        t(cls.__name__ + ' ' + name, go)
        def go2(cls=cls, act=act):
            r = Raw(act); b = cls(r, 16); r.b = b
            x = b.readline(); r.b = None; return x
        t(cls.__name__ + ' line ' + name, go2)
for cls in (io.BufferedWriter, io.BufferedRandom):
    for name, act in [('write', lambda b: b.write(b'x')), ('init', lambda b: b.__init__(io.BytesIO(b'q'))), ('detach', lambda b: b.detach()), ('close', lambda b: b.close()), ('flush', lambda b: b.flush())]:
        def go(cls=cls, act=act):
            r = Raw(act); b = cls(r, 4); r.b = b
            try: return b.write(b'0123456789')
            finally: r.b = None
        t(cls.__name__ + ' w ' + name, go)
# raw that keeps the view
class Keep(Raw):
    def readinto(self, b):
        self.view = b
        b[0] = 65
        return 1
k = Keep(); b = io.BufferedReader(k, 8); t('keep', lambda: b.read(3)); t('keep view', lambda: bytes(k.view[:1]))
class Bad(Raw):
    def readinto(self, b): return self.r
for r in (-1, 100, 'x', 1.5, 2**70, None, True):
    k = Bad(); k.r = r; b = io.BufferedReader(k, 8)
    t('readinto %r' % (r,), lambda: b.read(3))
class BadW(Raw):
    def write(self, b): return self.r
for r in (-1, 100, 'x', 1.5, 2**70, None, 0):
    k = BadW(); k.r = r; b = io.BufferedWriter(k, 8)
    if r == 0: continue
    t('write %r' % (r,), lambda: b.write(b'0123456789'))
    k.r = 8
class BadT(Raw):
    def tell(self): return self.r
    def seek(self, *a): return self.r
for r in (-1, 'x', 2**70, None):
    k = BadT(); k.r = r; b = io.BufferedReader(k, 8)
    t('tell %r' % (r,), b.tell); t('seek %r' % (r,), lambda: b.seek(3))
# BytesIO and itself
b = io.BytesIO(b'0123456789'); v = b.getbuffer()
t('own', lambda: b.readinto(v)); t('own2', lambda: b.getvalue()); b.seek(0); t('own3', lambda: b.write(v)); t('own4', lambda: b.write(v[:3]))
del v
class Buf:
    def __buffer__(self, f): b.close(); return memoryview(b'abc')
t('closing buffer', lambda: b.write(Buf()))
b = io.BytesIO(); b.seek(2**62); t('far', lambda: b.write(b'x')); t('far2', lambda: b.read(5)); t('far3', lambda: b.readline()); t('far4', lambda: b.truncate(2**62))
b = io.BytesIO(b'abc'); t('r', lambda: b.read(2**62)); t('r2', lambda: b.readlines(2**62))
s = io.StringIO(); s.seek(2**62); t('sfar', lambda: s.write('x')); t('sfar2', lambda: s.read(5)); t('sfar3', s.readline)
t('huge buf', lambda: io.BufferedReader(io.BytesIO(), 2**62))
t('huge read', lambda: io.BufferedReader(io.BytesIO(b'abc')).read(2**62))
t('huge read1', lambda: io.BufferedReader(io.BytesIO(b'abc')).read1(2**62))
t('huge fileio', lambda: io.FileIO('/dev/null').read(2**62))
w = io.TextIOWrapper(io.BytesIO(b'abc')); w._CHUNK_SIZE = 2**62; t('huge chunk', lambda: w.read(1))
w = io.TextIOWrapper(io.BufferedReader(Raw(), 8)); t('huge text read', lambda: w.read(2**62))
# text over strange buffers
class TB(io.BufferedIOBase):
    act = None
    def readable(self): return True
    def writable(self): return True
    def seekable(self): return False
    def read1(self, n):
        if self.act: self.act(self.w)
        return b'ab\n'
    def write(self, b):
        if self.act: self.act(self.w)
        return len(b)
    read = read1
for name, act in [('detach', lambda w: w.detach()), ('init', lambda w: w.__init__(io.BytesIO(b'zz'))), ('reconf', lambda w: w.reconfigure(encoding='latin-1')), ('close', lambda w: w.close()), ('read', None), ('write', lambda w: w.write('q'))]:
    def go(f):
        b = TB(); w = io.TextIOWrapper(b, write_through=True); b.w = w; b.act = act
        try: return f(w)
        finally: b.act = None
    t('text read ' + name, lambda: go(lambda w: w.read(4)))
    t('text line ' + name, lambda: go(lambda w: w.readline()))
    if name != 'write': t('text write ' + name, lambda: go(lambda w: w.write('abc')))
# decoders
class Dec:
    def __init__(self, errors='strict'): pass
    def decode(self, b, final=False): return Dec.r
    def getstate(self): return Dec.s
    def setstate(self, s): pass
    def reset(self): pass
def search(n):
    if n == 'strange': return codecs.CodecInfo(lambda s, e='': (b'', 0), lambda b, e='': ('', 0), incrementaldecoder=Dec, incrementalencoder=lambda e: Dec())
codecs.register(search)
Dec.r, Dec.s = 'x', (b'', 0)
for r in ('abc', b'x', 5, '\ud800', ''):
    for s in ((b'', 0), (b'', 2**70), ('', 0), 5, (b'x' * 10, -1), (b'',)):
        Dec.r, Dec.s = 'x', (b'', 0)
        w = io.TextIOWrapper(io.BytesIO(b'abcdef'), 'strange')
        Dec.r, Dec.s = r, s
        t('dec %r %r' % (r, s), lambda: (w.read(1), w.tell()))
d = io.IncrementalNewlineDecoder(None, True); d.__init__(d, True)
t('self decoder', lambda: d.decode('a'))
t('self getstate', lambda: d.getstate())
# cycles
class F(io.FileIO): pass
f = F('/dev/null'); f.me = f; del f; gc.collect()
f = io.BufferedReader(io.FileIO('/dev/null')); f.me = f; del f; gc.collect()
f = io.StringIO(); f.me = f; del f; gc.collect()
print('end')
