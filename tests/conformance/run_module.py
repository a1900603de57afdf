"""Runs one module of CPython's test package, test by test, and writes down how
each test ended the moment it ends, so that a crash costs only the test it is in.

    python run_module.py MODULE --list FILE --out RESULT.jsonl [--skip FILE]

MODULE is named without the leading "test.", as "test_json.test_decode".  FILE
holds the ids to run, one a line.  The package is looked for in the folder that
the variable TAIPAN_CPYTHON_TESTS names, else in the library of CPython 3.13.

Lines written:
    {"start": ID}
    {"id": ID, "outcome": O, "message": M, "seconds": S}
        O is ok, fail, error, skip, xfail or uxsuccess
    {"module": "loaded" | "done" | "error", "message": M}

Exit code 0 when the run came to its end, whatever the outcomes; 3 when the
module could not be loaded; 4 when there is no test suite.

As little as possible is imported here: an interpreter that is not finished yet
should be able to run the simplest modules.
"""

import os
import re
import sys

NO_SUITE = 4


def find_suite():
    """The folder that contains the package `test` of CPython 3.13."""
    named = os.environ.get("TAIPAN_CPYTHON_TESTS")
    if named:
        if os.path.basename(named) == "test":
            named = os.path.dirname(named)
        folders = [named]
    else:
        root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
        folders = [os.path.join(root, "versions", "3.13.0", "lib", "python3.13"),
                   "/usr/local/lib/python3.13", "/usr/lib/python3.13"]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, "test", "test_grammar.py")):
            return os.path.abspath(folder)
    return None


# Changes that make a module of the suite that of 3.14: there is no name `__annotations__` in modules and classes any
# more, and there are no watchers of child processes. A loop has one of its own, of one of two kinds, which 3.14's
# tests choose as here; what 3.13 set up before the tests is left out, as 3.14 leaves it out.
OTHERWISE_IN_3_14 = {
    "test.typinganndata.ann_module": {b"__annotations__[1] = 2": b"pass", b"__annotations__['123'] = 123": b"pass"},
    "test.test_warnings": {
        b"""
py_warnings = import_helper.import_fresh_module('warnings',
                                                blocked=['_warnings'])
c_warnings = import_helper.import_fresh_module('warnings',
                                               fresh=['_warnings'])
""": b"""
py_warnings = import_helper.import_fresh_module('_py_warnings')
py_warnings._set_module(py_warnings)
c_warnings = import_helper.import_fresh_module('warnings', fresh=['_warnings', '_py_warnings'])
c_warnings._set_module(c_warnings)
""",
    },
    "test.test_asyncio.utils": {b"watcher = policy.get_child_watcher()": b"raise NotImplementedError"},
    "test.test_asyncio.test_events": {
        b"watcher = asyncio.SafeChildWatcher()": b"pass",
        b"watcher.attach_loop(self.loop)": b"pass",
        b"asyncio.set_child_watcher(watcher)": b"pass",
        b"asyncio.set_child_watcher(None)": b"pass",
    },
    "test.test_asyncio.test_subprocess": {
        b"unix_events.ThreadedChildWatcher()":
            b"mock.patch.object(unix_events, 'can_use_pidfd', return_value=False)",
        b"unix_events.PidfdChildWatcher()":
            b"mock.patch.object(unix_events, 'can_use_pidfd', return_value=True)",
        b"""
            self.loop = policy.new_event_loop()
            self.set_event_loop(self.loop)

            watcher = self._get_watcher()
            watcher.attach_loop(self.loop)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', DeprecationWarning)
                policy.set_child_watcher(watcher)
""": b"""
            watcher = self._get_watcher()
            watcher.start()
            self.addCleanup(watcher.stop)
            self.loop = policy.new_event_loop()
            self.set_event_loop(self.loop)
""",
        b"""
                watcher = policy.get_child_watcher()
                policy.set_child_watcher(None)
            watcher.attach_loop(None)
            watcher.close()
""": b"""
                pass
""",
    },
}

# Modules that ask for the resource "network" but talk to this machine only.
LOCAL_NETWORK = {"test_socketserver"}


class Changed:
    """Loads a module of the suite with such changes."""

    def __init__(self, name, path):
        self.name, self.path = name, path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        with open(self.path, "rb") as file:
            source = file.read()
        for old, new in OTHERWISE_IN_3_14[self.name].items():
            source = source.replace(old, new)
        exec(compile(source, self.path, "exec"), module.__dict__)


def _stream_names(module):
    """What `_compression` was: 3.14 has it elsewhere, so it is that module itself."""
    from compression._common import _streams
    sys.modules[module.__name__] = _streams


def path_names(module):
    """The names of `pathlib._abc`. Its classes are gone; here they are empty, so that the
    tests of real paths, which share a file with theirs, can be loaded."""
    from pathlib import UnsupportedOperation
    module.UnsupportedOperation = UnsupportedOperation
    for name in ("ParserBase", "PurePathBase", "PathBase"):
        setattr(module, name, type(name, (), {"__module__": module.__name__}))


