# needs: 3.14
# options: -X memory-limit=64M
"""A limit counts everything; what crosses it raises MemoryError, and the program goes on."""
import array
import collections
import decimal
import io
import itertools
import json
import pickle
import re
import resource
import zlib
import bz2
import lzma
import taipan.memory as memory

print(memory.limit() == 64 << 20)


def tries(name, f):
    try:
        f()
    except MemoryError:
        print(name, 'MemoryError')
    else:
        print(name, 'got it')
    return None


class Node:
    def __init__(self, next):
        self.next = next


def chain():
    n = None
    while True:
        n = Node(n)


def growing(make, add):
    x = make()
    while True:
        add(x)


def bytes_of_zeros(n):
    return zlib.compress(b'\0' * n)


small = {
    'zlib': zlib.compress(b'\0' * (20 << 20)),
    'bz2': bz2.compress(b'\0' * (20 << 20)),
    'lzma': lzma.compress(b'\0' * (20 << 20), preset=0),
}


def again(decompress, data):
    out = []
    while True:
        out.append(decompress(data))


def deep():
    x = []
    while True:
        x = [x]


def pickled():
    x = [str(i) for i in range(300_000)]
    out = []
    while True:
        out.append(pickle.dumps(x))


def parsed():
    text = '[' + ','.join('"%d"' % i for i in range(100_000)) + ']'
    out = []
    while True:
        out.append(json.loads(text))


def generator():
    def f():
        yield from range(10)
    out = []
    while True:
        g = f()
        next(g)
        out.append(g)


def teed():
    a, b = itertools.tee(itertools.count())
    for _ in a:
        pass


cases = [
    ('str', lambda: 'x' * (100 << 20)),
    ('str growing', lambda: growing(io.StringIO, lambda s: s.write('x' * 10000))),
    ('str +=', lambda: exec('s = "x" * 1000\nwhile True: s += s')),
    ('join', lambda: ''.join('x' * 1000 for _ in itertools.count())),
    ('bytes', lambda: b'x' * (100 << 20)),
    ('bytearray', lambda: bytearray(100 << 20)),
    ('bytearray growing', lambda: growing(bytearray, lambda b: b.extend(b'x' * 10000))),
    ('bytearray of count', lambda: bytearray(itertools.repeat(0))),
    ('list', lambda: [0] * (20 << 20)),
    ('list growing', lambda: growing(list, lambda l: l.append(None))),
    ('list of repeat', lambda: list(itertools.repeat(None))),
    ('list extend', lambda: [].extend(itertools.repeat(None))),
    ('tuple', lambda: tuple(itertools.repeat(None))),
    ('dict growing', lambda: growing(dict, lambda d: d.__setitem__(len(d), None))),
    ('dict fromkeys', lambda: dict.fromkeys(itertools.count())),
    ('set', lambda: set(itertools.count())),
    ('set growing', lambda: growing(set, lambda s: s.add(len(s)))),
    ('int', lambda: 1 << (1 << 30)),
    ('int pow', lambda: 3 ** (1 << 30)),
    ('int growing', lambda: exec('n = 3\nwhile True: n *= n')),
    ('instances', chain),
    ('lists in lists', deep),
    ('generators', generator),
    ('deque', lambda: growing(collections.deque, lambda d: d.append(None))),
    ('deque of repeat', lambda: collections.deque(itertools.repeat(None))),
    ('Counter', lambda: collections.Counter(itertools.count())),
    ('array', lambda: growing(lambda: array.array('d'), lambda a: a.append(0.0))),
    ('array repeat', lambda: array.array('d', [0.0]) * (20 << 20)),
    ('BytesIO', lambda: growing(io.BytesIO, lambda b: b.write(b'x' * 10000))),
    ('BytesIO seek', lambda: (b := io.BytesIO(), b.seek(100 << 20), b.write(b'x'))),
    ('zlib', lambda: again(zlib.decompress, small['zlib'])),
    ('bz2', lambda: again(bz2.decompress, small['bz2'])),
    ('lzma', lambda: again(lzma.decompress, small['lzma'])),
    ('compressors', lambda: growing(list, lambda l: l.append(zlib.compressobj()))),
    ('lzma compressors', lambda: growing(list, lambda l: l.append(lzma.LZMACompressor(preset=0)))),
    ('bz2 compressors', lambda: growing(list, lambda l: l.append(bz2.BZ2Compressor()))),
    ('pickle', pickled),
    ('json', parsed),
    ('json dumps', lambda: growing(list, lambda l: l.append(json.dumps([['x' * 50] * 1000])))),
    ('re', lambda: growing(list, lambda l: l.append(re.sub('x', 'yyyyyyyyyy', 'x' * 100_000)))),
    ('re findall', lambda: growing(list, lambda l: l.append(re.findall('..', 'x' * 100_000)))),
    ('tee', teed),
    ('product', lambda: itertools.product(range(10 << 20), repeat=2)),
    ('sorted', lambda: sorted(itertools.repeat(1))),
    ('decimal', lambda: growing(list, lambda l: l.append(decimal.Decimal(10) ** 5000 + len(l)))),
    ('split', lambda: growing(list, lambda l: l.append(('x ' * 100_000).split()))),
    ('format', lambda: format('x', '1000000000')),
    ('slices', lambda: growing(lambda: [0], lambda l: l.__setitem__(slice(0, 0), l))),
    ('buffered', lambda: growing(list, lambda l: l.append(io.BufferedReader(io.BytesIO(b''), 1 << 20)))),
]
for name, f in cases:
    tries(name, f)

# After all this the program has its memory back.
s = memory.stats()
print(s['reserved'] < 40 << 20, s['peak_rss'] < 160 << 20)
print(len(str('x' * (10 << 20))))
