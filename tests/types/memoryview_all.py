# memoryview: indexing, slices, casts, comparison, release.
import array, struct


def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    if isinstance(r, memoryview):
        return f"mv({r.tolist()} {r.format} {r.shape} {r.strides} {r.readonly})"
    return f"{r!r}"


m = memoryview(b"abcdef")
print(m.obj, m.nbytes, m.readonly, m.itemsize, m.format, m.ndim, m.shape, m.strides, m.suboffsets, m.c_contiguous, m.f_contiguous, m.contiguous, len(m))
for i in (0, 1, -1, 5, 6, -6, -7, 2**70, "x", None, (1,), (1, 2), (), ..., slice(1, 3), slice(None, None, -2), (slice(1),), 1.5, True):
    print(i, show(m.__getitem__, i))
print(show(m.__setitem__, 0, 1), show(m.__delitem__, 0), hash(m) == hash(b"abcdef"), show(hash, memoryview(bytearray(b"a"))), m.tobytes(), m.tolist(), m.hex(), m.hex(":"), m.hex("-", 2))
b = bytearray(b"abcdef")
w = memoryview(b)
for k, v in ((0, 65), (-1, 66), (0, 256), (0, -1), (0, "a"), (0, b"a"), (10, 1), (slice(1, 3), b"XY"), (slice(1, 3), b"XYZ"), (slice(0, 6, 2), b"123"), (slice(None, None, -1), b"fedcba"), (slice(1, 3), [1, 2]), (slice(1, 3), "ab"),
             ((0,), 90), ((0, 1), 90), ("x", 1), (1.5, 1), (..., 1)):
    print(k, v, show(w.__setitem__, k, v), b)
w[1:4] = w[0:3]
print(b, show(w.__delitem__, 0))
print("== cast")
b = bytearray(range(24))
m = memoryview(b)
for f in "bBchHiIlLqQnNfd?ePx":
    print(f, show(m.cast, f))
for f, s in (("B", [2, 12]), ("B", (2, 3, 4)), ("H", [3, 4]), ("I", [6]), ("I", [7]), ("B", [0]), ("B", [-1]), ("B", ["a"]), ("B", 5), ("B", []), ("B", [2**40, 2**40]), ("@H", [12]), ("<H", [12]), ("HH", [6]), ("", [24]), ("B", [1] * 65)):
    print(f, s if len(str(s)) < 50 else len(s), show(m.cast, f, s))
x = m.cast("B", [2, 3, 4])
print(x.tolist(), x.shape, x.strides, x.ndim, len(x), x[1, 2, 3], x[-1, -1, -1], x.c_contiguous, x.f_contiguous, x.nbytes)
for k in (0, (0, 1), (0, 1, 4), (0, 1, 2, 3), (0, "a", 1), slice(0, 1), (slice(0, 1), slice(0, 1)), ..., ()):
    print(k, show(x.__getitem__, k))
x[1, 2, 3] = 99
print(b[23], show(x.__setitem__, 0, 1), show(x.__setitem__, slice(0, 1), b""), show(x.__setitem__, (slice(0, 1), slice(0, 1)), b""), show(iter, x), show(x.cast, "B", [4, 6]), show(x.cast, "H"), x.cast("B").shape)
print(x.tobytes(), x.tobytes("F"), x.tobytes("A"), x.tobytes(order=None), show(x.tobytes, "X"), show(x.tobytes, 5), x.hex())
y = x[::-1]
print(y.tolist(), y.shape, y.strides, y.c_contiguous, y.tobytes(), show(y.cast, "B"))
z = m.cast("B", [1]) if False else memoryview(b"\x2a").cast("B", [1])
s = memoryview(struct.pack("d", 1.5)).cast("d")
print(s.tolist(), s[0], show(s.cast, "i"), s.cast("B").cast("i").tolist())
print("== comparison")
for a, c in ((b"abc", b"abc"), (b"abc", bytearray(b"abc")), (b"abc", b"abd"), (b"abc", b"ab"), (b"abc", "abc"), (b"abc", [97, 98, 99])):
    print(a, c, memoryview(a) == c, memoryview(a) != c, c == memoryview(a), show(lambda: memoryview(a) < c))
