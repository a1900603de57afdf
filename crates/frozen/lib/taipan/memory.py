"""Memory that can be seen, bounded and trusted.

stats()                 figures by size class, by type, from the system
limit(), set_limit(n)   how much this interpreter may have
snapshot(), diff(a, b)  what grew, by type and by the place that asked for it
sample(interval)        remember such places, cheaply enough for production
why_alive(obj)          the references that keep an object alive
no_leaks(budget)        a block or function that must not leak
check_counts()          whether all references are counted (a check of Taipan itself)
fail_at(n)              let a request for memory fail, to test what happens then
"""

import gc
import sys
import types

import _taipan_memory as _native
from _taipan_memory import check_counts, fail_at

__all__ = ['stats', 'report', 'limit', 'set_limit', 'sample', 'snapshot', 'Snapshot', 'diff', 'Diff', 'Growth',
           'why_alive', 'no_leaks', 'LeakError', 'fail_at', 'size_of', 'check_counts']


def stats():
    """The figures of this interpreter's memory, as a dict.

    classes: a dict for each size class of the pools: size, pools, used, free (blocks), bytes_used, bytes_free,
        bytes_lost (at the ends of pools)
    types: for each type count and bytes, with items and text beside the objects
    system: bytes, blocks, limit, arenas, arena_size, pool_size, empty_pools, large_blocks, large_bytes
    threshold: where the pools end and the system begins
    live: bytes of objects and of what they have beside themselves
    in_use, requested, wasted: bytes of the objects' blocks, of the objects, the difference
    reserved: bytes that the interpreter has from the system
    rss, peak_rss: bytes of the process in memory
    """
    return _native.stats()


def report(file=None):
    """Prints the figures, as sys._debugmallocstats() does, to a file (sys.stderr)."""
    print(_native.report_text(), file=file or sys.stderr, end='')


def limit():
    """The most bytes that this interpreter may have from the system; None: no limit."""
    return _native.stats()['system']['limit']


def set_limit(limit):
    """Limits the bytes that this interpreter may have from the system; None: no limit any more.

    What would cross the limit raises MemoryError.
    """
    _native.set_limit(limit)


def sample(interval=512 * 1024, frames=4):
    """Remembers, from now on, one block for about every `interval` bytes by which memory grows, with the traceback
    (at most `frames` frames) that asked for it. 0: no more.

    Snapshots show these places. Memory that is used again and again costs nothing.
    """
    _native.sample(interval, frames)


def size_of(obj):
    """The bytes that an object takes, with its items' table or its text, but without other objects."""
    return _native.own_size(obj)


class Growth:
    """What a Diff says of one type or place."""

    __slots__ = ('what', 'count', 'bytes', 'count_before', 'bytes_before')

    def __init__(self, what, before, after):
        self.what = what
        self.count_before, self.bytes_before = before
        self.count = after[0] - before[0]
        self.bytes = after[1] - before[1]

    def __repr__(self):
        return f'<Growth {self}>'

    def __str__(self):
        what = self.what if isinstance(self.what, str) else _place(self.what)
        return f'{_signed(self.bytes)} bytes, {_signed(self.count)} x {what}'


def _signed(n):
    return f'{n:+,}'


def _place(frames):
    return ' <- '.join(f'{file}:{line}' for file, line in frames)


class Snapshot:
    """What there is at a moment.

    types: from type name to (count, bytes); places: from traceback to (count, bytes), of sampled or traced blocks;
    bytes: of all objects; objects: their number; reserved: bytes from the system.
    """

    __slots__ = ('types', 'places', 'bytes', 'objects', 'reserved', '_own')

    def __init__(self):
        gc.collect()
        s = _native.stats()
        self.types = {name: (t['count'], t['bytes']) for name, t in s['types'].items()}
        self.places = {}
        for frames, count, size in _native.samples():
            a, b = self.places.get(frames, (0, 0))
            self.places[frames] = (a + count, b + size)
        self.bytes = s['live']
        self.objects = sum(count for count, _ in self.types.values())
        self.reserved = s['reserved']
        del s
        # A later snapshot will find this one, which must not count as growth.
        size = _native.own_size
        frames = [f for f in self.places] + [pair for f in self.places for pair in f]
        own = {
            'str': [len(self.types), sum(map(size, self.types))],
            'tuple': [len(self.types) + len(self.places) + len(frames) + 5,
                      sum(map(size, self.types.values())) + sum(map(size, self.places.values())) + sum(map(size, frames))],
            'dict': [3, size(self.types) + size(self.places)],
            f'{__name__}.Snapshot': [1, size(self)],
        }
        self._own = {name: tuple(pair) for name, pair in own.items()}
        count, total = self._own['dict']
        self._own['dict'] = (count, total + size(self._own))
        count, total = self._own['tuple']
        self._own['tuple'] = (count - 1, total + 4 * size(self._own['tuple']))

    def __repr__(self):
        return f'<Snapshot of {self.objects:,} objects, {self.bytes:,} bytes>'

    def __sub__(self, before):
        return diff(before, self)


