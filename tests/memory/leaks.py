# needs: 3.14
"""taipan.memory: snapshots, places, why something is alive, a check against leaks, the report at exit."""
import os
import subprocess
import sys
import tempfile
import types
import taipan.memory as memory

app = types.ModuleType('app')
sys.modules['app'] = app


class User:
    pass


class Session:
    def __init__(self, user):
        self.user = user


class Slotted:
    __slots__ = ('held',)


user = User()
app.cache = {'k': Session(user)}
del user


def why(obj):
    print(memory.why_alive(obj))


why(app.cache['k'].user)
app.cache['list'] = [(1, Slotted())]
app.cache['list'][0][1].held = User()
why(app.cache['list'][0][1].held)


def closure():
    kept = User()
    return lambda: kept


app.function = closure()
why(app.function())
app.Class = type('Class', (), {'attribute': User()})
why(app.Class.attribute)
print(memory.why_alive(object()))


def local():
    mine = Session(User())
    print(memory.why_alive(mine.user))


local()

# Snapshots.
before = memory.snapshot()
held = [Session(None) for _ in range(500)]
after = memory.snapshot()
d = memory.diff(before, after)
grown = {g.what: g for g in d.types}
print(grown['Session'].count, d.bytes > 500 * 16, d.objects >= 500, str(grown['Session']).endswith('x Session'))
del held
print('Session' in {g.what for g in memory.diff(before, memory.snapshot()).types})

# Places.
memory.sample(4096)
before = memory.snapshot()
held = [str(i) * 100 for i in range(2000)]
d = memory.snapshot() - before
memory.sample(0)
frames = d.places[0].what
line = held and sys._getframe().f_lineno - 4
print(frames[0][0] == __file__, frames[0][1] == line, d.places[0].bytes > 400_000)
del held, d, before

# no_leaks
cache = []


@memory.no_leaks(budget=1000)
def clean():
    return [Session(i) for i in range(1000)]


@memory.no_leaks(budget=1000)
def leaking():
    cache.append(Session([0] * 100))


clean()
try:
    leaking()
except memory.LeakError as e:
    print('leak', isinstance(e, AssertionError), 'Session' in {g.what for g in e.diff.types}, e.budget)
with memory.no_leaks(budget=1000):
    x = [1] * 10_000
    del x

# The report at exit.
PROGRAM = '''
class Session:
    pass
sessions = {}
def handle(n):
    s = Session()
    s.data = list(range(20))
    sessions[n] = s
def clean(n):
    return [Session() for _ in range(3)]
for n in range(60_000):
    handle(n)
    clean(n)
'''
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'program.py')
    with open(path, 'w') as f:
        f.write(PROGRAM)
    p = subprocess.run([sys.executable, '-X', 'leak-report', path], capture_output=True, text=True)
    lines = p.stderr.splitlines()
    print(p.returncode, lines[0], any(l.endswith('x Session') for l in lines), f'{path}:7' in p.stderr)
    print([l.rsplit('[', 1)[0] for l in lines if l.startswith('alive (Session)')])
    with open(path, 'w') as f:
        f.write('for i in range(300_000): [object(), {}]\n')
    p = subprocess.run([sys.executable, '-X', 'leak-report', path], capture_output=True, text=True)
    print(p.returncode, p.stderr, end='')
