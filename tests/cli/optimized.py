# options: -O
# -O removes asserts and sets __debug__.
import sys
assert False, "must not run"
print(__debug__, sys.flags.optimize)
def f():
    "doc stays"
print(f.__doc__)
