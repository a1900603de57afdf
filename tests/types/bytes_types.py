# bytes, bytearray, memoryview.
b = b"Hello, World"
print(b[0], b[-1:], b[::2], b.upper(), b.find(b"o"), b.find(111), b.count(b"l"), b.split(b", "), b.replace(b"l", b"L"), b.startswith(b"He"), b.hex(), b.hex(":", 2), b.title(), b.center(16, b"*"), b.partition(b","), b + b"!", b * 2 == b + b, b"W" in b, 87 in b, b.decode(), b.isalpha(), b.join([b"1", b"2"]), b.translate(bytes(range(256)), b"l"))
print(bytes(3), bytes([1, 255]), bytes("é", "utf-8"), bytes(range(3)), bytes(bytearray(b"x")), bytes.fromhex("00 ff 0A"), b"\x00\n\t'\"\\\xff", b"a" < b"b", b"" == bytes(), hash(b"a") == hash("a"), b"%d" % 5, b"a\nb".splitlines(), b" x ".strip(), list(b"ab"), max(b"az"))
a = bytearray(b"abc")
a.append(100); a += b"ef"; a[0] = 65; a[1:3] = b"XYZ"; a.insert(0, 33); a.extend([1, 2]); del a[-1]; print(a, a.pop(), a, a.reverse(), a, len(a), a.copy() == a, a == bytes(a), bytearray(2), bytearray("x", "ascii"), a.find(b"Z"), a * 2)
a.remove(33); a.clear(); print(a)
for bad in ("bytes([256])", "bytes(-1)", "b'a' + 'b'", "bytes('x')", "b'\\xff'.decode()", "b'\\xff'.decode('ascii')", "bytearray(b'a')[0:1] + 1", "b'a'[5]", "b'a'.index(b'z')", "bytes([-1])", "bytes(1.5)", "b'a' < 'a'", "b'a'.join(['x'])", "bytearray().pop()", "b'é'" if False else "b'x'.foo"):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
data = bytearray(b"0123456789")
m = memoryview(data)
m[0] = 65; m[2:4] = b"zz"; print(data, m[1], m[1:3].tobytes(), m[::2].tolist(), len(m), m.nbytes, m.format, m.itemsize, m.shape, m.strides, m.readonly, m.contiguous, m == data, bytes(m[-3:]), m[5:].hex(), memoryview(b"x").readonly)
try: data.append(1)
except BufferError as e: print(e)
try: memoryview(b"abc")[0] = 1
except TypeError as e: print(e)
m.release()
try: m[0]
except ValueError as e: print(e)
data.append(1); print(len(data))
import array, struct
v = memoryview(array.array("i", [1, 2, 3])); print(v.format, v.tolist(), v[1], v.cast("B").nbytes, v.cast("B").cast("i").tolist(), v[::-1].tolist())
print(memoryview(bytes(range(6))).cast("B", [2, 3]).tolist(), struct.pack("<hIq", -2, 3, 4), struct.unpack(">hf", b"\x00\x01\x3f\x80\x00\x00"), struct.calcsize("@iq"))
with memoryview(b"ctx") as c: print(c[0])
print(b"\x80abc".decode("utf-8", "replace"), b"\x80a".decode("utf-8", "backslashreplace"), b"\x80".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"), b"a\x00".decode("utf-16-le"), b"\xef\xbb\xbfx".decode("utf-8-sig"))
class B:
    def __bytes__(self): return b"own"
print(bytes(B()), b"x".__class__, type(bytearray(b"a")[:1]), int.from_bytes(bytearray(b"\x01\x02")), bytes(memoryview(b"abc")[::-1]))
