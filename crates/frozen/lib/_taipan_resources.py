"""The files of the library inside the binary, as importlib.resources shows them."""

import _imp
import io
from contextlib import contextmanager
from importlib.resources.abc import Traversable, TraversableResources


def _files():
    """The paths of all files: the modules' sources and the rest."""
    yield from _imp._library_data_names()
    packages = ['']
    while packages:
        package = packages.pop()
        for name, is_pkg in _imp._library_list(package):
            path = (package + name).replace('.', '/')
            if is_pkg:
                packages.append(f'{package}{name}.')
                path += '/__init__'
            yield path + '.py'


class LibraryPath(Traversable):
    """A file or folder of the library."""

    def __init__(self, path):
        self._path = path

    def __repr__(self):
        return f'{type(self).__name__}({self._path!r})'

    def __eq__(self, other):
        return isinstance(other, LibraryPath) and self._path == other._path

    def __hash__(self):
        return hash(self._path)

    @property
    def name(self):
        return self._path.rpartition('/')[2]

    def iterdir(self):
        prefix = self._path + '/' if self._path else ''
        found = {p[len(prefix):].partition('/')[0] for p in _files() if p.startswith(prefix)}
        if not found:
            raise NotADirectoryError(self._path)
        for name in sorted(found):
            yield LibraryPath(prefix + name)

    def is_file(self):
        return self._read() is not None

    def is_dir(self):
        prefix = self._path + '/' if self._path else ''
        return any(p.startswith(prefix) for p in _files())

    def joinpath(self, *descendants):
        parts = [p for d in descendants for p in str(d).split('/') if p and p != '.']
        return LibraryPath('/'.join([self._path] * bool(self._path) + parts))

    def _read(self):
        data = _imp._library_data(self._path)
        if data is None and self._path.endswith('.py'):
            name = self._path[:-3].replace('/', '.')
            is_init = name.endswith('.__init__')
            name = name.removesuffix('.__init__')
            if _imp._library_find(name) == 1 + is_init:
                data = _imp._library_source(name)
        return data

    def read_bytes(self):
        data = self._read()
        if data is None:
            raise FileNotFoundError(2, 'No such file or directory', self._path)
        return data

    def open(self, mode='r', *args, **kwargs):
        if 'w' in mode or 'a' in mode or '+' in mode or 'x' in mode:
            raise ValueError('the library can only be read')
        file = io.BytesIO(self.read_bytes())
        return file if 'b' in mode else io.TextIOWrapper(file, *args, **kwargs)


class Resources(TraversableResources):
    """The resources of one package."""

    def __init__(self, path):
        self._path = path

    def files(self):
        return LibraryPath(self._path)


@contextmanager
def copied(path):
    """A copy of a file or folder in the file system, under its own name, for as long as the context lasts."""
    from importlib.resources import as_file
    folder, _, name = path.rpartition('/')
    if _imp._library_data(path) is None:
        with as_file(LibraryPath(path)) as copy:
            yield copy
        return
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as temp:
        copy = pathlib.Path(temp, name)
        copy.write_bytes(_imp._library_data(path))
        yield copy
