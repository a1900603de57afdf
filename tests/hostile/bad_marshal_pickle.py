# timeout: 100
# needs: 3.14
# CPython allocates whatever size the data claims, and takes minutes over this.
# Malformed marshal and pickle data end in an exception.
import marshal, pickle, random
code = marshal.dumps(compile("def f(x, *y):\n    return [x, 'a', 1.5, 2**80, b'q', None, (1, 2)]\nclass C: pass", "n", "exec"))
data = marshal.dumps([1, "a", {"k": (1.5, b"x")}, {1, 2}, 2**100, None, True, 3j, frozenset([1])])
random.seed(5)
def attempt(load, blob):
    try: load(blob)
    except (ValueError, TypeError, EOFError, MemoryError, RecursionError, SyntaxError, OverflowError, KeyError, IndexError, AttributeError, ImportError, UnicodeError, BufferError, pickle.UnpicklingError, SystemError, AssertionError): return 1
    return 0
bad = 0
for i in range(len(data)): bad += attempt(marshal.loads, data[:i])
for i in range(len(code)): bad += attempt(marshal.loads, code[:i])
print("truncated", bad == len(data) + len(code))
for _ in range(3000):
    blob = bytearray(data)
    for _ in range(3): blob[random.randrange(len(blob))] = random.randrange(256)
    attempt(marshal.loads, bytes(blob))
for _ in range(2000): attempt(marshal.loads, random.randbytes(random.randrange(1, 40)))
attempt(marshal.loads, b"(\xff\xff\xff\x7f"); attempt(marshal.loads, b"[" + b"\xff\xff\xff\x7f" * 3); attempt(marshal.loads, b"s\xff\xff\xff\x7f"); print("deep", attempt(marshal.loads, b"(\x01\x00\x00\x00" * 100_000))
print("marshal survived")
class K:
    def __init__(self): self.a = [1, {"x": (2, 3)}]
good = pickle.dumps([1, "text", K(), {1: 2}, {3}, 1.5, 2**99, b"bytes", (None, True)])
for i in range(len(good) - 1): attempt(pickle.loads, good[:i])
# Only opcodes that build plain data: a damaged name could call anything.
safe = b"(]}l)\x85\x86\x87tdu.0123NK\x01M\x01\x00J\x01\x00\x00\x00\x88\x89esab2q\x00h\x00\x94X\x01\x00\x00\x00ax"
for _ in range(20_000): attempt(pickle.loads, b"\x80\x04" + bytes(random.choice(safe) for _ in range(random.randrange(1, 30))))
for blob in (b"", b".", b"0.", b"(", b"}(.", b"\x80\xff.", b"cnope\nnope\n.", b"X\xff\xff\xff\xffa", b"B\xff\xff\xff\x7f", b"\x8d" + b"\xff" * 8, b"j\xff\xff\xff\x7f.", b"r\xff\xff\xff\x7f", b"\x8e" + b"\x7f" * 8, b"\x95" + b"\xff" * 8, b"I12x\n.", b"F1..2\n.", b"L\n.", b"\x8a\xff", b"(" * 100_000 + b".", b"](]" * 50_000, b"\x93.", b"R.", b"b.", b"\x81.", b"o.", b"i\n\n."): attempt(pickle.loads, blob)
print("pickle survived")