def snapshot():
    """Collects garbage, then counts all objects by type, and remembered blocks by place."""
    return Snapshot()


class Diff:
    """What changed between two snapshots: types and places (lists of Growth, what grew most first), bytes, objects."""

    __slots__ = ('types', 'places', 'bytes', 'objects')

    def __init__(self, before, after):
        types = dict(after.types)
        for name, (count, size) in before._own.items():
            a, b = types.get(name, (0, 0))
            types[name] = (a - count, b - size)
        self.types = self._grown(before.types, types)
        self.places = self._grown(before.places, after.places)
        self.bytes = after.bytes - before.bytes - sum(size for _, size in before._own.values())
        self.objects = after.objects - before.objects - sum(count for count, _ in before._own.values())

    @staticmethod
    def _grown(before, after):
        none = (0, 0)
        found = [Growth(k, before.get(k, none), after.get(k, none)) for k in before.keys() | after.keys()]
        found = [g for g in found if g.count or g.bytes]
        found.sort(key=lambda g: (-g.bytes, -g.count, str(g.what)))
        return found

    def __str__(self):
        lines = [f'{_signed(self.bytes)} bytes, {_signed(self.objects)} objects']
        lines += [f'  {g}' for g in self.types[:12]]
        if self.places:
            lines.append('asked for by')
            lines += [f'  {g}' for g in self.places[:12]]
        return '\n'.join(lines)

    def __repr__(self):
        return f'<Diff {_signed(self.bytes)} bytes, {_signed(self.objects)} objects>'


def diff(before, after):
    """What grew from one snapshot to another."""
    return Diff(before, after)


# Why is this alive?

def why_alive(obj):
    """The references that keep `obj` alive, shortest path first found, as text such as

        module app -> cache (dict) -> ['k'] (Session) -> .user

    It begins at a module, or at a variable of a function that runs. None if nothing of the kind keeps it alive.
    """
    path = _path(obj)
    return None if path is None else _text(path)


def _path(obj):
    frame = sys._getframe(2)
    mine = []
    own_frames = []
    while frame is not None:
        own_frames.append(frame)
        frame = frame.f_back
    modules = [m for m in list(sys.modules.values()) if isinstance(m, types.ModuleType) and m is not obj]
    modules.sort(key=_module_rank)
    path = _native.path(obj, modules, own_frames)
    if path is None:
        # Variables of running functions.
        for frame in own_frames:
            values = [v for v in frame.f_locals.values()]
            mine = _native.path(obj, values, own_frames)
            if mine is not None:
                path = [frame, *mine]
                break
            del values
    return path


def _module_rank(module):
    name = getattr(module, '__name__', '')
    return (name in sys.stdlib_module_names or name.startswith('taipan'), name != '__main__')


def _kind(obj):
    return type(obj).__name__