print(memoryview(b"\0\0").cast("H") == memoryview(b"\0"), memoryview(b"\x01\0").cast("H") == memoryview(b"\x01"), memoryview(b"\x01\0\0\0").cast("I") == memoryview(b"\x01\0").cast("H"), memoryview(b"abcd").cast("B", [2, 2]) == memoryview(b"abcd"))
nan = memoryview(struct.pack("d", float("nan"))).cast("d")
print(nan == nan, memoryview(b"abcd")[::2] == b"ac", m == m, memoryview(b"") == b"")
a = array.array("i", [1, -2, 3])
ma = memoryview(a)
print(ma.format, ma.tolist(), ma.itemsize, ma.nbytes, ma[1], ma[::-1].tolist(), ma == a, ma[0:2] == array.array("h", [1, -2]), show(ma.__setitem__, 0, 2**40), show(ma.__setitem__, 0, "x"), show(ma.__setitem__, 0, 1.5))
ma[0] = 7
ma[1:] = array.array("i", [8, 9])
print(a, show(a.append, 1), show(ma.__setitem__, slice(0, 2), array.array("h", [1, 2])))
ma.release()
a.append(1)
print(a)
print("== release")
m = memoryview(b"abc")
n = memoryview(m)
k = m[1:]
m.release()
m.release()
for f in (lambda: m[0], lambda: len(m), lambda: m.tolist(), lambda: m.format, lambda: m.obj, lambda: list(m), lambda: memoryview(m), lambda: m.cast("B"), lambda: bytes(m), lambda: m.__enter__(), lambda: m.nbytes, lambda: m.hex(), lambda: m.toreadonly(), lambda: m == m, lambda: m == b"abc", lambda: hash(m)):
    print(show(f))
print("released" in repr(m), n.tolist(), k.tolist())
with memoryview(bytearray(b"xyz")) as q:
    print(q.toreadonly(), q.toreadonly().readonly) if False else print(q.toreadonly().readonly)
print(show(lambda: q[0]))
b = bytearray(b"xyz")
m = memoryview(b)
inner = memoryview(m)
i = iter(m)
print(next(i), show(b.append, 1))
inner.release()
m.release()
print(show(next, i), show(b.append, 1))
for v in (5, "a", None, [1], object):
    print(show(memoryview, v))
print(show(memoryview), show(memoryview, b"a", b"b"), show(memoryview, object=b"kw"), show(memoryview, x=1))
print(list(reversed(memoryview(b"abc"))), 98 in memoryview(b"abc"), max(memoryview(b"abc")), b"".join([memoryview(b"x"), memoryview(b"abcd")[::1]]), show(lambda: b"".join([memoryview(b"abcd")[::2]])))
match memoryview(b"ab"):
    case [x, y]:
        print(x, y)


class P:
    def __init__(self):
        self.log = []
        self.data = bytearray(b"pdata")

    def __buffer__(self, flags):
        self.log.append(("get", int(flags)))
        return memoryview(self.data)

    def __release_buffer__(self, view):
        self.log.append(("release", bytes(view)))
        view.release()


p = P()
with memoryview(p) as v:
    print(bytes(v), p.log)
    print(show(p.data.append, 1))
print(p.log, show(p.data.append, 33), p.data)
print(bytes(p), b"x" + p, b"p" in p.__buffer__(0).tobytes(), len(p.log))


class Q:
    def __buffer__(self, flags):
        return b"no"


print(show(memoryview, Q()), show(bytes, Q()))


class R(bytearray):
    def __release_buffer__(self, view):
        print("released", view.nbytes)
        super().__release_buffer__(view)


r = R(b"sub")
with memoryview(r) as v:
    print(show(r.append, 1))
print(show(r.append, 33), r)
