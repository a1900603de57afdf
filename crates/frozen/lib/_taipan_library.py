"""The standard library inside the binary, as an entry of sys.path.

The entry is a folder that need not exist in the file system; its modules come
from the image, with their sources, so that tracebacks, inspect and linecache find
them. Where the folder does exist, what it holds beside them is found there, as in
any installation of Python: the package `test`, say, which is not in the image.
"""

import sys
import _imp
from _frozen_importlib import ModuleSpec


class LibraryLoader:
    """Loads one module of the library."""

    def __init__(self, name, path, is_pkg):
        self.name = name
        self.path = path
        self._is_package = is_pkg

    def __eq__(self, other):
        return self.__class__ == other.__class__ and self.__dict__ == other.__dict__

    def __hash__(self):
        return hash(self.name) ^ hash(self.path)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(self.name), module.__dict__)
        if self.name == 'linecache' and (program := _imp._program()):
            module._register_code(*program, '<string>')

    def is_package(self, fullname):
        return self._is_package

    def get_filename(self, fullname=None):
        return self.path

    def get_code(self, fullname=None):
        return _imp._library_code(self.name, self.path)

    def get_source(self, fullname=None):
        from importlib._bootstrap_external import decode_source
        return decode_source(_imp._library_source(self.name))

    def get_data(self, path):
        name = _module_of(path)
        data = None if name is None else _imp._library_source(name)
        if data is None and path.startswith(prefix := sys._stdlib_dir + '/'):
            data = _imp._library_data(path[len(prefix):])
        if data is None:
            raise FileNotFoundError(2, 'No such file or directory', path)
        return data

    def path_stats(self, path):
        return {'mtime': 0, 'size': len(self.get_data(path))}

    def get_resource_reader(self, fullname):
        if not self._is_package:
            return None
        from _taipan_resources import Resources
        return Resources(self.name.replace('.', '/'))


def _module_of(path):
    prefix = sys._stdlib_dir + '/'
    if not path.startswith(prefix) or not path.endswith('.py'):
        return None
    name = path[len(prefix):-3].replace('/', '.')
    return name.removesuffix('.__init__')


def lazy_source(filename):
    """What linecache keeps for a file of the library: a function for the source. None for other files."""
    name = _module_of(filename)
    if name is None or _imp._library_find(name) is None:
        return None
    return (LibraryLoader(name, filename, False).get_source,)


class LibraryFinder:
    """Finds modules below the library's folder."""

    def __init__(self, path):
        self.path = path
        base = sys._stdlib_dir
        if path == base:
            self._prefix = ''
        elif path.startswith(base + '/') and _imp._library_find(path[len(base) + 1:].replace('/', '.')):
            self._prefix = path[len(base) + 1:].replace('/', '.') + '.'
        else:
            raise ImportError('not a folder of the library', path=path)
        self._files = None

    def __repr__(self):
        return f'{type(self).__name__}({self.path!r})'

    def find_spec(self, fullname, target=None):
        name = self._prefix + fullname.rpartition('.')[2]
        found = _imp._library_find(name)
        if found is None:
            return None if self._prefix else self._find_file(fullname, target)
        is_pkg = found == 2
        stem = self.path + '/' + fullname.rpartition('.')[2]
        path = stem + '/__init__.py' if is_pkg else stem + '.py'
        loader = LibraryLoader(name, path, is_pkg)
        spec = ModuleSpec(fullname, loader, origin=path, is_package=is_pkg)
        spec.has_location = True
        if is_pkg:
            spec.submodule_search_locations.append(stem)
        return spec

    def _find_file(self, fullname, target):
        """What the folder itself has."""
        if self._files is None:
            from _frozen_importlib_external import FileFinder, _get_supported_file_loaders
            self._files = FileFinder(self.path, *_get_supported_file_loaders())
        return self._files.find_spec(fullname, target)

    def invalidate_caches(self):
        if self._files is not None:
            self._files.invalidate_caches()

    def iter_modules(self, prefix=''):
        for name, is_pkg in _imp._library_list(self._prefix):
            yield prefix + name, is_pkg


def archive_hook(path):
    """Stands for zipimport.zipimporter until a path comes that may be an archive, so that a start need not load it."""
    if isinstance(path, str) and not _may_be_archive(path):
        raise ImportError(f'not a Zip file: {path!r}', path=path)
    from zipimport import zipimporter
    sys.path_hooks[:] = [zipimporter if hook is archive_hook else hook for hook in sys.path_hooks]
    return zipimporter(path)


def _may_be_archive(path):
    import posix
    # What follows an archive's path is a folder inside.
    while path:
        try:
            return posix.stat(path).st_mode & 0o170000 == 0o100000
        except (OSError, ValueError):
            path = path.rpartition('/')[0]
    return False


def _install():
    sys.path_hooks[:0] = LibraryFinder, archive_hook