# Modules of 3.13 that its tests import and 3.14 does not have any more, by what names them.
GONE_IN_3_14 = {"_compression": _stream_names, "pathlib._abc": path_names}


class Gone:
    """Loads a stand-in for such a module."""

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        GONE_IN_3_14[module.__name__](module)


class SuiteFinder:
    """Takes `test` and everything in it from the suite, and nothing else but stand-ins
    for what is gone, so that all other modules are the interpreter's own."""

    def __init__(self, folder):
        # Now: tests of importlib take it out of sys.modules.
        from importlib.machinery import ModuleSpec, PathFinder
        self.spec = ModuleSpec
        self.find = PathFinder.find_spec
        self.folder = folder

    def find_spec(self, name, path=None, target=None):
        if name == "test":
            return self.find(name, [self.folder])
        if name.startswith("test."):
            # Before any finder that knows a `test` of its own.
            spec = self.find(name, path)
            if name in OTHERWISE_IN_3_14:
                spec.loader = Changed(name, spec.origin)
            return spec
        if name in GONE_IN_3_14:
            return self.spec(name, Gone())
        return None

    def invalidate_caches(self):
        pass


def quote(text):
    """A JSON string, made without the module json."""
    parts = ['"']
    for char in text:
        code = ord(char)
        if char == '"' or char == "\\":
            parts.append("\\" + char)
        elif 32 <= code < 127:
            parts.append(char)
        elif code < 0x10000:
            # A lone surrogate is no valid JSON text for a strict reader.
            parts.append("?" if 0xD800 <= code < 0xE000 else "\\u%04x" % code)
        else:
            code -= 0x10000
            parts.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10),
                                             0xDC00 + (code & 0x3FF)))
    parts.append('"')
    return "".join(parts)


class Report:
    """The result file.  Written with os.write: tests replace sys.stdout and open
    itself, and fork; and each line must be out before the next test begins."""

    def __init__(self, path):
        # Away from the low numbers, which tests open and close as they like.
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            import fcntl
            self.fd = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200)
            os.close(fd)
        except (ImportError, AttributeError, OSError):
            self.fd = fd
        self.pid = os.getpid()

    def write(self, **fields):
        if os.getpid() != self.pid:
            return  # A forked child that came back into the runner.
        items = [quote(key) + ": " + (quote(value) if isinstance(value, str)
                                      else repr(round(value, 4)))
                 for key, value in fields.items()]
        os.write(self.fd, ("{" + ", ".join(items) + "}\n").encode("ascii"))


def first_line(error):
    """The kind and first line of an exception, short."""
    try:
        text = str(error)
    except BaseException:
        text = "<str() failed>"
    lines = text.strip().split("\n")
    return (type(error).__name__ + ": " + lines[0])[:300]


def make_result(unittest, report):
    from time import perf_counter

    class Result(unittest.TestResult):
        """Passes on each outcome; the worst of a test and its subtests counts."""

        worst = {"ok": 0, "xfail": 1, "skip": 2, "uxsuccess": 3, "fail": 4, "error": 5}

        def startTest(self, test):
            super().startTest(test)
            self.outcome = "ok"
            self.message = ""
            self.seen = False
            report.write(start=test.id())
            self.begin = perf_counter()

        def stopTest(self, test):
            # Seconds first: a test may have replaced the clock.
            try:
                seconds = max(perf_counter() - self.begin, 0.0)
            except BaseException:
                seconds = 0.0
            outcome = self.outcome if self.seen else "error"
            report.write(id=test.id(), outcome=outcome, message=self.message,
                         seconds=seconds)
            self.begin = None
            super().stopTest(test)
            # Whole tracebacks would pile up and keep the tests' objects alive.
            del self.errors[:], self.failures[:], self.skipped[:]
            del self.expectedFailures[:], self.unexpectedSuccesses[:]

        def note(self, outcome, message=""):
            self.seen = True
            if self.worst[outcome] > self.worst[self.outcome]:
                self.outcome, self.message = outcome, message

        def addSuccess(self, test):
            self.note("ok")

        def addFailure(self, test, err):
            self.note("fail", first_line(err[1]))

        def addError(self, test, err):
            if not hasattr(test, "_testMethodName") and not hasattr(test, "_dt_test"):
                # setUpModule or setUpClass: no test is in progress.
                report.write(module="fixture", message=test.id() + ": " + first_line(err[1]))
                return
            self.note("error", first_line(err[1]))

        def addSkip(self, test, reason):
            if getattr(self, "begin", None) is None:
                # A whole class: its tests simply do not run.
                report.write(module="fixture", message=test.id() + ": skipped: " + str(reason))
                return
            self.note("skip", str(reason).split("\n")[0][:300])

        def addExpectedFailure(self, test, err):
            self.note("xfail", first_line(err[1]))

        def addUnexpectedSuccess(self, test):
            self.note("uxsuccess")

        def addSubTest(self, test, subtest, err):
            if err is None:
                return
            kind = "fail" if issubclass(err[0], test.failureException) else "error"
            self.note(kind, first_line(err[1]))

    return Result


