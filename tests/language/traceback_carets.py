# Carets under the failing part of a line.
# stderr: compare
# exit: 0
import traceback

def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

class A: pass
a, x, items, d = A(), 1, [1], {"k": {}}
attempt(lambda: a.b.c)
attempt(lambda: x + 2 / 0 + 3)
attempt(lambda: items[5] + items[0])
attempt(lambda: d["k"]["missing"]["more"])
attempt(lambda: len(5) + 1)
attempt(lambda: (1).real.nope())
def multi():
    return max(
        1,
        int("x"),
    )
attempt(multi)
def recursion(n):
    return recursion(n + 1)
def names():
    value_one = 1
    return value_on
attempt(names)
attempt(lambda: a.__clas__)
attempt(lambda: exec("raise KeyError('k')"))
def assert_it():
    assert x == 2, f"x is {x}"
attempt(assert_it)
def with_group():
    raise ExceptionGroup("several", [ValueError(1), ExceptionGroup("inner", [TypeError("t")])])
attempt(with_group)
