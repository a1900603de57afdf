"""Prints the public names of the standard library's modules, one module or class a line: `module: name name`,
`module/Class: name name`, or `module!why it cannot be imported`."""
import importlib
import pkgutil
import sys
import warnings

# What no program imports for its names, or what has effects when imported.
SKIPPED = {'antigravity', 'this', 'idlelib', 'turtledemo', 'tkinter', 'turtle', 'test', 'lib2to3', '__main__', '__hello__', '__phello__'}
warnings.simplefilter('ignore')


def modules():
    for name in sorted(n for n in sys.stdlib_module_names if n not in SKIPPED and not n.startswith('_')):
        yield name
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        for info in pkgutil.iter_modules(getattr(module, '__path__', ()), name + '.'):
            last = info.name.rpartition('.')[2]
            if not last.startswith('_') and last not in ('test', 'tests') and not (name == 'encodings' and last != 'aliases'):
                yield from below(info)


def below(info):
    yield info.name
    if not info.ispkg:
        return
    try:
        path = importlib.import_module(info.name).__path__
    except Exception:
        return
    for child in pkgutil.iter_modules(path, info.name + '.'):
        if not child.name.rpartition('.')[2].startswith('_'):
            yield from below(child)


def public(names):
    return sorted(n for n in names if not n.startswith('_'))


def own(value, module):
    return isinstance(value, type) and getattr(value, '__module__', None) in (module, module.lstrip('_'), '_' + module, 'builtins')


def main(wanted):
    for name in wanted or modules():
        try:
            module = importlib.import_module(name)
        except BaseException as e:
            print(f'{name}!{type(e).__name__}: {e}'.replace('\n', ' '))
            continue
        names = public(module.__dict__)
        # A module that another one has imported for itself is no name of it.
        names = [n for n in names if type(module.__dict__[n]) is not type(sys)]
        print(f'{name}:', *names)
        for n in names:
            value = module.__dict__[n]
            if own(value, name) and value.__name__ == n and (members := public(dir(value))):
                print(f'{name}/{n}:', *members)


main(sys.argv[1:])
