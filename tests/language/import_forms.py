# The forms of the import statement over the library.
from __future__ import annotations
import math, sys as system
from math import pi as p, sqrt
from collections import (
    OrderedDict,
    deque,
)
import os.path
import os.path as path
import xml.dom
print(math.floor(2.5), system.__name__, round(p, 3), sqrt(16), deque([1]), os.path is path, xml.dom.__name__)
print("sys" in globals(), OrderedDict(a=1))
try: import no_such_module
except ModuleNotFoundError as e: print(e, e.name)
try: from math import nothing
except ImportError as e: print(str(e).split(" (")[0], e.name)
try: import math.nothing
except ModuleNotFoundError as e: print(e)
def local():
    from string import digits
    import json as j
    return digits, j.loads("[1]")
print(local())
exec("from string import *")
print(ascii_lowercase[:3], "Template" in globals())
x: undefined_is_fine = 5
print(__annotations__)
print(__import__("os.path").__name__, __import__("os.path", fromlist=["join"]).__name__ in ("posixpath",))
import importlib
print(importlib.import_module("json.decoder").__name__, math.__spec__.name, "json" in system.modules)
