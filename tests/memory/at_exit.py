# What runs when the program ends, and in which order.
import atexit, weakref
class T:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
atexit.register(print, "first registered")
@atexit.register
def second(): print("second registered")
atexit.register(print, "kw", sep="-", end="!\n")
f = lambda: print("never"); atexit.register(f); atexit.unregister(f)
t = T("global")
weakref.finalize(t, print, "finalize at exit")
print("end of program")
