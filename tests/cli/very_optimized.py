# options: -OO
import sys
def f():
    "doc goes"
print(f.__doc__, __doc__, sys.flags.optimize)
