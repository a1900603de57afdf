# Packages: relative imports, __all__, dynamic attributes, errors, sys.modules.
import sys
import _pkg.one
from _pkg import *
print(value, one.x, "hidden" in globals(), _pkg.sub.T, _pkg.dynamic)
from _pkg.deep import er
print(er.value, er.t, er.__name__, er.__package__)
try: from _pkg import absent
except ImportError as e: print(type(e).__name__, str(e).split(" (")[0])
try: import _pkg.absent
except ModuleNotFoundError as e: print(e)
try: import _pkg.one.x
except ModuleNotFoundError as e: print(e)
try: import _pkg.broken
except SyntaxError as e: print(e.msg, e.lineno, e.filename.rpartition("/")[2])
for _ in range(2):
    try: import _pkg.fails
    except RuntimeError as e: print(e, "_pkg.fails" in sys.modules)
del sys.modules["_pkg.sub.thing"]
import _pkg.sub.thing
print(sorted(m for m in sys.modules if m.startswith("_pkg")))
sys.modules["blocked"] = None
try: import blocked
except ModuleNotFoundError as e: print(e)
sys.modules["fake"] = 42
import fake; print(fake)
try: exec("from . import x", {"__name__": "__main__", "__package__": None})
except ImportError as e: print(e)
try: exec("from ... import x", {"__name__": "a.b", "__package__": "a"})
except ImportError as e: print(type(e).__name__)
import importlib, importlib.util
print(importlib.reload(_pkg.sub.thing).T, importlib.import_module(".one", "_pkg") is _pkg.one, importlib.util.find_spec("_pkg.one").name, importlib.util.find_spec("no_such"))
