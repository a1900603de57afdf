"""A profiler with the interface of the module `profile`, whose work is done natively by `_lsprof`."""

import io
import profile as _shared
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec

import _lsprof

__all__ = ["run", "runctx", "Profile"]


def run(statement, filename=None, sort=-1):
    return _shared._Utils(Profile).run(statement, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    return _shared._Utils(Profile).runctx(statement, globals, locals, filename, sort)


run.__doc__ = _shared.run.__doc__
runctx.__doc__ = _shared.runctx.__doc__


def label(code):
    """How `pstats` names what was called: file, line and name."""
    if isinstance(code, str):
        return "~", 0, code
    return code.co_filename, code.co_firstlineno, code.co_name


def _numbers(entry):
    """Calls that are not recursive, all calls, time inside, time with all that was called."""
    return (entry.callcount - entry.reccallcount, entry.callcount, entry.inlinetime, entry.totaltime)


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    Counts and times calls. Without a timer the native clock is used; a timer that
    returns integers needs a timeunit, the seconds that one of them stands for.
    """

    def print_stats(self, sort=-1):
        from pstats import Stats

        keys = sort if isinstance(sort, tuple) else (sort,)
        Stats(self).strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file):
        from marshal import dump

        with open(file, "wb") as out:
            self.create_stats()
            dump(self.stats, out)

    def create_stats(self):
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        """Leaves what is known so far in `self.stats`, as `pstats` reads it."""
        entries = self.getstats()
        # By identity: functions of the same name are told apart.
        callers = {id(entry.code): {} for entry in entries}
        self.stats = {label(entry.code): (*_numbers(entry), callers[id(entry.code)]) for entry in entries}
        for entry in entries:
            caller = label(entry.code)
            for call in entry.calls or ():
                known = callers.get(id(call.code))
                if known is not None:
                    # `pstats` has the two counts of a caller the other way round.
                    primitive, calls, inline, total = _numbers(call)
                    now = (calls, primitive, inline, total)
                    before = known.get(caller)
                    known[caller] = now if before is None else tuple(map(sum, zip(before, now)))

    def run(self, cmd):
        import __main__

        return self.runctx(cmd, vars(__main__), vars(__main__))

    def runctx(self, cmd, globals, locals):
        # No `with`, whose end would be counted as a call.
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *error):
        self.disable()


def _module_namespace(name):
    """What to run, and where, to profile a module of the library."""
    from runpy import run_module

    return "run_module(modname, run_name='__main__')", {"run_module": run_module, "modname": name}


def _script_namespace(path):
    """What to run, and where, to profile a script: it is `__main__` as if it had been started."""
    import os
    import sys

    sys.path.insert(0, os.path.dirname(path))
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec")
    spec = ModuleSpec(name="__main__", loader=None, origin=path)
    module = module_from_spec(spec)
    sys.modules["__main__"] = module
    space = vars(module)
    space.update(__spec__=spec, __file__=path, __name__="__main__", __package__=None, __cached__=None)
    return code, space


def main():
    import os
    import pstats
    import sys
    from optparse import OptionParser

    parser = OptionParser(usage="cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ...")
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", dest="outfile", default=None, help="Save stats to <outfile>")
    parser.add_option(
        "-s", "--sort", dest="sort", default=2, choices=sorted(pstats.Stats.sort_arg_dict_default),
        help="Sort order when printing to stdout, based on pstats.Stats class",
    )
    parser.add_option("-m", dest="module", action="store_true", default=False, help="Profile a library module")
    if len(sys.argv) < 2:
        parser.print_usage()
        sys.exit(2)
    options, arguments = parser.parse_args()
    sys.argv[:] = arguments
    if options.outfile is not None:
        # The program may change the folder.
        options.outfile = os.path.abspath(options.outfile)
    if not arguments:
        parser.print_usage()
        return parser
    code, space = (_module_namespace if options.module else _script_namespace)(arguments[0])
    try:
        runctx(code, space, None, options.outfile, options.sort)
    except BrokenPipeError as error:
        # There is nobody to tell at the interpreter's end.
        sys.stdout = None
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
