# needs: 3.14
# timeout: 300
"""Every request for memory of a script fails, one after another: the interpreter survives each, and MemoryError is all
that is ever seen."""
import subprocess
import sys

SCRIPT = r'''
import sys
import taipan.memory as memory
# All that the script needs is imported once, so that later runs ask for the same again.
import collections, contextlib, dataclasses, decimal, functools, io, itertools, json, re, traceback

SOURCE = """
class Base:
    count = 0
    def __init__(self, name, **more):
        self.name = name
        self.more = more
        type(self).count += 1
    def __eq__(self, other):
        return self.name == other.name
    def __hash__(self):
        return hash(self.name)
    @property
    def upper(self):
        return self.name.upper()

class Derived(Base):
    __slots__ = ('extra',)
    def __init__(self, name):
        super().__init__(name, a=1, b=[2])
        self.extra = {name: self}

def numbers(n):
    for i in range(n):
        try:
            got = yield i * i
        finally:
            pass

def failing(depth):
    if depth:
        return failing(depth - 1)
    raise ValueError('at the bottom', depth)

@contextlib.contextmanager
def managed(log):
    log.append('in')
    try:
        yield log
    finally:
        log.append('out')

def work():
    out = []
    things = [Derived(f'thing {i}') for i in range(8)]
    table = {t: t.upper for t in things}
    out.append(sorted(table, key=lambda t: t.name, reverse=True)[0].name)
    out.append(sum(numbers(10)))
    out.append({k: [v] * 3 for k, v in zip('abc', numbers(3))})
    try:
        failing(5)
    except ValueError as e:
        try:
            raise KeyError('other') from e
        except KeyError as e2:
            out.append(repr(e2.__cause__))
            out.append(len(traceback.format_exception(e2)) > 3)
    out.append(json.loads(json.dumps({'a': [1, 2.5, None, 'x' * 300], 'b': {'c': 'd'}}))['b'])
    out.append(re.sub(r'(\\\\w+) (\\\\d+)', r'\\\\2 \\\\1', 'ab 12, cd 34 ' * 3))
    out.append(re.findall('[a-c]+', 'xxabcyyab'))
    n = 3 ** 400
    out.append(n * n // (n + 1) % 1000)
    out.append(int(str(n)) == n)
    text = ''.join(str(i) for i in range(200))
    out.append(text.replace('1', 'eins').count('eins'))
    out.append(text.encode().decode('latin-1').split('9')[0])
    out.append('%s %r {} \u1234' % (text[:5], things[0].extra.keys() & {'thing 0'}))
    d = collections.OrderedDict((i, str(i)) for i in range(20))
    d.move_to_end(3)
    out.append(list(d)[-1])
    q = collections.deque(range(100), maxlen=10)
    out.append(list(itertools.islice(itertools.chain(q, q), 5, 12)))
    out.append(collections.Counter('hello world').most_common(1))
    b = io.StringIO()
    print('to', 'a', 'file', sep='-', file=b)
    out.append(b.getvalue())
    out.append(bytes(bytearray(b'abc') * 50)[-2:])
    out.append(decimal.Decimal('1.1') / 3)
    with managed([]) as log:
        log.append('body')
    out.append(log)
    P = dataclasses.make_dataclass('P', ['x', ('y', int, 5)])
    out.append(P(1))
    f = functools.lru_cache(maxsize=None)(lambda x: x + 1)
    out.append([f(1), f(1), f.cache_info().hits])
    s = set(range(50)) ^ frozenset(range(25, 75))
    out.append(len(s))
    g = (x for x in [1, [2, (3, {4: {5}})]])
    out.append(repr(list(g)))
    async def co():
        return 5
    c = co()
    try:
        c.send(None)
    except StopIteration as e:
        out.append(e.value)
    match {'k': [1, 2, 3]}:
        case {'k': [first, *rest]}:
            out.append((first, rest))
    out.append(sorted([3, 1, 2] * 20, key=lambda x: -x)[:3])
    exec('y = lambda z: z + 1', ns := {})
    out.append(ns['y'](2))
    for t in things:
        t.me = t
    return repr(out)
"""
code = compile(SOURCE, 'work', 'exec')
names = {k: v for k, v in globals().items() if not k.startswith('__')}

def once():
    ns = dict(names)
    exec(code, ns)
    return ns['work']()

right = once()
assert once() == right
start, step = int(sys.argv[1]), int(sys.argv[2])
n = start
other = set()
survived = 0
while True:
    failed = False
    memory.fail_at(n)
    try:
        result = once()
        # What failed last is told at the next turn of a loop.
        for _ in range(3):
            pass
    except MemoryError:
        failed = True
    except BaseException as e:
        # What has lost its memory inside a handler of its own may say so in other words, but never wrongly.
        memory.fail_at(0)
        if not isinstance(e.__context__ or e.__cause__, MemoryError):
            other.add(f'{n}: {e!r}')
        failed = True
    asked = memory.fail_at(0)
    if not failed:
        if result != right:
            other.add(f'{n}: wrong result {result}')
        if asked < n:
            break
    survived += 1
    n += step
assert once() == right
print('survived' if survived else 'nothing asked for', survived > 500 // step, sorted(other))
'''

step = int(sys.argv[1]) if len(sys.argv) > 1 else 2
children = [subprocess.run([sys.executable, '-c', SCRIPT, str(start), str(step)], capture_output=True, text=True, errors='replace')
            for start in (1, 1 + step // 2)]
for child in children:
    print(child.returncode, child.stdout, end='')
    # Nobody can say more of a failure inside a finalizer or callback.
    rest = [l for l in child.stderr.splitlines() if 'panicked' in l or 'Fatal' in l or 'abort' in l]
    print(rest)
