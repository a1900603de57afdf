# needs: 3.14
# Context managers: order, suppression, exceptions, several at once.
class Manager:
    def __init__(self, name, suppress=False, fail=None):
        self.name, self.suppress, self.fail = name, suppress, fail
    def __enter__(self):
        print("enter", self.name)
        if self.fail == "enter": raise OSError(self.name)
        return self.name
    def __exit__(self, kind, error, tb):
        print("exit", self.name, kind and kind.__name__, error, tb is not None)
        if self.fail == "exit": raise OSError(self.name)
        return self.suppress

with Manager("a") as a, Manager("b") as b:
    print(a, b)
with (Manager("c") as c,
      Manager("d")):
    print(c)
with Manager("s", suppress=True):
    raise ValueError("hidden")
print("after")
for case in (
    lambda: [Manager("x"), Manager("y", fail="enter")],
    lambda: [Manager("x", suppress=True), Manager("y", fail="exit")],
):
    try:
        one, two = case()
        with one, two:
            print("body")
    except OSError as error:
        print("error", error)
def returns():
    with Manager("r"):
        return "value"
print(returns())
for i in range(3):
    with Manager(i):
        if i == 1: break
        continue
try:
    with 1: pass
except TypeError as error:
    print(error)
class HalfManager:
    def __enter__(self): pass
try:
    with HalfManager(): pass
except TypeError as error:
    print(error)
with Manager("t") as (first): pass
target = {}
with Manager("u") as target["k"]: pass
print(target)
try:
    with Manager("chain"):
        raise KeyError("inner")
except KeyError as e: print(repr(e))
from contextlib import contextmanager, ExitStack, suppress, closing, nullcontext
@contextmanager
def cm(x):
    print("in", x)
    try: yield x * 2
    except ValueError: print("cm caught")
    finally: print("out", x)
with cm(4) as v: print(v); raise ValueError
with ExitStack() as st:
    st.enter_context(cm(1)); st.callback(print, "callback", 1)
with suppress(ZeroDivisionError): 1 / 0
with nullcontext(3) as q: print(q)