def _text(path):
    first, *rest = path
    if isinstance(first, types.ModuleType):
        parts = [f'module {first.__name__}']
    elif isinstance(first, types.FrameType):
        parts = [f'{first.f_code.co_qualname}()']
        if rest:
            parts.append(_label(_name_in(first.f_locals, rest[0]), rest[0], len(rest) == 1))
            first, *rest = rest
    else:
        parts = [_kind(first)]
    parent = first
    skipped = None
    closure = variable = None
    for i, child in enumerate(rest):
        last = i == len(rest) - 1
        names = _namespace(parent)
        if names is child and not last:
            # The dict of a module or an instance: its keys name what follows.
            skipped = parent
            parent = child
            continue
        if isinstance(parent, types.FunctionType) and child is parent.__closure__ and not last:
            closure = parent
            parent = child
            continue
        if closure is not None and isinstance(child, types.CellType) and not last:
            variable = next((n for n, c in zip(closure.__code__.co_freevars, parent) if c is child), '?')
            closure = None
            parent = child
            continue
        if variable is not None:
            name = f'<variable {variable}>'
            variable = None
        elif skipped is not None and isinstance(parent, dict):
            key = _key(parent, child)
            owner = skipped
            skipped = None
            if isinstance(key, str):
                name = key if isinstance(owner, types.ModuleType) else f'.{key}'
            else:
                name = f'[{key!r}]'
        else:
            name = _edge(parent, child)
        parts.append(_label(name, child, last))
        parent = child
    return ' -> '.join(parts)


def _label(name, child, last):
    return name if last else f'{name} ({_kind(child)})'


def _namespace(obj):
    try:
        return object.__getattribute__(obj, '__dict__')
    except Exception:
        return None


def _name_in(names, child):
    for name, value in names.items():
        if value is child:
            return name
    return '?'


def _key(mapping, child):
    for key, value in dict.items(mapping):
        if value is child:
            return key
    return '?'


def _edge(parent, child):
    """What `parent` calls its reference to `child`."""
    if isinstance(parent, types.ModuleType):
        return _name_in(vars(parent), child)
    if isinstance(parent, dict):
        for key, value in dict.items(parent):
            if value is child:
                return f'[{key!r}]'
            if key is child:
                return f'<key {_short(key)}>'
    if isinstance(parent, (list, tuple)):
        for i, value in enumerate(parent):
            if value is child:
                return f'[{i}]'
    if isinstance(parent, (set, frozenset)):
        return '<member>'
    if isinstance(parent, types.FunctionType):
        for name in ('__globals__', '__defaults__', '__kwdefaults__', '__closure__', '__dict__', '__code__'):
            if getattr(parent, name, None) is child:
                return f'.{name}'
        for name, cell in zip(parent.__code__.co_freevars, parent.__closure__ or ()):
            if cell is child:
                return f'<variable {name}>'
    if isinstance(parent, types.MethodType):
        for name in ('__self__', '__func__'):
            if getattr(parent, name) is child:
                return f'.{name}'
    if isinstance(parent, types.CellType):
        return '<cell>'
    if isinstance(parent, types.FrameType):
        return _name_in(parent.f_locals, child)
    if isinstance(parent, (types.GeneratorType, types.CoroutineType)):
        frame = getattr(parent, 'gi_frame', None) or getattr(parent, 'cr_frame', None)
        if frame is not None:
            return f'<variable {_name_in(frame.f_locals, child)}>'
    if isinstance(parent, type):
        for name, value in list(vars(parent).items()):
            if value is child:
                return f'.{name}'
        for name in ('__bases__', '__mro__', '__dict__'):
            if getattr(parent, name, None) is child:
                return f'.{name}'
    if type(parent) is child:
        return '<class>'
    names = _namespace(parent)
    if isinstance(names, dict):
        for name, value in names.items():
            if value is child:
                return f'.{name}'
    for cls in type(parent).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType):
                try:
                    if member.__get__(parent) is child:
                        return f'.{name}'
                except AttributeError:
                    pass
    return '<reference>'


def _short(obj):
    text = repr(obj)
    return text if len(text) <= 40 else text[:37] + '...'


# A check for tests

class LeakError(AssertionError):
    """A block has left more behind than it may."""

    def __init__(self, found, budget):
        self.diff = found
        self.budget = budget
        super().__init__(f'more than {budget:,} bytes were left behind: {found}')


