# Files as memory, memory with a name, semaphores of processes.
import mmap, os, tempfile, _multiprocessing as mp
from multiprocessing import shared_memory

def t(f, *a, **k):
    try: r = f(*a, **k)
    except BaseException as e: r = f"{type(e).__module__}.{type(e).__name__}: {e}"
    print(f.__name__, repr(a)[:60], k or '', '->', repr(r)[:120])

m = mmap.mmap(-1, 8192); print(m, len(m))
for i in (0, -1, 8191, 8192, -8193, 'x', 1.5, 2**70, True, slice(0, 4), slice(None, None, 1000), slice(4, 0, -1)): t(m.__getitem__, i)
for v in (5, 256, -1, 'x', b'x'): t(m.__setitem__, 0, v)
t(m.__setitem__, slice(0, 3), b'abc'); t(m.__setitem__, slice(0, 3), b'ab'); t(m.__setitem__, slice(0, 6, 2), b'xyz'); print(m[:8])
t(m.__delitem__, 0); t(m.__delitem__, slice(0, 1)); m[1:4] = memoryview(m)[0:3]; print(m[:8])
t(m.find, b'y'); t(m.find, b'y', 1, 2); t(m.rfind, b'x'); t(m.find, b''); t(m.find, b'', 9000); t(m.find, 'x'); t(m.rfind, b'', 3, 5)
t(m.read, 3); t(m.read_byte); t(m.seek, 0); t(m.seek, 1, 1); t(m.seek, -1, 2); t(m.seek, 1, 5); t(m.seek, -9); t(m.readline)
t(m.write, b'abc'); t(m.seek, 0, 2); t(m.write, b'a'); t(m.write_byte, 1); t(m.seek, 0); t(m.write_byte, 300); t(m.write_byte, 65); t(m.tell)
t(m.flush); t(m.flush, 0, 9000); t(m.flush, -1); t(m.move, 0, 5, 3); t(m.move, 0, 8190, 5); t(m.move, -1, 0, 0)
t(m.madvise, mmap.MADV_NORMAL); t(m.madvise, 4, 9000); t(m.madvise, 4, 0, -1); t(m.madvise, 0, 4096, 2**63 - 1)
t(m.resize, 4096); t(m.resize, -1); v = memoryview(m); t(m.close); v.release(); print([c for c in m][:2])
t(m.close); t(m.close); t(m.read); print(m, m.closed)
with tempfile.TemporaryFile() as f:
    t(mmap.mmap, f.fileno(), 0); f.write(b'x' * 5000); f.flush(); n = f.fileno()
    for a, k in (((n, 6000), {}), ((n, 0), {'offset': 8192}), ((n, -1), {}), ((n, 1), {'offset': -1}), ((n, 1), {'access': 9}),
                 ((n, 1), {'access': 1, 'prot': 1}), ((-1, 0), {})): t(lambda: mmap.mmap(*a, **k))
    r = mmap.mmap(n, 0, access=mmap.ACCESS_READ); t(r.write, b'x'); t(r.__setitem__, 0, 1); t(r.resize, 1); print(memoryview(r).readonly)
    c = mmap.mmap(n, 0, access=mmap.ACCESS_COPY); c[0] = 65; print(c[:2], r[:2]); t(c.resize, 5)
    w = mmap.mmap(n, 0); w[0:2] = b'hi'; print(r[:3]); w.resize(6000); print(os.fstat(n).st_size, w.size(), len(w))
    q = mmap.mmap(n, 100, trackfd=False); t(q.size); t(q.resize, 50)

s = shared_memory.SharedMemory(create=True, size=100); s.buf[:3] = b'abc'; o = shared_memory.SharedMemory(s.name)
print(bytes(o.buf[:3])); o.close(); s.close(); s.unlink(); t(lambda: shared_memory.SharedMemory('taipan-none'))

name = f'/taipan-{os.getpid()}'
t(lambda: mp.SemLock(5, 1, 1, name, True))
l = mp.SemLock(0, 1, 1, name, True); print(l.kind, l.maxvalue, l.name, l.acquire(), l.acquire(), l._count(), l._is_mine(), l._get_value(), l._is_zero())
l.release(); l.release(); t(l.release); print(l._count())
l = mp.SemLock(1, 1, 2, name, False); print(l.name == name, l.acquire(), l.acquire(False), l.acquire(True, 0.01), l._get_value())
k = mp.SemLock._rebuild(l.handle, 1, 2, name); k.release(); print(l._get_value()); l.release(); t(l.release); mp.sem_unlink(name); t(lambda: mp.sem_unlink(name))
if os.fork() == 0:
    l.acquire(); l.acquire(); os._exit(0)
os.wait(); print(l._get_value(), mp.SemLock.SEM_VALUE_MAX, mp.flags)