def keep_only(unittest, suite, wanted):
    """Drops the tests that are not wanted, keeping the suites as the module made them."""
    kept = []
    for test in suite._tests:
        if isinstance(test, unittest.TestSuite):
            keep_only(unittest, test, wanted)
            kept.append(test)
        elif test.id() in wanted:
            kept.append(test)
    suite._tests = kept


def read_lines(path):
    if not path:
        return set()
    with open(path, encoding="utf-8") as file:
        return set(file.read().split("\n")) - {""}


def parse_arguments(arguments):
    module, options = None, {"--list": None, "--out": None, "--skip": None}
    position = 0
    while position < len(arguments):
        if arguments[position] in options:
            options[arguments[position]] = arguments[position + 1]
            position += 2
        else:
            module = arguments[position]
            position += 1
    if not module or not options["--out"]:
        sys.exit(__doc__)
    return module, options


def prepare(suite_folder, module):
    """Makes the conditions of `python -m test`: same modules, no resources."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path
                   if os.path.abspath(path) != here or path == ""]
    # A shell lets what it starts in the background ignore this signal, and so would the children.
    try:
        import signal
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    except ImportError:
        pass
    own = None
    try:
        from importlib.machinery import PathFinder
        own = PathFinder.find_spec("test")
    except Exception:
        pass
    folder = own and os.path.dirname(os.path.dirname(own.origin or ""))
    if not folder or os.path.realpath(folder + "/test") != os.path.realpath(suite_folder + "/test"):
        # The interpreter under test has no suite in its library. Tests start the
        # interpreter again, and the program they give it imports
        # `test.support`: show it the package, and no other module beside it.
        folder = os.path.join(os.getcwd(), "suite-path")
        os.mkdir(folder)
        os.symlink(os.path.join(suite_folder, "test"), os.path.join(folder, "test"))
        path = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder + (os.pathsep + path if path else "")
        # Children of multiprocessing take over this list.
        sys.path.append(folder)
        folder = suite_folder
    if sys.version_info >= (3, 14):
        sys.meta_path.insert(0, SuiteFinder(folder))
    import test.support
    test.support.use_resources = ["network"] if module in LOCAL_NETWORK else []
    test.support.verbose = 0
    test.support.record_original_stdout(sys.stdout)
    # Tests that compare with umask or count files want a sober start.
    os.umask(0o022)
    try:
        import faulthandler
        faulthandler.enable()
    except Exception:
        pass
    try:
        import random
        random.seed(0)
    except Exception:
        pass


# Parts of CPython's own C code opened for its tests, no modules of the language.
C_HELPERS = {"_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testbuffer", "_testclinic",
             "_testsinglephase", "_testmultiphase", "_testimportmultiple"}


class Absent(type(sys)):
    """Stands for a C helper: nothing is in it, but what `test.support` asks of every
    interpreter."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def helper(*args, **kwargs):
            raise NotImplementedError(f"{self.__name__}.{name}")

        return helper

    def get_config(self):
        return {"code_debug_ranges": True}

    def get_recursion_depth(self):
        depth, frame = 0, sys._getframe(1)
        while frame is not None:
            depth, frame = depth + 1, frame.f_back
        return depth


def load(name):
    """Imports a module of the suite.  One that can't do without a C helper gets an
    empty one: only the tests that look into it fail then, not all."""
    from unittest import SkipTest
    while True:
        try:
            __import__(name)
            return
        except (ModuleNotFoundError, SkipTest) as error:
            # A skip names the module somewhere in its reason.
            said = set(re.findall(r"\w+", str(error)))
            missing = error.name if isinstance(error, ImportError) else min(said & C_HELPERS, default=None)
            if missing not in C_HELPERS or missing in sys.modules:
                raise
            sys.modules[missing] = Absent(missing)


def main():
    module, options = parse_arguments(sys.argv[1:])
    out = os.path.abspath(options["--out"])
    wanted = read_lines(options["--list"]) - read_lines(options["--skip"])
    suite_folder = find_suite()
    if suite_folder is None:
        print("no test suite of CPython 3.13: set TAIPAN_CPYTHON_TESTS to the folder "
              "that holds its package `test`", file=sys.stderr)
        sys.exit(NO_SUITE)
    report = Report(out)
    try:
        prepare(suite_folder, module)
        import unittest
        name = "test." + module
        if name.endswith(".__init__"):
            name = name[:-len(".__init__")]
        load(name)
        loader = unittest.TestLoader()
        suite = loader.loadTestsFromModule(sys.modules[name])
        if loader.errors:
            raise Exception(loader.errors[0].strip().split("\n")[-1])
    except BaseException as error:
        report.write(module="error", message=first_line(error))
        import traceback
        traceback.print_exc()
        sys.exit(3)
    if options["--list"]:
        keep_only(unittest, suite, wanted)
    report.write(module="loaded", message="")
    result = make_result(unittest, report)()
    suite.run(result)
    report.write(module="done", message="")
    # Threads and children that a test left behind must not hold up the next module.
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