class no_leaks:
    """A block, or a function, that must not leave more than `budget` bytes behind.

        with no_leaks(budget=10_000):
            handle_request()

        @no_leaks(repeat=20)
        def test_requests(): ...

    A function is called `warmup` times before it is watched, for caches to fill, and then `repeat` times; the budget
    holds for all of them together. Raises LeakError, whose `diff` says what was left.
    """

    def __init__(self, budget=4096, *, warmup=1, repeat=5):
        self.budget = budget
        self.warmup = warmup
        self.repeat = repeat
        self.before = None
        self.diff = None

    def __enter__(self):
        # The first snapshot makes what the second one would find new.
        snapshot()
        self.before = snapshot()
        return self

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            self.before = None
            return
        after = snapshot()
        before, self.before = self.before, None
        self.diff = diff(before, after)
        if self.diff.bytes > self.budget:
            raise LeakError(self.diff, self.budget)

    def __call__(self, function):
        import functools

        @functools.wraps(function)
        def checked(*args, **kwargs):
            for _ in range(self.warmup):
                function(*args, **kwargs)
            with type(self)(self.budget):
                for _ in range(self.repeat):
                    function(*args, **kwargs)
        return checked


# -X leak-report

class _Watch:
    """Counts objects by type again and again while a program runs, and says at the end what grew without bound."""

    #: Full counts that are remembered.
    most = 24

    def __init__(self):
        import time
        self.clock = time.process_time
        self.began = self.clock()
        self.next = self.began
        self.pause = 0.05
        self.counts = []
        self.busy = False
        sample(256 * 1024)
        self.start = {frames: size for frames, _, size in _native.samples()}
        self.collections = 0
        gc.callbacks.append(self.collected)
        self.look()

    def collected(self, phase, info):
        if phase == 'stop' and not self.busy and self.clock() >= self.next:
            self.look()

    def look(self):
        self.busy = True
        began = self.clock()
        self.counts.append((began, _native.by_type()))
        if len(self.counts) >= self.most:
            # Half of them are forgotten, and the next ones come at longer intervals.
            del self.counts[1::2]
            self.pause *= 2
        now = self.clock()
        # Counting takes at most a twentieth of the time.
        self.next = now + max(self.pause, 20 * (now - began))
        self.busy = False

    def finish(self):
        gc.callbacks.remove(self.collected)
        gc.collect()
        self.look()
        places = [(size - self.start.get(frames, 0), frames) for frames, _, size in _native.samples()]
        _native.sample(0)
        return self.grown(), sorted((p for p in places if p[0] > 0), key=lambda p: -p[0])

    def grown(self):
        """Types of which there were ever more: [(bytes, count, name)]."""
        out = []
        (start, first), (end, last) = self.counts[0], self.counts[-1]
        middle = (start + end) / 2
        at, half = min(self.counts, key=lambda c: abs(c[0] - middle))
        # Without several looks, one of them near the middle, all growth counts.
        near = len(self.counts) >= 8 and abs(at - middle) < (end - start) / 4
        for name, (count, size) in last.items():
            count0, size0 = first.get(name, (0, 0))
            if size - size0 < 64 * 1024 and count - count0 < 1000:
                continue
            # It must have grown in the second half of the time too, by a good part.
            if not near or (size - half.get(name, (0, 0))[1]) * 4 >= size - size0:
                out.append((size - size0, count - count0, name))
        out.sort(reverse=True)
        return out


def _leak_report():
    """For -X leak-report: begins to watch; the report is printed at exit."""
    import atexit
    watch = _Watch()

    def finish():
        types, places = watch.finish()
        err = sys.stderr
        print('--- leak report', file=err)
        if not types:
            print('nothing grew without bound', file=err)
            return
        print('grew while the program ran:', file=err)
        for size, count, name in types[:10]:
            print(f'  {_signed(size)} bytes, {_signed(count)} x {name}', file=err)
        if places:
            print('asked for by (sampled):', file=err)
            for size, frames in places[:10]:
                print(f'  {_signed(size)} bytes at {_place(frames)}', file=err)
        _print_example(types, err)

    atexit.register(finish)


def _print_example(types, err):
    """Why an object of a class that grew is alive."""
    wanted = [name for _, _, name in types[:10]]
    found = {}
    for obj in gc.get_objects():
        cls = type(obj)
        name = cls.__qualname__ if cls.__module__ in ('builtins', '__main__') else f'{cls.__module__}.{cls.__qualname__}'
        if name in wanted and cls.__module__ != 'builtins' and name not in found:
            found[name] = obj
    for name in wanted:
        if name in found:
            text = why_alive(found[name])
            if text:
                print(f'alive ({name}): {text}', file=err)
